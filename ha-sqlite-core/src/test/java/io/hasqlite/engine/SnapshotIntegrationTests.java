package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.HaSqliteException;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.snapshot.SnapshotException;
import io.hasqlite.stream.PublishInDoubtException;
import io.hasqlite.stream.StoredSnapshot;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.SettableClock;
import io.hasqlite.testing.TcpProxy;
import io.hasqlite.testing.TestNode;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.StreamConfiguration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class SnapshotIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;
  private final List<AutoCloseable> opened = new ArrayList<>();

  @BeforeEach
  void emptyServer() {
    NATS.restartEmpty();
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable resource : opened) {
      resource.close();
    }
  }

  private TestNode start(String name) {
    return start(name, NATS.url(), options -> options);
  }

  private TestNode start(String name, String url, UnaryOperator<HaSqliteOptions.Builder> changes) {
    TestNode node = TestNode.start(folder, name, url, changes);
    opened.add(node);
    return node;
  }

  private <T extends AutoCloseable> T closing(T resource) {
    opened.add(0, resource);
    return resource;
  }

  private static void assertHalted(TestNode node, String... problem) throws Exception {
    Eventually.holds(() -> assertThat(node.engine().status().state()).isEqualTo(State.HALTED));
    assertThat(node.engine().status().problem()).contains(problem);
  }

  /** Makes the server forget all messages, as after max-age. */
  private void expireAllMessages() throws Exception {
    try (Connection connection = Nats.connect(NATS.url())) {
      StreamConfiguration now =
          connection.jetStreamManagement().getStreamInfo("ha_replication").getConfiguration();
      connection
          .jetStreamManagement()
          .updateStream(
              StreamConfiguration.builder(now)
                  .maxAge(Duration.ofMillis(100))
                  .duplicateWindow(Duration.ofMillis(100))
                  .build());
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (connection
                  .jetStreamManagement()
                  .getStreamInfo("ha_replication")
                  .getStreamState()
                  .getMsgCount()
              > 0
          && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      connection.jetStreamManagement().updateStream(now);
    }
  }

  @Test
  @DisplayName("D24: a new node starts from a snapshot when the stream has forgotten its beginning")
  void aNewNodeStartsFromTheLatestSnapshot() throws Exception {
    TestNode a = start("a");
    a.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
        "CREATE TABLE bare(x)",
        "INSERT INTO t VALUES(1, 'one')",
        "INSERT INTO bare(rowid, x) VALUES(77, 'seven')");
    Optional<StoredSnapshot> taken = a.engine().snapshotter().take();
    assertThat(taken).map(StoredSnapshot::sequence).contains(a.engine().status().position());
    expireAllMessages();
    a.run("INSERT INTO t VALUES(2, 'two')");
    TestNode b = start("b");
    b.awaitSame(a);
    assertThat(b.query("SELECT * FROM t ORDER BY id")).containsExactly("1|one", "2|two");
    assertThat(b.query("SELECT rowid, x FROM bare")).containsExactly("77|seven");
    b.run("UPDATE t SET v = 'zwei' WHERE id = 2");
    a.awaitSame(b);
    assertThat(a.query("SELECT * FROM t ORDER BY id")).containsExactly("1|one", "2|zwei");
  }

  @Test
  @DisplayName("D24: a node that was away for too long restores the snapshot at its next start")
  void aNodeThatMissedMessagesRestoresTheSnapshot() throws Exception {
    TestNode a = start("a");
    TestNode b = start("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'one')");
    b.awaitSame(a);
    b.engine().close();
    a.run("INSERT INTO t VALUES(2, 'two')");
    a.engine().snapshotter().take();
    expireAllMessages();
    a.run("INSERT INTO t VALUES(3, 'three')");
    b.restart();
    b.awaitSame(a);
    assertThat(b.query("SELECT v FROM t ORDER BY id")).containsExactly("one", "two", "three");
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.contains("-ha-restore") || name.contains("-ha-snapshot"));
    }
  }

  @Test
  void withoutAUsableSnapshotTheStartIsRefused() throws Exception {
    TestNode a = start("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    a.engine().snapshotter().take();
    a.run("INSERT INTO t VALUES(2, 'two')");
    expireAllMessages();
    assertThatThrownBy(() -> start("b"))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("snapshot");
  }

  @Test
  void nothingIsTakenTwice() throws Exception {
    TestNode a = start("a");
    assertThat(a.engine().snapshotter().take()).isEmpty();
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    StoredSnapshot first = a.engine().snapshotter().take().orElseThrow();
    assertThat(a.engine().snapshotter().take()).contains(first);
    TestNode b = start("b");
    b.awaitSame(a);
    assertThat(b.engine().snapshotter().take()).contains(first);
  }

  @Test
  @DisplayName("D24: a node finds while running that it missed messages, and restores in place")
  void aRunningNodeRestoresInPlace() throws Exception {
    TestNode a = start("a");
    TcpProxy proxy = closing(TcpProxy.to(NATS.server().port()));
    TestNode b = start("b", proxy.url(), options -> options);
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'one')");
    b.awaitSame(a);
    try (java.sql.Connection writer = b.connect();
        PreparedStatement insert = writer.prepareStatement("INSERT INTO t(id, v) VALUES(?, 'b')");
        java.sql.Connection reader = b.connect();
        PreparedStatement select = reader.prepareStatement("SELECT v FROM t ORDER BY id")) {
      insert.setInt(1, 100);
      insert.executeUpdate();
      a.awaitSame(b);
      reader.setReadOnly(true);
      reader.setAutoCommit(false);
      assertThat(values(select)).containsExactly("one", "b");
      proxy.refuse();
      a.run(
          "ALTER TABLE t ADD COLUMN w DEFAULT 'w'",
          "CREATE TABLE log(id INTEGER PRIMARY KEY, v)",
          "CREATE TRIGGER logged AFTER INSERT ON t BEGIN INSERT INTO log(v) VALUES(new.v); END",
          "INSERT INTO t VALUES(2, 'two', 'w2')");
      a.engine().snapshotter().take();
      expireAllMessages();
      a.run("INSERT INTO t VALUES(3, 'three', 'w3')");
      assertThat(values(select)).containsExactly("one", "b");
      proxy.pass();
      b.awaitSame(a);
      assertThat(values(select)).as("its transaction is still open").containsExactly("one", "b");
      reader.commit();
      assertThat(values(select)).containsExactly("one", "two", "three", "b");
      reader.commit();
      insert.setInt(1, 101);
      insert.executeUpdate();
      a.awaitSame(b);
      assertThat(a.content()).isEqualTo(b.content());
      assertThat(a.query("SELECT v FROM log ORDER BY id")).containsExactly("two", "three", "b");
    }
    assertThat(b.engine().status().state()).isEqualTo(State.RUNNING);
    assertThat(b.engine().status().problem()).isNull();
    a.run("UPDATE t SET v = 'eins' WHERE id = 1", "CREATE INDEX i ON t(v)");
    b.awaitSame(a);
    assertThat(b.content()).isEqualTo(a.content());
    assertThat(b.query("PRAGMA integrity_check")).containsExactly("ok");
  }

  private static List<String> values(PreparedStatement select) throws SQLException {
    List<String> values = new ArrayList<>();
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    }
    return values;
  }

  @Test
  @DisplayName("D36: unsent local work is kept on top of the snapshot, and never in one")
  void pendingWorkIsPutOnTop() throws Exception {
    TestNode a = start("a");
    TcpProxy proxy = closing(TcpProxy.to(NATS.server().port()));
    TestNode b = start("b", proxy.url(), options -> options.publisherAsync(true));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v, w)", "INSERT INTO t VALUES(1, 'one', 0)");
    b.awaitSame(a);
    proxy.refuse();
    b.run("UPDATE t SET w = 'pending'", "INSERT INTO t VALUES(7, 'pending', 7)");
    a.run("UPDATE t SET v = 'uno'", "INSERT INTO t VALUES(2, 'two', 0)");
    a.engine().snapshotter().take();
    expireAllMessages();
    a.run("INSERT INTO t VALUES(3, 'three', 0)");
    proxy.pass();
    long end = a.engine().status().position() + 1;
    b.awaitSequence(end);
    a.awaitSequence(end);
    assertThat(b.content()).isEqualTo(a.content());
    assertThat(a.query("SELECT id, v, w FROM t ORDER BY id"))
        .containsExactly("1|uno|pending", "2|two|0", "3|three|0", "7|pending|7");
  }

  @Test
  @DisplayName("D36: what a snapshot has counted already is not put on top of it once more")
  void pendingWorkThatTheSnapshotHasIsNotPending() throws Exception {
    GatedStream.Gate gate = new GatedStream.Gate();
    TestNode a = start("a");
    TestNode b =
        start(
            "b",
            NATS.url(),
            options ->
                options
                    .publisherAsync(true)
                    .relayStarted(false)
                    .streamWrapper(stream -> new GatedStream(stream, gate)));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 0)");
    b.awaitSame(a);
    long level = b.engine().status().position();
    gate.close(level);
    gate.failNextPublish(GatedStream.Fault.ACK_LOST);
    b.run("UPDATE t SET v = 'sent'");
    assertThatThrownBy(b.engine()::sendNext).isInstanceOf(PublishInDoubtException.class);
    b.run("INSERT INTO t VALUES(2, 'unsent')");
    a.awaitSequence(level + 1);
    a.run("UPDATE t SET v = 'later'");
    a.engine().snapshotter().take();
    expireAllMessages();
    b.close();
    gate.open(Long.MAX_VALUE);
    b.open();
    assertThat(b.engine().status().backlog().transactions()).isEqualTo(1);
    assertThat(b.query("SELECT * FROM t ORDER BY id")).containsExactly("1|later", "2|unsent");
    Eventually.holds(
        () -> assertThat(b.engine().status().state()).isEqualTo(ReplicationStatus.State.RUNNING));
    b.engine().sendNext();
    b.awaitSequence(level + 3);
    a.awaitSame(b);
    assertThat(b.engine().status().backlog().transactions()).isZero();
    assertThat(b.content()).isEqualTo(a.content());
  }

  @Test
  @DisplayName("D24: messages that expire on the way to a node that nothing reaches are missed")
  void anIdleNodeDoesNotStepOverWhatExpired() throws Exception {
    SettableClock clock = new SettableClock();
    GatedStream.Gate gate = new GatedStream.Gate();
    TestNode a = start("a");
    TestNode b =
        start(
            "b",
            NATS.url(),
            options -> options.clock(clock).streamWrapper(stream -> new GatedStream(stream, gate)));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    b.awaitSame(a);
    gate.close(b.engine().status().position());
    a.run("INSERT INTO t VALUES(1, 'one')");
    a.engine().snapshotter().take();
    expireAllMessages();
    clock.advance(Duration.ofMinutes(2));
    b.awaitSame(a);
    assertThat(b.query("SELECT v FROM t")).containsExactly("one");
  }

  @Test
  @DisplayName("D24: without a usable snapshot a running node says so, and takes the next one")
  void aRunningNodeWaitsForAUsableSnapshot() throws Exception {
    TestNode a = start("a");
    TcpProxy proxy = closing(TcpProxy.to(NATS.server().port()));
    TestNode b = start("b", proxy.url(), options -> options);
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'one')");
    b.awaitSame(a);
    proxy.refuse();
    a.run("INSERT INTO t VALUES(2, 'two')");
    expireAllMessages();
    proxy.pass();
    assertHalted(b, "expired", "no snapshot");
    assertThat(b.query("SELECT v FROM t")).as("reads go on").containsExactly("one");
    assertThatThrownBy(() -> b.run("INSERT INTO t VALUES(99, 'refused')"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("55000"))
        .hasMessageContaining("expired");
    a.engine().snapshotter().take();
    b.awaitSame(a);
    assertThat(b.query("SELECT v FROM t")).containsExactly("one", "two");
    Eventually.holds(() -> assertThat(b.engine().status().state()).isEqualTo(State.RUNNING));
    b.run("INSERT INTO t VALUES(3, 'three')");
    a.awaitSame(b);
    assertThat(a.content()).isEqualTo(b.content());
  }

  @Test
  @DisplayName(
      "D35: there is no room to restore: the snapshot is downloaded again ever more seldom")
  void aSnapshotForWhichThereIsNoRoomIsNotDownloadedAllTheTime() throws Exception {
    TestNode a = start("a");
    TcpProxy proxy = closing(TcpProxy.to(NATS.server().port()));
    Queue<Long> asked = new ConcurrentLinkedQueue<>();
    TestNode b =
        start(
            "b",
            proxy.url(),
            options ->
                options.streamWrapper(
                    stream ->
                        StreamCalls.of(
                            stream,
                            method -> {
                              if (method.equals("state")) {
                                asked.add(System.nanoTime());
                              }
                            })));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'one')");
    b.awaitSame(a);
    proxy.refuse();
    a.run("INSERT INTO t VALUES(2, 'two')");
    a.engine().snapshotter().take();
    expireAllMessages();
    Path room = Files.createDirectory(Path.of(b.file() + "-ha-restore"));
    Path taken = Files.createFile(room.resolve("taken"));
    proxy.pass();
    assertHalted(b, "expired", "could not be restored", "looked for again");
    asked.clear();
    Eventually.holds(() -> assertThat(asked).hasSizeGreaterThanOrEqualTo(2));
    List<Long> times = List.copyOf(asked);
    assertThat(Duration.ofNanos(times.get(1) - times.get(0))).isGreaterThan(Duration.ofSeconds(3));
    Files.delete(taken);
    Files.delete(room);
    b.awaitSame(a);
    assertThat(b.query("SELECT v FROM t")).containsExactly("one", "two");
    Eventually.holds(() -> assertThat(b.engine().status().state()).isEqualTo(State.RUNNING));
  }

  @Test
  @DisplayName("D35: when the store fails, the next interval tries again")
  void snapshotsGoOnAfterAFailure() throws Exception {
    TcpProxy proxy = closing(TcpProxy.to(NATS.server().port()));
    TestNode a =
        start("a", proxy.url(), options -> options.snapshotInterval(Duration.ofMillis(200)));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    Eventually.holds(() -> assertThat(a.engine().snapshotter().latest()).isPresent());
    proxy.refuse();
    Eventually.holds(() -> assertThat(a.engine().status().state()).isEqualTo(State.DISCONNECTED));
    assertThatThrownBy(() -> a.engine().snapshotter().take()).isInstanceOf(HaSqliteException.class);
    proxy.pass();
    Eventually.holds(() -> assertThat(a.engine().status().state()).isEqualTo(State.RUNNING));
    a.run("INSERT INTO t VALUES(1, 'one')");
    long now = a.engine().status().position();
    Eventually.holds(
        () ->
            assertThat(a.engine().snapshotter().latest())
                .map(StoredSnapshot::sequence)
                .contains(now));
  }

  @Test
  @DisplayName("A row that was changed behind our back is as it was after a restore in place")
  void theRunningDatabaseCanBeRestored() throws Exception {
    TestNode a = start("a");
    TestNode b = start("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'one')");
    b.awaitSame(a);
    assertThatThrownBy(() -> b.engine().snapshotter().restore())
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("no snapshot");
    a.engine().snapshotter().take();
    a.run("INSERT INTO t VALUES(2, 'two')");
    b.awaitSame(a);
    try (java.sql.Connection stranger =
            java.sql.DriverManager.getConnection("jdbc:sqlite:" + b.file());
        var statement = stranger.createStatement()) {
      statement.execute("UPDATE t SET v = 'behind our back'");
    }
    long before = b.engine().status().position();
    b.engine().snapshotter().restore();
    b.awaitSequence(before);
    assertThat(b.query("SELECT v FROM t ORDER BY id")).containsExactly("one", "two");
    b.run("INSERT INTO t VALUES(3, 'three')");
    a.awaitSame(b);
    assertThat(a.content()).isEqualTo(b.content());
  }

  @Test
  @DisplayName("The latest snapshot can be read without opening the database")
  void theLatestSnapshotIsReadIntoAFile() throws Exception {
    TestNode a = start("a");
    HaSqliteOptions options = a.engine().options();
    assertThat(HaSqlite.latestSnapshot(options, folder.resolve("none.db"))).isEmpty();
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'one')");
    assertThat(a.engine().snapshotter().latestSequence()).isZero();
    a.engine().snapshotter().take();
    long sequence = a.engine().snapshotter().latestSequence();
    assertThat(sequence).isEqualTo(a.engine().status().position());
    Path file = folder.resolve("read.db");
    assertThat(HaSqlite.latestSnapshot(options, file))
        .map(StoredSnapshot::sequence)
        .contains(sequence);
    Path other = folder.resolve("other.db");
    a.engine().snapshotter().restore(other);
    assertThat(other).hasSameBinaryContentAs(file);
    try (java.sql.Connection plain = java.sql.DriverManager.getConnection("jdbc:sqlite:" + file);
        var rows = plain.createStatement().executeQuery("SELECT v FROM t")) {
      assertThat(rows.getString(1)).isEqualTo("one");
    }
    assertThatThrownBy(() -> a.engine().snapshotter().restore(file))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("read.db");
    assertThat(folder.resolve("none.db")).doesNotExist();
    HaSqliteOptions alone = HaSqliteOptions.builder(folder.resolve("alone.db")).build();
    assertThatThrownBy(() -> HaSqlite.latestSnapshot(alone, other))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("no NATS server");
    try (HaSqlite standalone = HaSqlite.open(alone)) {
      assertThat(standalone.snapshotter().latestSequence()).isZero();
      assertThatThrownBy(() -> standalone.snapshotter().take())
          .isInstanceOf(SnapshotException.class)
          .hasMessageContaining("snapshotter.enabled");
      assertThatThrownBy(() -> standalone.snapshotter().restore())
          .isInstanceOf(SnapshotException.class);
    }
  }
}
