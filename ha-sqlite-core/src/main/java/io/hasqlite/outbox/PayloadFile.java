package io.hasqlite.outbox;

import io.hasqlite.Origin;
import io.hasqlite.sqlite.FileLock;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.sqlite.SqliteSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A SQLite file of its own for the payloads of the outbox, such as on another disk. A payload is
 * durable here before the transaction is committed in the database. What the database does not have
 * in its outbox after a crash was never committed, and is deleted. Safe for use by several threads.
 */
public final class PayloadFile implements AutoCloseable {

  private static final String SUFFIX = "-ha-outbox";

  private final Path path;
  private final FileLock lock;
  private final SqliteSession session;
  private boolean writing;

  private PayloadFile(Path path, FileLock lock, SqliteSession session) {
    this.path = path;
    this.lock = lock;
    this.session = session;
  }

  /**
   * Opens the file, and makes it and its folder where they are missing.
   *
   * @param folder where it lies
   * @param database the database file, whose name it has
   * @throws SqliteFile.UnusableFileException if it cannot be used, or is in use
   */
  public static PayloadFile open(Path folder, Path database) throws SQLException {
    Path path = folder.toAbsolutePath().resolve(database.getFileName() + SUFFIX);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new SQLException(
          "The folder of the outbox, " + folder + ", cannot be made: " + e.getMessage(), e);
    }
    FileLock lock = FileLock.acquire(path);
    boolean opened = false;
    try {
      SqliteSession session =
          SqliteFile.open(path, Map.of("synchronous", "FULL"), List.of()).openSession();
      session.execute(
          "CREATE TABLE IF NOT EXISTS payloads(place INTEGER NOT NULL, piece INTEGER NOT NULL,"
              + " process_id INTEGER NOT NULL, n INTEGER NOT NULL, payload BLOB NOT NULL, PRIMARY"
              + " KEY(place, piece)) WITHOUT ROWID");
      opened = true;
      return new PayloadFile(path, lock, session);
    } finally {
      if (!opened) {
        lock.close();
      }
    }
  }

  Path path() {
    return path;
  }

  /** Writes the next piece of a transaction; {@link #commit} makes its pieces durable. */
  synchronized void write(long place, long piece, Origin origin, long number, byte[] payload)
      throws SQLException {
    if (!writing) {
      session.execute("BEGIN IMMEDIATE");
      writing = true;
    }
    session.update(
        "INSERT INTO payloads VALUES(?,?,?,?,?)",
        place,
        piece,
        origin.processId(),
        number,
        payload);
  }

  synchronized void commit() throws SQLException {
    session.execute("COMMIT");
    writing = false;
  }

  /** Takes back what was written since the last commit. */
  synchronized void rollback() throws SQLException {
    if (writing) {
      writing = false;
      session.execute("ROLLBACK");
    }
  }

  synchronized byte @Nullable [] read(long place, long piece) throws SQLException {
    return (byte[])
        session.one("SELECT payload FROM payloads WHERE place = ? AND piece = ?", place, piece);
  }

  synchronized boolean holds(long place, long piece, long processId, long number)
      throws SQLException {
    return session.one(
            "SELECT 1 FROM payloads WHERE place = ? AND piece = ? AND process_id = ? AND n = ?",
            place,
            piece,
            processId,
            number)
        != null;
  }

  /** Deletes all but what lies in a range of places. */
  synchronized void keep(long from, long to) throws SQLException {
    session.update("DELETE FROM payloads WHERE place < ? OR place > ?", from, to);
  }

  /** Closes the file. May be called twice. */
  @Override
  public synchronized void close() throws SQLException {
    try {
      session.close();
    } finally {
      lock.close();
    }
  }
}
