package io.hasqlite.snapshot;

import io.hasqlite.FaultPoint;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.stream.SnapshotStore;
import io.hasqlite.stream.StoredSnapshot;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes a snapshot's file from a database, and a database from a snapshot's file. */
public final class SnapshotFile {

  private static final String COPY_SUFFIX = "-ha-snapshot";
  private static final String RESTORE_SUFFIX = "-ha-restore";

  private SnapshotFile() {}

  /**
   * Copies the state of one moment into a file beside the database, without what belongs to this
   * node alone, and checks it. (Not by VACUUM INTO, which gives new rowids to rows.)
   *
   * @param excludedTables tables that are not replicated
   * @return the file; the caller deletes it
   */
  static Path copy(SqliteFile database, Set<String> excludedTables)
      throws SQLException, IOException {
    Path file = sibling(database.path(), COPY_SUFFIX);
    Files.deleteIfExists(file);
    boolean done = false;
    try {
      try (SqliteSession source = database.openSession()) {
        // With a read transaction open, the backup shows its moment however many write meanwhile.
        source.execute("BEGIN");
        source.one("SELECT 1 FROM main.sqlite_schema LIMIT 1");
        source.backup(file);
        source.execute("COMMIT");
      }
      SqliteFile copy = SqliteFile.open(file, Map.of(), List.of());
      try (SqliteSession session = copy.openSession()) {
        session.execute("PRAGMA foreign_keys=OFF");
        session.execute("DELETE FROM main.ha_conflicts");
        for (String table : excludedTables) {
          session.execute("DROP TABLE IF EXISTS main." + SqliteSession.quoted(table));
        }
        check(session, file);
        session.execute("PRAGMA journal_mode=DELETE");
      }
      done = true;
      return file;
    } finally {
      if (!done) {
        delete(file);
      }
    }
  }

  private static void check(SqliteSession session, Path file) throws SQLException {
    Object answer = session.one("PRAGMA main.quick_check(1)");
    if (!"ok".equals(answer)) {
      throw new SnapshotException("The snapshot in " + file + " is damaged: " + answer, null);
    }
  }

  /**
   * Replaces a database that no session has open by the latest snapshot. The file is either the old
   * or the new one, whenever this is interrupted.
   *
   * @return what it was replaced by; empty if there is no snapshot
   */
  public static Optional<StoredSnapshot> restore(
      SnapshotStore store, Path database, ControlTables controlTables) {
    Path file = sibling(database, RESTORE_SUFFIX);
    try {
      Optional<StoredSnapshot> read;
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
        read = store.get(out);
      }
      if (read.isEmpty()) {
        return read;
      }
      SqliteFile restored = SqliteFile.open(file, Map.of(), List.of());
      try (SqliteSession session = restored.openSession()) {
        check(session, file);
        ControlTables.Stored stored = controlTables.read(session);
        if (stored == null || stored.position().sequence() != read.get().sequence()) {
          throw new SnapshotException(
              "The latest snapshot does not show the position that it is stored under: expected "
                  + read.get().sequence()
                  + ", found "
                  + (stored == null ? "none" : stored.position().sequence()),
              null);
        }
        session.execute("PRAGMA journal_mode=DELETE");
      }
      force(file);
      FaultPoint.RESTORING.reached();
      delete(sibling(database, "-wal"));
      delete(sibling(database, "-shm"));
      Files.move(
          file, database, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return read;
    } catch (SQLException | IOException e) {
      throw new SnapshotException(
          "The latest snapshot could not be restored to " + database + ": " + e.getMessage(), e);
    } finally {
      delete(file);
    }
  }

  private static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private static Path sibling(Path database, String suffix) {
    return database.resolveSibling(database.getFileName() + suffix);
  }

  static void delete(Path file) {
    try {
      for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
        Files.deleteIfExists(sibling(file, suffix));
      }
    } catch (IOException e) {
      throw new SnapshotException("The file " + file + " could not be deleted", e);
    }
  }
}
