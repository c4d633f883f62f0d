package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.apply.FenceMessages;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TcpProxy;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import java.io.BufferedReader;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One thread of one node commits, and nobody else does. */
@Timeout(180)
class FenceIntegrationTests {

  private static final FenceOptions FENCE =
      new FenceOptions("a test", Duration.ofSeconds(30), Duration.ofSeconds(20));

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private final ChangeSetCodec codec = new ChangeSetCodec();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private TestCluster cluster;

  @BeforeEach
  void prepare() {
    cluster = new TestCluster(folder, NATS.url());
  }

  @AfterEach
  void stop() throws Exception {
    threads.shutdownNow();
    cluster.close();
  }

  private static UnaryOperator<HaSqliteOptions.Builder> async() {
    return options -> options.publisherAsync(true);
  }

  private static FenceOptions expiringAfter(Duration expiry) {
    return new FenceOptions("a test", Duration.ofSeconds(30), expiry);
  }

  private static void exclusively(TestNode node, FenceOptions options, Section section)
      throws Exception {
    node.engine()
        .exclusively(
            options,
            () -> {
              section.run();
              return null;
            });
  }

  private interface Section {
    void run() throws Exception;
  }

  private static boolean isWaiting(Future<?> future) throws Exception {
    try {
      future.get(200, TimeUnit.MILLISECONDS);
      return false;
    } catch (TimeoutException e) {
      return true;
    }
  }

  /** Returns the changesets of the stream, in order. */
  private List<ChangeSet> messages() throws Exception {
    List<ChangeSet> messages = new ArrayList<>();
    for (long sequence = 1; sequence <= cluster.lastSequence(); sequence++) {
      messages.add(codec.decode(cluster.message(sequence)));
    }
    return messages;
  }

  private long fence(TestNode node) throws SQLException {
    return Long.parseLong(node.one("SELECT number FROM ha_fence"));
  }

