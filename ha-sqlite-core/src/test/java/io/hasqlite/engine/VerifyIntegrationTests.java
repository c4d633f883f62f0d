package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.Operation;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Nodes compare what they hold while they run. */
@Timeout(60)
class VerifyIntegrationTests {

  private static final Duration OFTEN = Duration.ofMillis(300);

  /** However fast a node writes, its tables stay so small that it is compared often. */
  private static final int ROWS_MAX = 500;

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private final ChangeSetCodec codec = new ChangeSetCodec();
  private TestCluster cluster;

  @BeforeEach
  void prepare() {
    cluster = new TestCluster(folder, NATS.url());
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  private TestNode node(String name) {
    return cluster.node(name, options -> options.verifyInterval(OFTEN));
  }

  private static void plain(TestNode node, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + node.file());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void awaitState(TestNode node, State state, String... problem) throws Exception {
    Eventually.holds(
        () -> {
          ReplicationStatus status = node.engine().status();
          assertThat(status.state()).as(status.toString()).isEqualTo(state);
          if (problem.length == 0) {
            assertThat(status.problem()).isNull();
          } else {
            assertThat(status.problem()).contains(problem);
          }
        });
  }

  /** Returns the answers to the markers that ask for everything: by marker and node. */
  private Map<Long, Map<String, List<Object>>> answers() throws Exception {
    Map<Long, Map<String, List<Object>>> answers = new TreeMap<>();
    long last = cluster.lastSequence();
    for (long sequence = 1; sequence <= last; sequence++) {
      ChangeSet message = codec.decode(cluster.message(sequence));
      for (Change change : message.changes()) {
        if (change.operation() != Operation.CUSTOM) {
          continue;
        }
        List<Object> args = change.args();
        if ("ha_verify".equals(change.command()) && args.isEmpty()) {
          answers.put(sequence, new TreeMap<>());
        } else if (!args.isEmpty()
            && args.get(0) instanceof Long marker
            && answers.containsKey(marker)) {
          answers.get(marker).put(message.origin().node().value(), args);
        }
      }
    }
    return answers;
  }

  @Test
  @DisplayName("A row changed behind our back on one of three nodes is found, with table and key")
  void theNodeThatDiffersFromTheMajorityIsFound() throws Exception {
    TestNode a = node("a");
    TestNode b = node("b");
    TestNode c = node("c");
    a.run(
        "CREATE TABLE other(v)",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
            + " INSERT INTO t SELECT i, 'row ' || i FROM n");
    cluster.converge();
    plain(c, "UPDATE t SET v = 'tampered' WHERE id IN (777, 778)");
    awaitState(c, State.DIFFERENT, "node c", "those of a, b", "different are t", "id = 77");
    awaitState(a, State.RUNNING);
    awaitState(b, State.RUNNING);
    c.run("INSERT INTO other VALUES('still writes')");
    plain(c, "UPDATE t SET v = 'row ' || id WHERE id IN (777, 778)");
    awaitState(c, State.RUNNING);
    cluster.converge();
  }

  @Test
  @DisplayName("A row changed behind our back on one of two nodes is found on both")
  void ofTwoNodesBothSayIt() throws Exception {
    TestNode a = node("a");
    TestNode b = node("b");
    a.run("CREATE TABLE t(name TEXT PRIMARY KEY NOT NULL, v)", "INSERT INTO t VALUES('x', 1)");
    cluster.converge();
    plain(b, "UPDATE t SET v = '1'");
    awaitState(a, State.DIFFERENT, "those of b", "name = 'x'");
    awaitState(b, State.DIFFERENT, "those of a", "name = 'x'");
    plain(b, "UPDATE t SET v = 1");
    awaitState(a, State.RUNNING);
    awaitState(b, State.RUNNING);
  }

  @Test
  @DisplayName("An index made behind our back is found")
  void aDifferentSchemaIsFound() throws Exception {
    TestNode a = node("a");
    TestNode b = node("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    b.awaitSame(a);
    plain(b, "CREATE INDEX behind ON t(v)");
    awaitState(a, State.DIFFERENT, "sqlite_schema", "'index', 'behind'");
  }

  @Test
  @DisplayName("Nodes that write as fast as they can are compared at one place, and are equal")
  void anEqualClusterStaysSilentUnderWrites() throws Exception {
    List<TestNode> nodes = List.of(node("a"), node("b"), node("c"));
    nodes.get(0).run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "CREATE TABLE bare(v)");
    cluster.converge();
    AtomicBoolean enough = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(nodes.size());
    try {
      List<Future<Void>> writing = new ArrayList<>();
      for (TestNode node : nodes) {
        writing.add(threads.submit(() -> write(node, enough)));
      }
      Eventually.holds(
          () ->
              assertThat(answers().values().stream().filter(answers -> answers.size() == 3).count())
                  .isGreaterThanOrEqualTo(3));
      enough.set(true);
      for (Future<Void> result : writing) {
        result.get();
      }
    } finally {
      threads.shutdownNow();
    }
    cluster.converge();
    for (Map<String, List<Object>> answers : answers().values()) {
      assertThat(answers.values().stream().distinct()).hasSizeLessThanOrEqualTo(1);
    }
    assertThat(answers().values().stream().flatMap(m -> m.values().stream()).distinct())
        .hasSizeGreaterThan(2); // the rows did change in between
  }

  private static Void write(TestNode node, AtomicBoolean enough) throws SQLException {
    for (int i = 0; !enough.get(); i++) {
      node.run(
          "INSERT OR REPLACE INTO t VALUES(" + i % 50 + ", random())",
          "INSERT INTO bare VALUES(" + i + ")",
          "DELETE FROM bare WHERE v <= " + (i - ROWS_MAX)); // a comparison reads all, with pauses
      assertThat(node.engine().status().problem()).isNull();
      assertThat(node.engine().status().state()).isEqualTo(State.RUNNING);
    }
    return null;
  }

  @Test
  @DisplayName("A node that always has something pending is compared, without that")
  void anAsynchronousNodeUnderConstantLoadIsCompared() throws Exception {
    TestNode a = node("a");
    TestNode b = cluster.node("b", options -> options.verifyInterval(OFTEN).publisherAsync(true));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "CREATE TABLE bare(v)");
    b.awaitSame(a);
    AtomicBoolean enough = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<Void>> writing = new ArrayList<>();
      for (TestNode node : List.of(a, b)) {
        writing.add(threads.submit(() -> write(node, enough)));
      }
      Eventually.holds(
          () ->
              assertThat(answers().values().stream().filter(found -> found.size() == 2).count())
                  .isGreaterThanOrEqualTo(3));
      enough.set(true);
      for (Future<Void> result : writing) {
        result.get();
      }
    } finally {
      enough.set(true);
      threads.shutdownNow();
    }
    for (Map<String, List<Object>> found : answers().values()) {
      assertThat(found.values().stream().distinct()).hasSizeLessThanOrEqualTo(1);
    }
    plain(b, "INSERT INTO t VALUES(-1, 'behind')");
    awaitState(a, State.DIFFERENT, "those of b", "id = -1");
    awaitState(b, State.DIFFERENT, "those of a", "id = -1");
  }

  @Test
  @DisplayName("What is pending is no difference, and hides none")
  void whatIsPendingIsLeftOutOfTheComparison() throws Exception {
    TestNode a = node("a");
    TestNode b =
        cluster.node(
            "b", options -> options.verifyInterval(OFTEN).publisherAsync(true).relayStarted(false));
    a.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
        "INSERT INTO t VALUES(1, 'one'), (2, 'two'), (3, 'three')");
    b.awaitSame(a);
    Eventually.holds(() -> assertThat(b.engine().status().state()).isEqualTo(State.RUNNING));
    b.transaction(
        "UPDATE t SET id = 20 WHERE id = 2", "INSERT OR REPLACE INTO t VALUES(1, 'pending')");
    b.run("DELETE FROM t WHERE id = 3");
    Eventually.holds(
        () ->
            assertThat(
                    b.query(
                        "SELECT 1 FROM ha_outbox WHERE CAST(payload AS TEXT) LIKE '%ha_verify_answer%'"))
                .as("answers that wait behind what is pending")
                .hasSizeGreaterThan(1));
    long before = cluster.lastSequence();
    while (b.engine().sendNext()) {
      // one message after the other
    }
    List<Map<String, List<Object>>> asked = new ArrayList<>();
    answers().forEach((marker, found) -> asked.add(marker <= before ? found : Map.of()));
    assertThat(asked).anyMatch(found -> found.size() == 2);
    for (Map<String, List<Object>> found : asked) {
      assertThat(found.values().stream().distinct()).hasSizeLessThanOrEqualTo(1);
    }
    a.awaitSequence(cluster.lastSequence());
    assertThat(a.engine().status().problem()).isNull();
    b.close();
    try (var files = Files.list(folder)) {
      assertThat(files).noneMatch(file -> file.toString().contains("-ha-verify"));
    }
  }

  @Test
  @DisplayName("A node with interval zero takes no part")
  void aNodeThatDoesNotWantToIsNotCompared() throws Exception {
    TestNode a = node("a");
    TestNode b = cluster.node("b", options -> options.verifyInterval(Duration.ZERO));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'x')");
    b.awaitSame(a);
    plain(b, "UPDATE t SET v = 'mine'");
    Eventually.holds(
        () -> assertThat(answers().values()).anyMatch(found -> found.containsKey("a")));
    assertThat(answers().values()).noneMatch(found -> found.containsKey("b"));
    assertThat(a.engine().status().problem()).isNull();
    assertThat(b.engine().status().problem()).isNull();
  }

  @Test
  @DisplayName("Markers and answers that make no sense are counted and have no effect")
  void nonsenseIsIgnored() throws Exception {
    TestNode a = node("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    for (String args :
        List.of(
            "[1]",
            "[\"t\",99,0,0]",
            "[\"no such table\",0,0,1]",
            "[\"ha_stats\",0,0,1]",
            "[\"t\",8,-1,0]",
            "[null,null,null,null]")) {
      cluster.publish(
          "{\"changes\":[{\"operation\":\"CUSTOM\",\"command\":\"ha_verify\",\"args\":"
              + args
              + "}]}");
      cluster.publish(
          "{\"changes\":[{\"operation\":\"CUSTOM\",\"command\":\"ha_verify_answer\",\"args\":"
              + args
              + "}]}");
    }
    long last = cluster.lastSequence();
    a.awaitSequence(last);
    Eventually.holds(() -> assertThat(answers()).isNotEmpty());
    a.run("INSERT INTO t VALUES(1, 'x')");
    assertThat(a.engine().status().state()).isEqualTo(State.RUNNING);
  }
}
