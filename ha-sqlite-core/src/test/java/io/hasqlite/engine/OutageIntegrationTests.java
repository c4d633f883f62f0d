package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TcpProxy;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.StreamConfiguration;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of nodes, asynchronous ones too, while something of NATS is away. */
@Timeout(120)
class OutageIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private TestCluster cluster;
  private TestNode sync;
  private TestNode async;

  @BeforeEach
  void start() throws Exception {
    cluster = new TestCluster(folder, NATS.url());
    sync = cluster.node("sync", options -> options.publisherTimeout(Duration.ofSeconds(2)));
    async =
        cluster.node(
            "async",
            options -> options.publisherAsync(true).publisherTimeout(Duration.ofSeconds(2)));
    sync.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'before')");
    async.awaitSame(sync);
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  private static void assertState(TestNode node, State state, String problem) throws Exception {
    Eventually.holds(
        () -> {
          ReplicationStatus status = node.engine().status();
          assertThat(status.state()).as("%s", status).isEqualTo(state);
          assertThat(String.valueOf(status.problem())).contains(String.valueOf(problem));
        });
  }

  private static void assertRefused(TestNode node, String state) {
    assertThatThrownBy(() -> node.run("INSERT INTO t VALUES(99, 'refused')"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state));
  }

  private static long backlog(TestNode node) {
    return node.engine().status().backlog().transactions();
  }

  @Test
  @DisplayName("D28: a hundred asynchronous transactions a second, no growing backlog")
  void theBacklogDoesNotGrow() throws Exception {
    int transactions = 400;
    try (Connection connection = async.connect();
        PreparedStatement insert = connection.prepareStatement("INSERT INTO t VALUES(?, 'x')")) {
      long next = System.nanoTime();
      for (int i = 0; i < transactions; i++) {
        insert.setInt(1, 100 + i);
        insert.executeUpdate();
        next += Duration.ofMillis(10).toNanos();
        LockSupport.parkNanos(next - System.nanoTime());
      }
    }
    assertThat(backlog(async)).isLessThan(transactions / 2);
    // At ten messages a second, each with one transaction, this would take half a minute.
    Eventually.holds(() -> assertThat(backlog(async)).isZero());
    sync.awaitSame(async);
    assertThat(sync.one("SELECT count(*) FROM t")).isEqualTo(String.valueOf(transactions + 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
  @DisplayName("D31: the server goes away in the middle of a start with a position: no error")
  void aStartGoesOnWithoutTheServer(int calls) throws Exception {
    try (TestNode first =
        TestNode.start(folder, "a", NATS.url(), options -> options.stream(cluster.options()))) {
      first.awaitSame(sync);
    }
    AtomicInteger left = new AtomicInteger(calls);
    try (TcpProxy proxy = TcpProxy.to(NATS.server().port())) {
      TestNode a =
          cluster.node(
              "a",
              proxy.url(),
              options ->
                  options
                      .publisherAsync(true)
                      .startupTimeout(Duration.ofSeconds(1))
                      .streamWrapper(stream -> cutAfter(stream, left, proxy::refuse)));
      Eventually.holds(() -> assertThat(left).hasNonPositiveValue());
      a.run("INSERT INTO t VALUES(2, 'alone')");
      proxy.pass();
      assertState(a, State.RUNNING, null);
      Eventually.holds(() -> assertThat(backlog(a)).isZero());
      cluster.converge();
      assertThat(sync.query("SELECT id FROM t")).containsExactly("1", "2");
    }
  }

  /** Makes the server go away when the stream was asked for the last time that is left. */
  private static ChangeStream cutAfter(ChangeStream stream, AtomicInteger left, Runnable cut) {
    return StreamCalls.of(
        stream,
        method -> {
          if (!method.matches("isConnected|connection|close") && left.decrementAndGet() == 0) {
            cut.run();
          }
        });
  }

  @Test
  @DisplayName("D30: the consumer is deleted while running")
  void aDeletedConsumerIsMadeAgain() throws Exception {
    JetStreamManagement management = cluster.client().jetStreamManagement();
    for (TestNode node : new TestNode[] {sync, async}) {
      String name = "test_" + node.engine().status().node();
      management.deleteConsumer(cluster.stream(), name);
      TestNode other = node == sync ? async : sync;
      other.run("INSERT INTO t VALUES(NULL, 'while " + name + " is gone')");
      Eventually.holds(() -> assertThat(backlog(other)).isZero());
      node.awaitSame(other);
    }
    cluster.converge();
    assertThat(sync.one("SELECT count(*) FROM t")).isEqualTo("3");
  }

  @Test
  @DisplayName("D30: the stream is deleted, and made again, while running")
  void aDeletedStreamIsSaidAndAnotherOneIsNotFollowed() throws Exception {
    JetStreamManagement management = cluster.client().jetStreamManagement();
    StreamConfiguration configuration =
        management.getStreamInfo(cluster.stream()).getConfiguration();
    management.deleteStream(cluster.stream());
    assertState(sync, State.RETRYING, "does not exist");
    assertState(async, State.RETRYING, "does not exist");
    assertRefused(sync, "08006");
    async.run("INSERT INTO t VALUES(2, 'waits')");
    assertThat(backlog(async)).isEqualTo(1);
    management.addStream(configuration);
    assertState(sync, State.HALTED, "deleted and made again");
    assertState(async, State.HALTED, "deleted and made again");
    assertRefused(sync, "55000");
    assertRefused(async, "55000");
    assertThat(async.query("SELECT v FROM t")).containsExactly("before", "waits");
    assertThat(management.getStreamInfo(cluster.stream()).getStreamState().getMsgCount()).isZero();
  }

  @Test
  @DisplayName("D39: a server comes back without its disk")
  void aStreamThatWasLostWithItsServerIsNotFollowed() throws Exception {
    NATS.restartEmpty();
    cluster.client().jetStreamManagement().addStream(configuration());
    assertState(sync, State.HALTED, "deleted and made again");
    assertState(async, State.HALTED, "deleted and made again");
    assertRefused(sync, "55000");
    assertRefused(async, "55000");
    assertThat(sync.query("SELECT v FROM t")).containsExactly("before");
  }

  private StreamConfiguration configuration() {
    return StreamConfiguration.builder()
        .name(cluster.stream())
        .subjects(cluster.stream(), cluster.stream() + ".>")
        .build();
  }

  @Test
  @DisplayName("D31: NATS is away: asynchronous writes go on, and reads everywhere")
  void withoutAServerAsynchronousNodesGoOn() throws Exception {
    NATS.kill();
    Eventually.holds(
        () -> assertThat(async.engine().status().state()).isEqualTo(State.DISCONNECTED));
    int transactions = 500;
    try (Connection connection = async.connect();
        PreparedStatement update =
            connection.prepareStatement("INSERT OR REPLACE INTO t VALUES(1, ?)")) {
      for (int i = 1; i <= transactions; i++) {
        update.setInt(1, i);
        update.executeUpdate();
      }
    }
    ReplicationStatus away = async.engine().status();
    assertThat(away.backlog().transactions()).isEqualTo(transactions);
    assertThat(away.backlog().bytes()).isPositive();
    assertThat(away.backlog().oldest()).isNotNull();
    assertThat(async.one("SELECT v FROM t")).isEqualTo("" + transactions);
    assertThat(sync.one("SELECT v FROM t")).isEqualTo("before");
    assertRefused(sync, "08006");
    NATS.restart();
    Eventually.holds(() -> assertThat(backlog(async)).isZero());
    cluster.converge();
    assertThat(sync.one("SELECT v FROM t")).isEqualTo("" + transactions);
    assertThat(cluster.lastSequence()).isLessThan(transactions / 10); // few messages, not many
  }
}
