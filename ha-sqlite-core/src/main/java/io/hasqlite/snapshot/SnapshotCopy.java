package io.hasqlite.snapshot;

import io.hasqlite.apply.ControlTables;
import io.hasqlite.apply.PendingWork;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.stream.SnapshotStamp;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;

/** The confirmed state of one moment, in a file beside the database; checked. */
final class SnapshotCopy implements AutoCloseable {

  private static final String SUFFIX = "-ha-snapshot";

  private final SqliteFile file;
  private final SnapshotStamp stamp;

  private SnapshotCopy(SqliteFile file, SnapshotStamp stamp) {
    this.file = file;
    this.stamp = stamp;
  }

  /** Copies the state of this moment. (Not by VACUUM INTO, which gives new rowids to rows.) */
  static SnapshotCopy of(
      SqliteFile database, ControlTables controlTables, LocalTables local, PendingWork pendingWork)
      throws SQLException, IOException {
    SqliteFile file = database.temporary(SUFFIX);
    file.delete(); // of a run that was killed
    boolean done = false;
    try {
      try (SqliteSession source = database.openSession()) {
        // With a read transaction open, the backup shows its moment however many write meanwhile.
        source.execute("BEGIN");
        source.one("SELECT 1 FROM main.sqlite_schema LIMIT 1");
        source.backup(file.path());
        source.execute("COMMIT");
      }
      SnapshotStamp stamp;
      try (SqliteSession session = file.openSession()) {
        pendingWork.takeOut(session);
        local.removeFrom(session);
        check(session, file.path());
        stamp = stamp(session, controlTables.ofAnotherFile(), local);
        session.execute("PRAGMA journal_mode=DELETE"); // all of it is in one file
      }
      done = true;
      return new SnapshotCopy(file, stamp);
    } finally {
      if (!done) {
        file.delete();
      }
    }
  }

  /** Returns the stamp of what a session shows; its database has a position. */
  static SnapshotStamp stamp(SqliteSession session, ControlTables controlTables, LocalTables local)
      throws SQLException {
    ControlTables.Stored stored = controlTables.read(session);
    if (stored == null) {
      throw new SnapshotException("The database has no position in the stream", null);
    }
    return new SnapshotStamp(
        stored.position().sequence(),
        stored.position().lastOfSubject(),
        stored.streamCreated(),
        Math.toIntExact(session.number("PRAGMA main.page_size")),
        local.digest());
  }

  static void check(SqliteSession session, Path file) throws SQLException {
    Object answer = session.one("PRAGMA main.quick_check(1)");
    if (!"ok".equals(answer)) {
      throw new SnapshotException("The snapshot in " + file + " is damaged: " + answer, null);
    }
  }

  Path path() {
    return file.path();
  }

  SnapshotStamp stamp() {
    return stamp;
  }

  @Override
  public void close() throws IOException {
    file.delete();
  }
}
