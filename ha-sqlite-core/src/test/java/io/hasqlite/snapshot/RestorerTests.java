package io.hasqlite.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.Position;
import io.hasqlite.RowIdentity;
import io.hasqlite.apply.AppliedPosition;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.apply.PendingWork;
import io.hasqlite.capture.CaptureOptions;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.outbox.Outbox;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.WriteLock;
import io.hasqlite.stream.SnapshotStamp;
import io.hasqlite.stream.StreamState;
import io.hasqlite.testing.InMemorySnapshotStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot of one file becomes the content of another one. */
class RestorerTests {

  private static final String CREATED = "2026-01-31T10:00:00Z";
  private static final Origin ORIGIN = new Origin(new NodeId("a"), 7);
  private static final Set<String> EXCLUDED = Set.of("Cache");

  @TempDir Path folder;

  private final InMemorySnapshotStore store = new InMemorySnapshotStore();
  private final ControlTables controlTables = new ControlTables("s.test", Clock.systemUTC());
  private final WriteLock writeLock = new WriteLock();
  private final AppliedPosition position = new AppliedPosition(Position.NONE);

  private static StreamState stream(long first) {
    return new StreamState(Instant.parse(CREATED), first, 1_000);
  }

  private static SnapshotStamp at(long sequence) {
    return new SnapshotStamp(sequence, sequence, CREATED, 4096, new LocalTables(EXCLUDED).digest());
  }

  private SqliteFile file(String name, String... statements) throws SQLException {
    SqliteFile file = SqliteFile.open(folder.resolve(name), Map.of(), List.of());
    try (SqliteSession session = file.openSession()) {
      for (String statement : statements) {
        session.execute(statement);
      }
    }
    return file;
  }

  private SqliteFile at(SqliteFile file, long sequence) throws SQLException {
    try (SqliteSession session = file.openSession()) {
      ControlTables tables = controlTables.ofAnotherFile();
      tables.create(session);
      tables.writePosition(session, new Position(sequence, sequence), CREATED, ORIGIN, 3);
      tables.writeMark(session, ORIGIN, sequence);
      session.execute(
          "INSERT INTO ha_conflicts VALUES(NULL, 'now', "
              + sequence
              + ", 'a', 7, 3, 't', 'lost', 'of "
              + file.path().getFileName()
              + "', NULL)");
    }
    return file;
  }

  private Snapshotter snapshotter(SqliteFile source) {
    return new Snapshotter(
        "test",
        source,
        EXCLUDED,
        store,
        controlTables.ofAnotherFile(),
        nothingPending(),
        () -> null,
        () -> {},
        Duration.ofMinutes(1),
        new SnapshotListener() {});
  }

  private Restorer restorer(SqliteFile target) {
    return restorer(target, EXCLUDED);
  }

  private Restorer restorer(SqliteFile target, Set<String> excluded) {
    return new Restorer(target, store, controlTables.ofAnotherFile(), excluded, nothingPending());
  }

  private PendingWork nothingPending() {
    ChangeSetCodec codec = new ChangeSetCodec();
    return new PendingWork(
        new CaptureOptions(RowIdentity.PK, EXCLUDED, true),
        controlTables,
        codec,
        Clock.systemUTC(),
        new Outbox(codec, Clock.systemUTC()));
  }

  private void restoreInPlace(SqliteFile target) throws SQLException {
    try (SqliteSession session = target.openSession()) {
      restoreInPlace(restorer(target), session);
    }
  }

  private void restoreInPlace(Restorer restorer, SqliteSession session) throws SQLException {
    restorer.restoreInPlace(session, writeLock, position, stream(50), 49);
  }

  private static List<String> query(SqliteFile file, String sql) throws SQLException {
    try (SqliteSession session = file.openSession()) {
      return query(session, sql);
    }
  }

