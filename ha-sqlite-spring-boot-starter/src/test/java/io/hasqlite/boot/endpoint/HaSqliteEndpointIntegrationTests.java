package io.hasqlite.boot.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.engine.Peer;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.subscribe.OnError;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/** What the endpoint of one node shows and does. */
class HaSqliteEndpointIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private TestCluster cluster;
  private TestNode one;
  private TestNode two;
  private HaSqliteEndpoint endpoint;

  @BeforeEach
  void prepare() throws Exception {
    cluster = new TestCluster(folder, NATS.url());
    one = cluster.node("one");
    two = cluster.node("two", options -> options.onError(OnError.SKIP));
    one.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    cluster.converge();
    endpoint = new HaSqliteEndpoint(List.of(two.engine()));
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  private static String problem(WebEndpointResponse<Map<String, Object>> response) {
    return String.valueOf(response.getBody().get("problem"));
  }

  @Test
  @DisplayName("The state of every database is shown, of one also its nodes with position and lag")
  @SuppressWarnings("unchecked")
  void stateAndPeersAreShown() throws Exception {
    assertThat(endpoint.databases()).containsOnlyKeys("test");
    assertThat(endpoint.databases().get("test"))
        .containsEntry("node", "two")
        .containsEntry("state", "running")
        .containsEntry("server", NATS.url())
        .containsEntry("position", two.engine().status().position());

    Eventually.holds(
        () ->
            assertThat((List<Peer>) endpoint.database("test").getBody().get("peers"))
                .extracting(Peer::node, Peer::self, Peer::live, Peer::position, Peer::lagMessages)
                .containsExactly(
                    org.assertj.core.groups.Tuple.tuple("one", false, true, 1L, 0L),
                    org.assertj.core.groups.Tuple.tuple("two", true, true, 1L, 0L)));
    assertThat(endpoint.part("test", "peers").getBody()).containsOnlyKeys("peers");
  }

  @Test
  @DisplayName("With the stream away the state is shown all the same, and what needs it is a 503")
  void streamAway() throws Exception {
    NATS.stop();
    try {
      Eventually.holds(() -> assertThat(two.engine().status().connected()).isFalse());

      assertThat(endpoint.database("test").getBody())
          .containsKeys("peersProblem", "problem", "lastProblem")
          .doesNotContainKeys("peers", "server");
      assertThat(endpoint.part("test", "peers").getStatus()).isEqualTo(503);
      assertThat(endpoint.act("test", "snapshot").getStatus()).isEqualTo(503);
    } finally {
      NATS.restart();
    }
  }

  @Test
  @DisplayName("The subscriber is paused and resumed")
  void pauseAndResume() throws Exception {
    assertThat(endpoint.act("test", "pause").getStatus()).isEqualTo(200);
    Eventually.holds(
        () -> assertThat(endpoint.databases().get("test")).containsEntry("state", "paused"));

    assertThat(endpoint.act("test", "resume").getStatus()).isEqualTo(200);
    Eventually.holds(
        () -> assertThat(endpoint.databases().get("test")).containsEntry("state", "running"));
  }

  @Test
  @DisplayName("A snapshot is taken, and shown from then on")
  void snapshot() {
    assertThat(endpoint.act("test", "snapshot").getBody()).containsEntry("snapshotSequence", 1L);

    assertThat(endpoint.databases().get("test").get("snapshot"))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
        .containsEntry("sequence", 1L)
        .hasEntrySatisfying("bytes", bytes -> assertThat((Long) bytes).isPositive())
        .hasEntrySatisfying("storedAt", at -> assertThat((String) at).startsWith("20"));
  }

  @Test
  @DisplayName("Dead letters are listed without their bytes, applied again, and dropped")
  void deadLetters() throws Exception {
    two.awaitSequence(cluster.publish("not readable"));
    two.awaitSequence(cluster.publish("not readable either"));

    assertThat(endpoint.part("test", "dead-letters").getBody().get("deadLetters").toString())
        .contains("sequence=2", "sequence=3", "reason=", "bytes=12")
        .doesNotContain("not readable either");
    assertThat(endpoint.databases().get("test")).containsEntry("deadLetters", 2L);

    WebEndpointResponse<Map<String, Object>> retried = endpoint.retry("test", "dead-letters", "2");
    assertThat(retried.getStatus()).isEqualTo(409);
    assertThat(problem(retried)).contains("cannot be read", "Drop it");

    assertThat(endpoint.drop("test", "dead-letters", "2").getStatus()).isEqualTo(200);
    assertThat(endpoint.drop("test", "dead-letters", "2").getStatus()).isEqualTo(409);
    assertThat(two.engine().deadLetters()).hasSize(1);
  }

  @Test
  @DisplayName("A dead letter that can be applied becomes a transaction of all nodes")
  void deadLetterIsApplied() throws Exception {
    one.engine().close();
    two.awaitSequence(
        cluster.publish(
            """
            {"node":"x","process_id":1,"filename":"x","timestamp_ns":1,"txs":[{"n":1,"base_seq":0,"changes":1}],
             "changes":[{"database":"main","table":"","columns":[],"operation":"SQL",
             "command":"INSERT INTO t VALUES(7)","ts_ns":1}]}
            """));
    assertThat(two.query("SELECT id FROM t")).isEmpty();
    assertThat(two.engine().deadLetters()).hasSize(1);

    WebEndpointResponse<Map<String, Object>> retried = endpoint.retry("test", "dead-letters", "2");

    assertThat(retried.getStatus()).as("%s", retried.getBody()).isEqualTo(200);
    assertThat(two.query("SELECT id FROM t")).containsExactly("7");
    assertThat(two.engine().deadLetters()).isEmpty();
  }

  @Test
  @DisplayName("The consumer of a node that is gone is removed; that of a live one is not")
  void peerIsRemoved() {
    WebEndpointResponse<Map<String, Object>> refused = endpoint.drop("test", "peers", "one");
    assertThat(refused.getStatus()).isEqualTo(409);
    assertThat(problem(refused)).contains("one", "Stop that node first");
    assertThat(endpoint.drop("test", "peers", "two").getStatus()).isEqualTo(409);

    one.close();

    assertThat(endpoint.drop("test", "peers", "one").getStatus()).isEqualTo(200);
    assertThat(endpoint.drop("test", "peers", "one").getStatus()).isEqualTo(404);
    assertThat(two.engine().peers()).hasSize(1);
  }

  @Test
  @DisplayName("What is not there is a 404 that says what is")
  void unknownNames() {
    assertThat(problem(endpoint.database("other"))).contains("\"other\"", "[test]");
    for (WebEndpointResponse<?> response :
        List.of(
            endpoint.database("other"),
            endpoint.part("test", "x"),
            endpoint.act("test", "x"),
            endpoint.act("other", "pause"),
            endpoint.retry("test", "peers", "1"),
            endpoint.retry("test", "dead-letters", "x"),
            endpoint.drop("test", "x", "1"))) {
      assertThat(response.getStatus()).isEqualTo(404);
    }
    assertThat(two.engine().status().state()).isEqualTo(State.RUNNING);
  }
}
