package io.hasqlite.apply;

import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.Position;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The engine's own tables in the database file: the position, the highest transaction number of
 * each origin, the conflicts and the messages that were left out. They appear with the first
 * replicated write, in its transaction: an empty database must still look empty to a migration
 * tool.
 */
public final class ControlTables {

  /** What is written at a commit must not change the application's last_insert_rowid(). */
  private static final String WITHOUT_ROWID = " WITHOUT ROWID";

  /** The tables whose rows are this node's own record: no other node needs or has them. */
  public static final List<String> OF_ONE_NODE = List.of("ha_conflicts", "ha_dead_letters");

  /** Older conflicts make room for newer ones. */
  static final int CONFLICTS_MAX = 10_000;

  private final String subject;
  private final Clock clock;
  private final Fences fences = new Fences();
  private volatile boolean present;

  /**
   * What the file says about the stream.
   *
   * @param position the position
   * @param streamCreated the creation time of the stream that it counts in
   * @param origin who wrote the last counted message; null where that is not known
   * @param number the message's last transaction number
   */
  public record Stored(
      Position position, String streamCreated, @Nullable Origin origin, long number) {}

  /** Serves one database, by its subject in the stream. */
  public ControlTables(String subject, Clock clock) {
    this.subject = subject;
    this.clock = clock;
  }

  /** Serves the same database in another file, such as a copy. */
  public ControlTables ofAnotherFile() {
    return new ControlTables(subject, clock);
  }

  /** Reads the position; null where the file has none. */
  public @Nullable Stored read(SqliteSession session) throws SQLException {
    if (!isPresent(session)) {
      return null;
    }
    try (ResultSet row = session.prepared(select()).executeQuery()) {
      if (!row.next()) {
        return null;
      }
      String node = row.getString(4);
      return new Stored(
          new Position(row.getLong(1), row.getLong(2)),
          row.getString(3),
          node == null ? null : new Origin(new NodeId(node), row.getLong(5)),
          row.getLong(6));
    }
  }

  /** Returns which fence is open in the state that the file shows. */
  public Fences fences() {
    return fences;
  }

  /** Learns which fence is open in the file. To be called at the start and after a restore. */
  public void loadFence(SqliteSession session) throws SQLException {
    fences.moveTo(readFence(session));
  }

  private static @Nullable Fence readFence(SqliteSession session) throws SQLException {
    if (!exists(session, "ha_fence")) {
      return null;
    }
    try (ResultSet row =
        session
            .prepared(
                "SELECT number, token, node, process_id, purpose, expiry_ms FROM main.ha_fence")
            .executeQuery()) {
      return row.next()
          ? new Fence(
              row.getLong(1),
              row.getString(2),
              new Origin(new NodeId(row.getString(3)), row.getLong(4)),
              row.getString(5),
              FenceMessages.expiry(row.getLong(6)))
          : null;
    }
  }

  /** Writes which fence is open; null for none. */
  void writeFence(SqliteSession session, @Nullable Fence fence) throws SQLException {
    session.update("DELETE FROM main.ha_fence");
    if (fence != null) {
      session.update(
          "INSERT INTO main.ha_fence(number, token, node, process_id, purpose, expiry_ms)"
              + " VALUES(?,?,?,?,?,?)",
          fence.number(),
          fence.token(),
          fence.holder().node().value(),
          fence.holder().processId(),
          fence.purpose(),
          fence.expiry().toMillis());
    }
  }

  private static boolean exists(SqliteSession session, String table) throws SQLException {
    return session.number(
            "SELECT 1 FROM main.sqlite_schema WHERE type='table' AND name="
                + SqliteSession.literal(table))
        != 0;
  }

  /** Returns the subject that the position counts. */
  String subject() {
    return subject;
  }

  private String select() {
    return "SELECT received_seq, last_seq, stream_created, node, process_id, n FROM main.ha_stats"
        + " WHERE subject = "
        + SqliteSession.literal(subject);
  }

  /** Tells whether the tables are there. */
  public boolean isPresent(SqliteSession session) throws SQLException {
    if (!present) {
      present = exists(session, "ha_stats");
    }
    return present;
  }