  private static List<String> query(SqliteSession session, String sql) throws SQLException {
    List<String> result = new ArrayList<>();
    try (Statement statement = session.connection().createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        result.add(rows.getString(1));
      }
    }
    return result;
  }

  private SqliteFile source() throws SQLException {
    return at(
        file(
            "source.db",
            "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
            "INSERT INTO t VALUES(1, 'snapshot')",
            "CREATE TABLE bare(x)",
            "INSERT INTO bare(rowid, x) VALUES(77, 'seven')",
            "CREATE TABLE cache(k)",
            "INSERT INTO cache VALUES('of the source')"),
        100);
  }

  private SqliteFile target() throws SQLException {
    return at(
        file(
            "target.db",
            "CREATE TABLE t(id INTEGER PRIMARY KEY, v, old)",
            "INSERT INTO t VALUES(1, 'target', 'x')",
            "CREATE TABLE cache(k TEXT, n INT GENERATED ALWAYS AS (length(k)))",
            "CREATE UNIQUE INDEX cache_k ON cache(k)",
            "CREATE TRIGGER cache_t AFTER INSERT ON cache BEGIN DELETE FROM t; END",
            "INSERT INTO cache(rowid, k) VALUES(9, 'of the target')",
            "INSERT INTO t VALUES(1, 'target', 'x')"),
        5);
  }

  private void assertNoSideFiles() throws Exception {
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.contains("-ha-"));
    }
  }

  @Test
  @DisplayName("D36: what belongs to the node alone survives a restore, and is in no snapshot")
  void localTablesAreKept() throws Exception {
    snapshotter(source()).take();
    SqliteFile target = target();
    restoreInPlace(target);
    assertThat(query(target, "SELECT v FROM t")).containsExactly("snapshot");
    assertThat(query(target, "SELECT rowid FROM bare")).containsExactly("77");
    assertThat(query(target, "SELECT rowid || k || n FROM cache"))
        .containsExactly("9of the target13");
    assertThat(query(target, "SELECT reason FROM ha_conflicts")).containsExactly("of target.db");
    assertThat(query(target, "SELECT name FROM sqlite_schema WHERE tbl_name = 'cache'"))
        .containsExactlyInAnyOrder("cache", "cache_k", "cache_t");
    assertThat(query(target, "PRAGMA integrity_check")).containsExactly("ok");
    assertThat(position.get()).isEqualTo(new Position(100, 100));
    assertThat(query(target, "SELECT received_seq FROM ha_stats")).containsExactly("100");
    assertNoSideFiles();
  }

  @Test
  @DisplayName("D24: readers keep what they see, statements go on, while the file is restored")
  void openConnectionsGoOn() throws Exception {
    snapshotter(source()).take();
    SqliteFile target = target();
    try (SqliteSession reader = target.openSession();
        SqliteSession writer = target.openSession();
        SqliteSession restoring = target.openSession()) {
      PreparedStatement insert = writer.prepared("INSERT INTO t(id, v) VALUES(?, 'new')");
      insert.setInt(1, 3);
      insert.execute();
      PreparedStatement gone = writer.prepared("UPDATE t SET old = 'y'");
      reader.execute("BEGIN");
      assertThat(query(reader, "SELECT v FROM t")).containsExactly("target", "new");
      restoreInPlace(restorer(target), restoring);
      assertThat(query(reader, "SELECT v FROM t")).containsExactly("target", "new");
      reader.execute("COMMIT");
      assertThat(query(reader, "SELECT v FROM t")).containsExactly("snapshot");
      insert.setInt(1, 4);
      insert.execute();
      assertThat(query(reader, "SELECT v FROM t")).containsExactly("snapshot", "new");
      assertThatThrownBy(gone::execute).hasMessageContaining("old");
      assertThat(query(writer, "PRAGMA integrity_check")).containsExactly("ok");
    }
  }

  @Test
  @DisplayName("D36: a restore that SQLite did not do is not believed")
  void anotherProgramThatWritesStopsTheRestore() throws Exception {
    snapshotter(source()).take();
    SqliteFile target = target();
    try (SqliteSession stranger = target.openSession();
        SqliteSession session = target.openSession()) {
      session.execute("PRAGMA busy_timeout=10");
      stranger.execute("BEGIN IMMEDIATE");
      stranger.execute("UPDATE t SET old = 'written'");
      assertThatThrownBy(() -> restoreInPlace(restorer(target), session))
          .isInstanceOf(SnapshotException.class)
          .hasMessageContainingAll("target.db", "another program");
      assertThat(position.get()).isEqualTo(Position.NONE);
      stranger.execute("COMMIT");
      assertThat(query(session, "SELECT old FROM t")).containsExactly("written");
      restoreInPlace(restorer(target), session);
      assertThat(query(session, "SELECT v FROM t")).containsExactly("snapshot");
    }
    assertNoSideFiles();
  }

  @Test
  @DisplayName(
      "D36: another page size is restored at start only; nothing old stays beside the file")
  void anotherPageSizeNeedsAStart() throws Exception {
    snapshotter(source()).take();
    Path path = folder.resolve("target.db");
    SqliteFile target =
        at(file("target.db", "PRAGMA journal_mode=DELETE", "PRAGMA page_size=8192", "VACUUM"), 5);
    assertThat(query(target, "PRAGMA page_size")).containsExactly("8192");
    assertThatThrownBy(() -> restoreInPlace(target))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContainingAll("page size", "8192", "4096", "restart");
    assertThat(query(target, "SELECT received_seq FROM ha_stats")).containsExactly("5");
    restorer(target).restore(stream(50), 49);
    assertThat(query(target, "PRAGMA page_size")).containsExactly("4096");
    assertThat(query(target, "PRAGMA journal_mode")).containsExactly("wal");
    assertThat(query(target, "SELECT v FROM t")).containsExactly("snapshot");
    assertThat(Path.of(path + "-journal")).doesNotExist();
    assertNoSideFiles();
  }

  @Test
  @DisplayName("D34: a damaged snapshot, or one under a wrong stamp, is not restored")
  void damageIsNoticedBeforeTheRestore() throws Exception {
    snapshotter(source()).take();
    SqliteFile target = target();
    byte[] content = store.content();
    byte[] whole = content.clone();
    java.util.Arrays.fill(content, content.length / 2, content.length, (byte) 7);
    assertThatThrownBy(() -> restoreInPlace(target))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("damaged");
    System.arraycopy(whole, 0, content, 0, whole.length);
    for (SnapshotStamp wrong :
        List.of(
            at(99),
            new SnapshotStamp(100, 99, CREATED, 4096, at(1).excludedTables()),
            new SnapshotStamp(100, 100, CREATED, 8192, at(1).excludedTables()))) {
      store.stampAs(wrong);
      assertThatThrownBy(() -> restorer(target).restore(stream(50), 49))
          .as(wrong.toString())
          .isInstanceOf(SnapshotException.class)
          .hasMessageContaining("stored under");
    }
    assertThat(query(target, "SELECT v FROM t")).containsExactly("target");
    assertNoSideFiles();
    store.stampAs(at(100));
    store.failReads(2);
    restoreInPlace(target);
    assertThat(query(target, "SELECT v FROM t")).containsExactly("snapshot");
  }

  @Test
  void onlyWhatTheStreamGoesOnFromIsUsable() throws Exception {
    SqliteFile target = target();
    Restorer restorer = restorer(target);
    assertThat(restorer.whyNotUsable(stream(1), 0)).contains("no snapshot");
    snapshotter(source()).take();
    assertThat(restorer.whyNotUsable(stream(101), 100)).isNull();
    assertThat(restorer.whyNotUsable(stream(102), 0)).contains("at 100", "too old", "102");
    assertThat(restorer.whyNotUsable(stream(1), 101)).contains("too old", "101");
    assertThat(
            restorer.whyNotUsable(
                new StreamState(Instant.parse("2026-02-01T00:00:00Z"), 1, 1_000), 0))
        .contains(CREATED, "2026-02-01");
    assertThat(restorer(target, Set.of("cache", "b")).whyNotUsable(stream(1), 0))
        .contains("exclude-tables");
    store.stampAs(new SnapshotStamp(100, 0, "", 0, ""));
    assertThat(restorer.whyNotUsable(stream(1), 0)).contains("another program");
  }

  @Test
  @DisplayName("D25: a quiet database's snapshot is stamped at later positions, not taken again")
  void aQuietDatabaseIsOnlyStampedAgain() throws Exception {
    SqliteFile source = source();
    Snapshotter snapshotter = snapshotter(source);
    snapshotter.take();
    snapshotter.take();
    assertThat(store.puts()).isEqualTo(1);
    try (SqliteSession session = source.openSession()) {
      controlTables.advance(session, 500);
    }
    assertThat(snapshotter.take().orElseThrow().sequence()).isEqualTo(500);
    assertThat(store.puts()).isEqualTo(1);
    SqliteFile target = target();
    try (SqliteSession session = target.openSession()) {
      restorer(target).restoreInPlace(session, writeLock, position, stream(400), 399);
    }
    assertThat(position.get()).isEqualTo(new Position(500, 100));
    assertThat(query(target, "SELECT received_seq || ' ' || last_seq FROM ha_stats"))
        .containsExactly("500 100");
    try (SqliteSession session = source.openSession()) {
      controlTables
          .ofAnotherFile()
          .writePosition(session, new Position(501, 501), CREATED, ORIGIN, 4);
    }
    assertThat(snapshotter.take().orElseThrow().sequence()).isEqualTo(501);
    assertThat(store.puts()).isEqualTo(2);
  }
}
