package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.stream.StoredSnapshot;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.SettableClock;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import io.nats.client.JetStreamManagement;
import io.nats.client.PurgeOptions;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Where a file and the cluster do not fit together. */
class BootstrapIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;
  private TestCluster cluster;

  @BeforeEach
  void prepare() {
    cluster = new TestCluster(folder, NATS.url());
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  private TestNode node(String name, BootstrapPolicy policy) {
    return cluster.node(name, options -> options.bootstrap(policy));
  }

  private void assertRefused(String name, BootstrapPolicy policy, String... why) {
    assertThatThrownBy(() -> node(name, policy))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("Node " + name)
        .hasMessageContainingAll(why);
  }

  /** Makes a file that was never replicated. */
  private void fileWith(String name, String... statements) throws Exception {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve(name + ".db"));
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private void fileWithItems(String name, String value) throws Exception {
    fileWith(
        name,
        "CREATE TABLE items(id INTEGER PRIMARY KEY, v)",
        "INSERT INTO items VALUES(1, '" + value + "')");
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  private String itemOfCopy(String name) throws Exception {
    String copy =
        files().stream().filter(file -> file.startsWith(name + ".db-before-")).findFirst().get();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve(copy));
        Statement statement = connection.createStatement();
        var row = statement.executeQuery("SELECT v FROM items WHERE id = 1")) {
      return row.getString(1);
    }
  }

  /** Makes the stream forget the messages before a sequence, as after max-age. */
  private void expireBefore(long sequence) throws Exception {
    var management = cluster.client().jetStreamManagement();
    StreamConfiguration now = management.getStreamInfo(cluster.stream()).getConfiguration();
    // deny_purge cannot be taken back: the oldest messages give way to a limit
    long last = management.getStreamInfo(cluster.stream()).getStreamState().getLastSequence();
    management.updateStream(
        StreamConfiguration.builder(now).maxMessages(last - sequence + 1).build());
    management.updateStream(now);
    assertThat(management.getStreamInfo(cluster.stream()).getStreamState().getFirstSequence())
        .isEqualTo(sequence);
  }

  @Test
  @DisplayName("A file with data becomes the database of an empty cluster, also of running nodes")
  void localDataSeedsAnEmptyCluster() throws Exception {
    TestNode early = cluster.node("early");
    fileWithItems("seed", "seed");
    TestNode seed = cluster.node("seed");
    assertThat(seed.engine().snapshotter().latest())
        .map(StoredSnapshot::sequence)
        .contains(seed.engine().status().position());
    early.awaitSame(seed);
    assertThat(early.query("SELECT v FROM items")).containsExactly("seed");
    seed.run("INSERT INTO items VALUES(2, 'two')");
    TestNode late = cluster.node("late");
    late.run("INSERT INTO items VALUES(3, 'three')");
    seed.restart();
    cluster.converge();
    assertThat(early.query("SELECT v FROM items")).containsExactly("seed", "two", "three");
  }

  @Test
  @DisplayName("Two files with data want to become the database at once: one does, one is told")
  void oneOfTwoSeedsWins() throws Exception {
    fileWithItems("a", "a");
    fileWithItems("b", "b");
    CyclicBarrier together = new CyclicBarrier(2);
    ExecutorService executor = Executors.newFixedThreadPool(2);
    List<TestNode> winners = new ArrayList<>();
    List<String> losers = new ArrayList<>();
    try {
      List<Future<TestNode>> starts = new ArrayList<>();
      for (String name : List.of("a", "b")) {
        Callable<TestNode> start =
            () -> {
              together.await(10, TimeUnit.SECONDS);
              return TestNode.start(
                  folder, name, NATS.url(), options -> options.stream(cluster.options()));
            };
        starts.add(executor.submit(start));
      }
      for (Future<TestNode> start : starts) {
        try {
          winners.add(start.get(60, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
          assertThat(e.getCause())
              .isInstanceOf(StartRefusedException.class)
              .hasMessageContaining("bootstrap=cluster");
          losers.add(starts.indexOf(start) == 0 ? "a" : "b");
        }
      }
      assertThat(winners).hasSize(1);
      String winner = losers.get(0).equals("a") ? "b" : "a";
      TestNode loser = node(losers.get(0), BootstrapPolicy.CLUSTER);
      loser.awaitSame(winners.get(0));
      assertThat(loser.query("SELECT v FROM items")).containsExactly(winner);
      assertThat(itemOfCopy(losers.get(0))).isEqualTo(losers.get(0));
    } finally {
      executor.shutdownNow();
      winners.forEach(TestNode::close);
    }
  }

  @Test
  @DisplayName("Local data meets a cluster with data: refused, unless it is said what counts")
  void localDataAgainstClusterData() throws Exception {
    TestNode a = cluster.node("a");
    a.run("CREATE TABLE items(id INTEGER PRIMARY KEY, v)", "INSERT INTO items VALUES(1, 'a')");
    fileWithItems("b", "b");
    fileWithItems("c", "c");
    assertRefused("b", BootstrapPolicy.AUTO, "bootstrap=cluster", "bootstrap=local");
    assertThat(a.query("SELECT v FROM items")).containsExactly("a");
    TestNode b = node("b", BootstrapPolicy.CLUSTER); // there is no snapshot: from the stream
    assertThat(b.query("SELECT v FROM items")).containsExactly("a");
    assertThat(itemOfCopy("b")).isEqualTo("b");
    TestNode c = node("c", BootstrapPolicy.LOCAL);
    c.run("INSERT INTO items VALUES(2, 'c2')");
    a.awaitSame(c);
    b.awaitSame(c);
    for (TestNode node : List.of(a, b, c)) {
      assertThat(node.query("SELECT v FROM items ORDER BY id")).containsExactly("c", "c2");
    }
    a.run("UPDATE items SET v = 'from a' WHERE id = 2");
    b.restart();
    c.restart(); // the same option again, and nothing to decide
    cluster.node("d");
    cluster.converge();
    assertThat(c.query("SELECT v FROM items ORDER BY id")).containsExactly("c", "from a");
  }

  @Test
  @DisplayName("A file does not become the database if its node did not know what came before")
  void aSeedThatOverlooksSomethingIsNoSeed() throws Exception {
    TestNode a = cluster.node("a");
    a.run("CREATE TABLE items(id INTEGER PRIMARY KEY, v)", "INSERT INTO items VALUES(1, 'a')");
    long before = cluster.lastSequence();
    long late =
        cluster.publish(
            """
            {"node":"x","process_id":9,"filename":"x.db","timestamp_ns":1,"changes":[],
            "txs":[{"n":1,"base_seq":%d,"changes":0}],"requires":["snapshot"]}"""
                .formatted(before - 1));
    a.awaitSequence(late);
    a.run("INSERT INTO items VALUES(2, 'two')");
    cluster.node("b");
    cluster.converge();
    assertThat(a.engine().status().problem()).isNull();
  }

  @Test
  @DisplayName("D39: the stream was deleted and made again: not followed, and both ways out")
  void aStreamThatWasMadeAgainIsNotFollowed() throws Exception {
    TestNode a = cluster.node("a");
    TestNode b = cluster.node("b");
    a.run("CREATE TABLE items(id INTEGER PRIMARY KEY, v)", "INSERT INTO items VALUES(1, 'both')");
    a.engine().snapshotter().take();
    b.awaitSame(a);
    b.close();
    a.run("UPDATE items SET v = 'only a'");
    cluster.client().jetStreamManagement().deleteStream(cluster.stream());
    assertRefused("b", BootstrapPolicy.AUTO, "made again", "bootstrap=local", "bootstrap=cluster");
    // b has made the stream anew when it started
    Eventually.holds(() -> assertThat(a.engine().status().state()).isEqualTo(State.HALTED));
    assertThat(a.engine().status().problem()).contains("made again", "bootstrap=local");
    assertThat(a.query("SELECT v FROM items")).containsExactly("only a");
    // the snapshot is of the old stream: nobody begins with it, nor with nothing
    assertRefused("empty", BootstrapPolicy.AUTO, "no snapshot helps", "bootstrap=local");
    assertRefused("b", BootstrapPolicy.CLUSTER, "no data");
    assertThat(files()).noneMatch(file -> file.contains("-before-"));
    a.close();
    TestNode next = node("a", BootstrapPolicy.LOCAL);
    assertThat(next.query("SELECT v FROM items")).containsExactly("only a");
    assertRefused("b", BootstrapPolicy.AUTO, "made again");
    TestNode second = node("b", BootstrapPolicy.CLUSTER);
    assertThat(second.query("SELECT v FROM items")).containsExactly("only a");
    assertThat(itemOfCopy("b")).isEqualTo("both");
    TestNode third = cluster.node("empty");
    third.run("INSERT INTO items VALUES(2, 'third')");
    next.awaitSame(third);
    second.awaitSame(third);
    assertThat(second.content()).isEqualTo(next.content()).isEqualTo(third.content());
  }

  @Test
  @DisplayName(
      "D39: bootstrap=cluster does not drop what waits to be sent, if there is no snapshot")
  void whatWaitsToBeSentIsNotDroppedForTheClustersState() throws Exception {
    UnaryOperator<HaSqliteOptions.Builder> waiting =
        options -> options.publisherAsync(true).relayStarted(false);
    TestNode a = cluster.node("a", waiting);
    a.run("CREATE TABLE items(id INTEGER PRIMARY KEY, v)", "INSERT INTO items VALUES(1, 'a')");
    a.close();
    JetStreamManagement management = cluster.client().jetStreamManagement();
    management.deleteStream(cluster.stream());
    fileWithItems("b", "b");
    node("b", BootstrapPolicy.LOCAL);
    management.deleteStream("OBJ_" + cluster.stream() + "_SNAPSHOTS");
    assertThatThrownBy(
            () ->
                cluster.node(
                    "a", options -> waiting.apply(options.bootstrap(BootstrapPolicy.CLUSTER))))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContainingAll("1 transactions", "not sent", "snapshot");
    assertThat(files()).noneMatch(file -> file.contains("-before-"));
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("a.db"));
        Statement statement = connection.createStatement();
        var row = statement.executeQuery("SELECT v, (SELECT count(*) FROM ha_outbox) FROM items")) {
      assertThat(row.getString(1)).isEqualTo("a");
      assertThat(row.getInt(2)).isOne();
    }
  }

  @Test
  @DisplayName("D39: the server lost its last messages in a power failure: not followed")
  void aStreamThatLostItsTailIsNotFollowed() throws Exception {
    TestNode a = cluster.node("a");
    a.run("CREATE TABLE items(id INTEGER PRIMARY KEY, v)", "INSERT INTO items VALUES(1, 'a')");
    a.engine().snapshotter().take();
    Path synced = folder.resolve("synced");
    NATS.stop();
    copy(NATS.server().streams(), synced);
    NATS.restart();
    Eventually.holds(() -> assertThat(a.engine().status().state()).isEqualTo(State.RUNNING));
    a.run("UPDATE items SET v = 'lost'", "INSERT INTO items VALUES(2, 'lost')");
    NATS.stop();
    copy(synced, NATS.server().streams());
    NATS.restart();
    Eventually.holds(() -> assertThat(a.engine().status().state()).isEqualTo(State.HALTED));
    assertThat(a.engine().status().problem()).contains("lost its last messages", "bootstrap");
    a.close();
    // another node writes over the place where this one's message was
    TestNode b = cluster.node("b");
    assertThat(b.query("SELECT v FROM items")).containsExactly("a");
    b.run("UPDATE items SET v = 'b1'", "UPDATE items SET v = 'b2'", "UPDATE items SET v = 'b3'");
    assertRefused("a", BootstrapPolicy.AUTO, "instead of", "bootstrap=cluster");
    TestNode again = node("a", BootstrapPolicy.CLUSTER);
    again.awaitSame(b);
    assertThat(again.query("SELECT v FROM items")).containsExactly("b3");
    assertThat(itemOfCopy("a")).isEqualTo("lost");
  }

  private static void copy(Path from, Path to) throws IOException {
    if (Files.exists(to)) {
      try (Stream<Path> old = Files.walk(to, FileVisitOption.FOLLOW_LINKS)) {
        for (Path path : old.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
    try (Stream<Path> paths = Files.walk(from)) {
      paths.forEach(
          path -> {
            try {
              Files.copy(
                  path, to.resolve(from.relativize(path)), StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }

  @Test
  @DisplayName("D42: the database path is wrong by a letter, with bootstrap=cluster or local")
  void nothingIsCreatedUnseen() throws Exception {
    cluster.node("a").run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    List<String> before = files();
    assertThatThrownBy(() -> node("ap", BootstrapPolicy.CLUSTER))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContainingAll("ap.db", "nothing was created", "ha.sqlite.path");
    assertThatThrownBy(() -> node("ap", BootstrapPolicy.LOCAL))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("nothing was created");
    assertThat(files()).isEqualTo(before);
  }

  @Test
  @DisplayName("D42: with bootstrap=cluster an empty cluster is not taken for the state")
  void anEmptyClusterIsNotTaken() throws Exception {
    fileWithItems("a", "a");
    fileWith("empty");
    assertRefused("a", BootstrapPolicy.CLUSTER, "no data of \"test\" in the cluster");
    assertRefused("empty", BootstrapPolicy.CLUSTER, "no data of \"test\" in the cluster");
    assertRefused("empty", BootstrapPolicy.LOCAL, "no tables");
    assertThat(node("a", BootstrapPolicy.AUTO).query("SELECT v FROM items")).containsExactly("a");
  }

  @Test
  @DisplayName("D25: a new database begins in a stream that others have used for long")
  void aNewDatabaseInAnOldStream() throws Exception {
    cluster.node("other", options -> options.databaseName("other"));
    for (int i = 0; i < 5; i++) {
      cluster.client().jetStream().publish(cluster.stream() + ".other", "{}".getBytes());
    }
    expireBefore(4);
    TestNode a = cluster.node("a");
    TestNode b = cluster.node("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'x')");
    b.awaitSame(a);
    assertThat(b.query("SELECT v FROM t")).containsExactly("x");
    long last = cluster.lastSequence();
    for (int i = 0; i < 2; i++) {
      cluster.client().jetStream().publish(cluster.stream() + ".other", "{}".getBytes());
    }
    expireBefore(last + 2);
    // it is known by now: that its messages are gone does not make it a new one
    assertRefused("c", BootstrapPolicy.AUTO, "no snapshot helps", "no snapshot");
    a.engine().snapshotter().take();
    assertRefused("c", BootstrapPolicy.AUTO, "too old");
  }

  @Test
  @DisplayName("D25: an empty database in a busy stream is not taken for one that missed something")
  void anEmptyDatabaseInABusyStream() throws Exception {
    cluster.node("other", options -> options.databaseName("other"));
    SettableClock clock = new SettableClock();
    TestNode a = cluster.node("a", options -> options.clock(clock));
    for (int i = 0; i < 5; i++) {
      cluster.client().jetStream().publish(cluster.stream() + ".other", "{}".getBytes());
    }
    clock.advance(Duration.ofMinutes(2));
    a.awaitSequence(5);
    expireBefore(5);
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)", "INSERT INTO t VALUES(1)");
    assertThat(a.engine().status().problem()).isNull();
  }

  @Test
  @DisplayName(
      "D25: a database that nobody has written starts again, whatever has expired meanwhile")
  void aDatabaseThatNobodyHasWrittenStartsAgain() throws Exception {
    TestNode a = cluster.node("a");
    a.close();
    cluster.node("other", options -> options.databaseName("other"));
    for (int i = 0; i < 5; i++) {
      cluster.client().jetStream().publish(cluster.stream() + ".other", "{}".getBytes());
    }
    expireBefore(4);
    a.open();
    TestNode b = cluster.node("b");
    b.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'x')");
    a.awaitSame(b);
    assertThat(a.query("SELECT v FROM t")).containsExactly("x");
    cluster.client().jetStream().publish(cluster.stream() + ".other", "{}".getBytes());
    expireBefore(cluster.lastSequence() + 1);
    assertRefused("c", BootstrapPolicy.AUTO, "no snapshot helps"); // by now it was written
  }

  @Test
  @DisplayName("D34: a damaged snapshot is not begun with")
  void aDamagedSnapshotIsSaid() throws Exception {
    TestNode a = cluster.node("a");
    a.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, randomblob(500000))");
    a.engine().snapshotter().take();
    String bucket = cluster.stream() + "_SNAPSHOTS";
    cluster
        .client()
        .jetStreamManagement()
        .purgeStream("OBJ_" + bucket, PurgeOptions.subject("$O." + bucket + ".C.>"));
    assertRefused("b", BootstrapPolicy.AUTO, "could not be read");
    assertThat(files()).noneMatch(file -> file.contains("-ha-restore"));
    a.run("INSERT INTO t VALUES(2, 'x')");
    a.engine().snapshotter().take();
    TestNode b = cluster.node("b");
    cluster.converge();
    assertThat(b.query("SELECT id FROM t")).containsExactly("1", "2");
  }

  @Test
  void aNodeThatDoesNotPublishIsNoSeed() throws Exception {
    fileWithItems("a", "a");
    assertThatThrownBy(() -> cluster.node("a", options -> options.publisherEnabled(false)))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("must publish and subscribe");
  }
}