  /** Creates the tables where they are missing; in the transaction that needs them. */
  public void create(SqliteSession session) throws SQLException {
    if (exists(session, "ha_fence")) {
      return;
    }
    session.execute(
        "CREATE TABLE IF NOT EXISTS main.ha_stats(subject TEXT NOT NULL PRIMARY KEY, received_seq"
            + " INTEGER NOT NULL, updated_at TEXT NOT NULL, last_seq INTEGER NOT NULL DEFAULT 0,"
            + " stream_created TEXT NOT NULL DEFAULT '', node TEXT, process_id INTEGER, n INTEGER)"
            + WITHOUT_ROWID);
    session.execute(
        "CREATE TABLE IF NOT EXISTS main.ha_marks(node TEXT NOT NULL, process_id INTEGER NOT NULL,"
            + " n INTEGER NOT NULL, PRIMARY KEY(node, process_id))"
            + WITHOUT_ROWID);
    session.execute(
        "CREATE TABLE IF NOT EXISTS main.ha_conflicts(id INTEGER PRIMARY KEY, at TEXT NOT NULL,"
            + " seq INTEGER NOT NULL, node TEXT NOT NULL, process_id INTEGER NOT NULL, n INTEGER"
            + " NOT NULL, tab TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL, image TEXT)");
    session.execute(
        "CREATE INDEX IF NOT EXISTS main.ha_conflicts_pending ON ha_conflicts(node, process_id, n)"
            + " WHERE seq = 0");
    session.execute(
        "CREATE TABLE IF NOT EXISTS main.ha_dead_letters(seq INTEGER PRIMARY KEY, subject TEXT NOT"
            + " NULL, at TEXT NOT NULL, node TEXT, process_id INTEGER, reason TEXT NOT NULL, body"
            + " BLOB NOT NULL)");
    session.execute(
        "CREATE TABLE IF NOT EXISTS main.ha_fence(number INTEGER NOT NULL PRIMARY KEY, token TEXT NOT"
            + " NULL, node TEXT NOT NULL, process_id INTEGER NOT NULL, purpose TEXT NOT NULL,"
            + " expiry_ms INTEGER NOT NULL)"
            + WITHOUT_ROWID);
    writeFence(session, fences.open()); // it was opened while the database was to look empty
  }

  /**
   * Writes the position.
   *
   * @param origin who wrote the last counted message; null where that could not be read
   */
  public void writePosition(
      SqliteSession session,
      Position position,
      String streamCreated,
      @Nullable Origin origin,
      long number)
      throws SQLException {
    session.update(
        "INSERT OR REPLACE INTO main.ha_stats(subject, received_seq, updated_at, last_seq,"
            + " stream_created, node, process_id, n) VALUES(?,?,?,?,?,?,?,?)",
        subject,
        position.sequence(),
        clock.instant().toString(),
        position.lastOfSubject(),
        streamCreated,
        origin == null ? null : origin.node().value(),
        origin == null ? null : origin.processId(),
        number);
  }

  /** Moves the position over messages of other databases. */
  public void advance(SqliteSession session, long sequence) throws SQLException {
    session.update(
        "UPDATE main.ha_stats SET received_seq = max(received_seq, ?), updated_at = ? WHERE"
            + " subject = ?",
        sequence,
        clock.instant().toString(),
        subject);
  }

  /** Returns the highest transaction number that was counted of an origin; 0 for none. */
  public long mark(SqliteSession session, Origin origin) throws SQLException {
    return session.number(
        "SELECT n FROM main.ha_marks WHERE node = ? AND process_id = ?",
        origin.node().value(),
        origin.processId());
  }

  /** Writes the highest transaction number that was counted of an origin. */
  public void writeMark(SqliteSession session, Origin origin, long number) throws SQLException {
    session.update(
        "INSERT OR REPLACE INTO main.ha_marks VALUES(?,?,?)",
        origin.node().value(),
        origin.processId(),
        number);
  }

  /** Tells whether pending transactions have met conflicts. */
  boolean hasPendingConflicts(SqliteSession session) throws SQLException {
    return session.number("SELECT 1 FROM main.ha_conflicts WHERE seq = 0 LIMIT 1") != 0;
  }

  /** Forgets the conflicts that pending transactions met when they were done last. */
  void dropPendingConflicts(SqliteSession session) throws SQLException {
    session.update("DELETE FROM main.ha_conflicts WHERE seq = 0");
  }

  /** Gives the conflicts of a pending transaction the sequence at which it was counted. */
  void confirmConflicts(SqliteSession session, Origin origin, long number, long sequence)
      throws SQLException {
    session.update(
        "UPDATE main.ha_conflicts SET seq = ? WHERE seq = 0 AND node = ? AND process_id = ? AND n"
            + " = ?",
        sequence,
        origin.node().value(),
        origin.processId(),
        number);
  }

  /** Writes a position where there is none, in the transaction of the node's first own write. */
  public void begin(SqliteSession session, Position position, String streamCreated)
      throws SQLException {
    create(session);
    session.update(
        "INSERT OR IGNORE INTO main.ha_stats(subject, received_seq, updated_at, last_seq,"
            + " stream_created) VALUES(?,?,?,?,?)",
        subject,
        position.sequence(),
        clock.instant().toString(),
        position.lastOfSubject(),
        streamCreated);
  }

  void addConflict(SqliteSession session, Conflict conflict) throws SQLException {
    session.update(
        "INSERT INTO main.ha_conflicts(at, seq, node, process_id, n, tab, kind, reason, image)"
            + " VALUES(?,?,?,?,?,?,?,?,?)",
        clock.instant().toString(),
        conflict.sequence(),
        conflict.origin().node().value(),
        conflict.origin().processId(),
        conflict.number(),
        conflict.table(),
        conflict.kind().name().toLowerCase(java.util.Locale.ROOT),
        conflict.reason(),
        conflict.image());
    session.update(
        "DELETE FROM main.ha_conflicts WHERE id <= (SELECT max(id) FROM main.ha_conflicts) - ?",
        CONFLICTS_MAX);
  }
}