  @Test
  @DisplayName(
      "While one thread has the database, writers of other nodes and threads wait; reads go on")
  void writersOfOtherNodesAndThreadsWait() throws Exception {
    TestNode a = cluster.node("a");
    TestNode b = cluster.node("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    b.awaitSame(a);

    exclusively(
        a,
        FENCE,
        () -> {
          Future<?> there = threads.submit(run(() -> b.run("INSERT INTO t VALUES(2, 'b')")));
          Future<?> here = threads.submit(run(() -> a.run("INSERT INTO t VALUES(3, 'a2')")));
          assertThat(isWaiting(there)).as("writer of b").isTrue();
          assertThat(isWaiting(here)).as("other thread of a").isTrue();
          a.transaction("INSERT INTO t VALUES(1, 'a')", "UPDATE t SET v = 'a!' WHERE id = 1");
          b.awaitSame(a);
          assertThat(b.query("SELECT id, v FROM t")).containsExactly("1|a!");
          a.engine().exclusively(FENCE, () -> a.query("SELECT 1 FROM t")); // part of it
          assertThat(there.isDone() || here.isDone()).isFalse();
        });

    Eventually.holds(() -> assertThat(b.query("SELECT id FROM t")).containsExactly("1", "2", "3"));
    cluster.converge();
    assertThat(b.query("SELECT * FROM ha_fence")).isEmpty();
  }

  private static Callable<Void> run(Section section) {
    return () -> {
      section.run();
      return null;
    };
  }

  @Test
  @DisplayName(
      "Under two steady writers a migration of many transactions ends, and none has to be repeated")
  void aMigrationEndsUnderSteadyWriters() throws Exception {
    TestNode a = cluster.node("a");
    List<TestNode> writers = List.of(cluster.node("b"), cluster.node("c", async()));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, node, n)");
    AtomicBoolean end = new AtomicBoolean();
    List<Future<Integer>> written = new ArrayList<>();
    for (TestNode writer : writers) {
      writer.awaitSame(a);
      written.add(threads.submit(() -> write(writer, end)));
    }
    for (TestNode writer : writers) {
      String name = writer.engine().status().node().value();
      Eventually.holds(
          () ->
              assertThat(a.query("SELECT 1 FROM t WHERE node = '" + name + "'"))
                  .hasSizeGreaterThan(3));
    }

    long start = System.nanoTime();
    exclusively(
        a,
        FENCE,
        () -> {
          for (int i = 1; i <= 10; i++) {
            a.transaction(
                "ALTER TABLE t ADD COLUMN c" + i + " DEFAULT " + i,
                "CREATE TABLE done" + i + "(x)",
                "INSERT INTO done" + i + " SELECT count(*) FROM t");
          }
        });
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));

    end.set(true);
    int count = 0;
    for (Future<Integer> writer : written) {
      count += writer.get(30, TimeUnit.SECONDS);
    }
    int expected = count;
    Eventually.holds(() -> assertThat(a.query("SELECT DISTINCT node, n FROM t")).hasSize(expected));
    for (TestNode writer : writers) {
      Eventually.holds(
          () -> assertThat(writer.engine().status().backlog().transactions()).isZero());
    }
    cluster.converge();
    assertThat(a.query("SELECT x FROM done1 UNION SELECT x FROM done10"))
        .as("nobody wrote in between")
        .hasSize(1);
  }

  private static int write(TestNode node, AtomicBoolean end) throws SQLException {
    String name = node.engine().status().node().value();
    int written = 0;
    try (Connection connection = node.connect();
        Statement statement = connection.createStatement()) {
      // Ids of its own: automatic ones of two nodes would collide.
      int id = name.charAt(0) * 1_000_000;
      while (!end.get()) {
        statement.execute(
            "INSERT INTO t(id, node, n) VALUES(" + ++id + ", '" + name + "', " + written + ")");
        written++;
      }
    }
    return written;
  }

  @Test
  @DisplayName("An asynchronous node goes on under another's fence and publishes afterwards")
  void anAsynchronousNodeKeepsToItselfWhatItCommits() throws Exception {
    TestNode a = cluster.node("a", async());
    TestNode b = cluster.node("b", async());
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'a')");
    Eventually.holds(() -> assertThat(a.engine().status().backlog().transactions()).isZero());
    b.awaitSame(a);

    exclusively(
        a,
        FENCE,
        () -> {
          b.run("UPDATE t SET v = 'b' WHERE id = 1", "INSERT INTO t VALUES(2, 'b')");
          Future<?> ddl = threads.submit(run(() -> b.run("CREATE TABLE u(x)")));
          assertThat(isWaiting(ddl)).isTrue();
          a.transaction(
              "ALTER TABLE t RENAME COLUMN v TO w",
              "ALTER TABLE t ADD COLUMN x DEFAULT 7",
              "UPDATE t SET x = 8");
          a.run("UPDATE t SET x = x + 1");
          assertThat(a.query("SELECT * FROM t")).containsExactly("1|a|9");
          b.awaitSame(a);
          assertThat(b.query("SELECT id, x FROM t")).containsExactly("1|9", "2|7");
        });

    Eventually.holds(() -> assertThat(a.query("SELECT id FROM t")).containsExactly("1", "2"));
    Eventually.holds(
        () -> assertThat(a.query("SELECT name FROM sqlite_schema WHERE name = 'u'")).hasSize(1));
    cluster.converge();
    long last = 0;
    long fences = 0;
    for (ChangeSet message : messages()) {
      fences += message.fence() != 0 ? 1 : 0;
      last = message.fence() != 0 ? message.transactions().get(0).number() : last;
    }
    assertThat(fences).as("committed under the fence").isEqualTo(2);
    assertThat(last).isPositive();
  }

  @Test
  @DisplayName(
      "Three nodes begin at the same second on an empty cluster: each finds an empty file or all of it")
  void threeNodesBeginAtOnce() throws Exception {
    List<TestNode> nodes =
        List.of(cluster.node("a"), cluster.node("b", async()), cluster.node("c"));
    CyclicBarrier barrier = new CyclicBarrier(nodes.size());
    List<Future<?>> migrations = new ArrayList<>();
    for (TestNode node : nodes) {
      migrations.add(
          threads.submit(
              run(
                  () -> {
                    barrier.await();
                    exclusively(node, FENCE, () -> migrate(node));
                  })));
    }
    for (Future<?> migration : migrations) {
      migration.get(60, TimeUnit.SECONDS);
    }

    cluster.converge();
    assertThat(nodes.get(0).query("SELECT count(*) FROM history")).containsExactly("1");
    nodes.get(1).restart();
    cluster.converge();
  }

  /** Like Flyway: refuses a database that is not empty and not its own. */
  private static void migrate(TestNode node) throws SQLException {
    List<String> tables = node.query("SELECT name FROM sqlite_schema WHERE type = 'table'");
    if (tables.isEmpty()) {
      node.transaction(
          "CREATE TABLE history(id INTEGER PRIMARY KEY AUTOINCREMENT, v)",
          "INSERT INTO history(v) VALUES('V1')");
    } else {
      assertThat(tables).contains("history");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName(
      "A holder is killed in the middle: another one goes on after the expiry, its own next process at once")
  void aKilledHolderIsReplaced(boolean byAnother) throws Exception {
    TestNode b = byAnother ? cluster.node("b") : null;
    Process holder = startHolder("a", byAnother ? "500" : "3600000");
    try (BufferedReader said = holder.inputReader()) {
      assertThat(said.lines().anyMatch(FenceHolder.HELD::equals)).isTrue();
      holder.destroyForcibly().waitFor();
    }

    TestNode next = byAnother ? b : cluster.node("a");
    exclusively(
        next,
        FENCE,
        () -> {
          assertThat(next.query("SELECT name FROM sqlite_schema WHERE name LIKE 'step%'"))
              .containsExactly("step1");
          next.run("CREATE TABLE step2(id INTEGER PRIMARY KEY, v)");
        });

    cluster.node(byAnother ? "a" : "b");
    cluster.converge();
  }

  private Process startHolder(String name, String expiryMillis) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:TieredStopAtLevel=1",
            "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
            "-cp",
            System.getProperty("java.class.path"),
            FenceHolder.class.getName(),
            folder.resolve(name + ".db").toString(),
            name,
            NATS.url(),
            cluster.stream(),
            expiryMillis)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  @Test
  @DisplayName(
      "A holder that is cut off loses its fence: what it commits then has no effect anywhere")
  void aHolderThatIsCutOffLosesItsFence() throws Exception {
    try (TcpProxy proxy = TcpProxy.to(URI.create(NATS.url()).getPort())) {
      TestNode a = cluster.node("a", proxy.url(), UnaryOperator.identity());
      TestNode b = cluster.node("b");
      a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
      b.awaitSame(a);

      exclusively(
          a,
          expiringAfter(Duration.ofMillis(400)),
          () -> {
            a.run("INSERT INTO t VALUES(1)");
            proxy.refuse();
            exclusively(b, FENCE, () -> b.run("INSERT INTO t VALUES(2)"));
            proxy.pass();
            Eventually.holds(
                () -> assertThat(a.query("SELECT id FROM t")).containsExactly("1", "2"));
            assertThatThrownBy(() -> a.run("INSERT INTO t VALUES(3)"))
                .isInstanceOfSatisfying(
                    SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"))
                .hasMessageContaining("fence");
          });

      a.run("INSERT INTO t VALUES(4)");
      cluster.converge();
      assertThat(b.query("SELECT id FROM t")).containsExactly("1", "2", "4");
    }
  }

  @Test
  @DisplayName(
      "A message of a holder that comes after the end of its fence is left out by all nodes alike")
  void lateMessagesOfAHolderAreLeftOut() throws Exception {
    TestNode a = cluster.node("a");
    TestNode b = cluster.node("b", async());
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    Origin gone = new Origin(new NodeId("gone"), 77);
    long first = cluster.publish(codec.encode(open(gone, "one")));
    long ignored = cluster.publish(codec.encode(open(gone, "two")));
    cluster.publish(codec.encode(insert(gone, 1, 1, first)));
    cluster.publish(codec.encode(insert(gone, 2, 2, ignored)));
    cluster.publish(codec.encode(FenceMessages.end(gone, "f", ignored)));
    cluster.publish(codec.encode(insert(gone, 3, 3, first)));
    cluster.publish(codec.encode(FenceMessages.end(gone, "f", first)));
    cluster.publish(codec.encode(insert(gone, 4, 4, first)));
    cluster.publish(codec.encode(insert(gone, 4, 5, first))); // repeated, with something else

    cluster.converge();
    assertThat(a.query("SELECT id FROM t")).containsExactly("1", "3");
    TestNode late = cluster.node("late");
    cluster.converge();
    assertThat(late.query("SELECT n FROM ha_marks WHERE node = 'gone'")).containsExactly("4");
    assertThat(b.query("SELECT * FROM ha_fence")).isEmpty();
  }

  private static ChangeSet open(Origin origin, String token) {
    return FenceMessages.open(origin, "f", token, "a test", Duration.ofMinutes(30));
  }

  private static ChangeSet insert(Origin origin, long number, long id, long fence) {
    Change row = Change.insert("t", List.of("id"), List.of("id"), id, List.of(id), 0);
    return new ChangeSet(
        origin,
        "f",
        0,
        List.of(new Transaction(number, 0, List.of(row))),
        fence == 0 ? Set.of() : Set.of(ChangeSet.REQUIRES_FENCE),
        null,
        fence);
  }

  @Test
  @DisplayName("A message that was under way makes the holder's transaction fail, rows or not")
  void whatWasUnderWayComesInBetween() throws Exception {
    TestNode a = cluster.node("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    Origin straggler = new Origin(new NodeId("straggler"), 78);
    exclusively(
        a,
        FENCE,
        () -> {
          try (Connection connection = a.connect();
              Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO t SELECT 100 + count(*) FROM t");
            cluster.publish(codec.encode(insert(straggler, 1, 1, 0)));
            assertThatThrownBy(connection::commit)
                .isInstanceOfSatisfying(
                    SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));
            connection.rollback();
            statement.execute("INSERT INTO t SELECT 100 + count(*) FROM t");
            connection.commit();
          }
        });
    cluster.converge();
    assertThat(a.query("SELECT id FROM t ORDER BY id")).containsExactly("1", "101");
  }

  @Test
  @DisplayName(
      "A snapshot holds the open fence: a node that begins with it judges as all others do")
  void aSnapshotHoldsTheOpenFence() throws Exception {
    TestNode a = cluster.node("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    exclusively(
        a,
        FENCE,
        () -> {
          a.run("INSERT INTO t VALUES(1)");
          a.engine().snapshotter().take();
          TestNode late = cluster.node("late");
          assertThat(fence(late)).isEqualTo(fence(a));
          a.run("INSERT INTO t VALUES(2)");
          late.awaitSame(a);
          assertThat(late.query("SELECT id FROM t")).containsExactly("1", "2");
        });
    cluster.converge();
  }

  @Test
  @DisplayName(
      "Who waits too long for a fence is told so, and who holds it keeps it for as long as it answers")
  void aHolderThatAnswersKeepsItsFence() throws Exception {
    TestNode a = cluster.node("a");
    TestNode b = cluster.node("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    b.awaitSame(a);
    exclusively(
        a,
        expiringAfter(Duration.ofMillis(300)),
        () -> {
          FenceOptions impatient =
              new FenceOptions("another test", Duration.ofSeconds(1), Duration.ofSeconds(1));
          assertThatThrownBy(() -> b.engine().exclusively(impatient, () -> null))
              .isInstanceOf(FenceException.class)
              .hasMessageContaining("a test")
              .hasMessageContaining("another test");
          assertThatThrownBy(() -> b.run("INSERT INTO t VALUES(1)"))
              .isInstanceOfSatisfying(
                  SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"))
              .hasMessageContaining("a test");
          a.run("INSERT INTO t VALUES(2)");
        });
    cluster.converge();
    assertThat(b.query("SELECT id FROM t")).containsExactly("2");
  }

  @Test
  @DisplayName("A fence whose opening was in doubt and that nobody wants any more is ended")
  void aFenceThatNobodyWantsIsEnded() throws Exception {
    TestNode a = cluster.node("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    Origin own =
        messages().stream()
            .map(ChangeSet::origin)
            .filter(o -> o.node().value().equals("a"))
            .findFirst()
            .orElseThrow();

    cluster.publish(codec.encode(open(own, "late")));

    a.run("INSERT INTO t VALUES(1)");
    cluster.converge();
  }

  @Test
  @DisplayName("Closing an engine in the middle of a section ends its fence")
  void closingEndsTheFence() throws Exception {
    TestNode a = cluster.node("a");
    TestNode b = cluster.node("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    b.awaitSame(a);
    exclusively(
        a,
        FENCE,
        () -> {
          a.close();
          b.run("INSERT INTO t VALUES(1)");
        });
    assertThat(b.query("SELECT id FROM t")).containsExactly("1");
  }
}
