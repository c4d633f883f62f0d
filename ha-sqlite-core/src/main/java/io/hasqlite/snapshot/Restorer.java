package io.hasqlite.snapshot;

import io.hasqlite.FaultPoint;
import io.hasqlite.Position;
import io.hasqlite.apply.AppliedPosition;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.apply.PendingWork;
import io.hasqlite.sqlite.Schema;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.WriteLock;
import io.hasqlite.stream.SnapshotStamp;
import io.hasqlite.stream.SnapshotStore;
import io.hasqlite.stream.StoredSnapshot;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.StreamState;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a database to the latest snapshot. That is read into a file beside it and checked there;
 * what belongs to this node alone is added; then SQLite replaces the database's content in one
 * step. Whenever this is interrupted, the database is either the old or the new one.
 */
public final class Restorer {

  private static final Logger log = LoggerFactory.getLogger(Restorer.class);

  private static final String SUFFIX = "-ha-restore";

  /** Long, since giving up means to read the snapshot again. */
  private static final Duration LOCK_WAIT = Duration.ofMinutes(1);

  private static final int BUFFER_BYTES = 1 << 16;

  /** A snapshot that is replaced while it is read is read anew. */
  private static final int READS_MAX = 3;

  private final SqliteFile database;
  private final SnapshotStore store;
  private final ControlTables controlTables;
  private final LocalTables local;
  private final PendingWork pendingWork;

  /** Creates a restorer; nothing is read yet. */
  public Restorer(
      SqliteFile database,
      SnapshotStore store,
      ControlTables controlTables,
      Set<String> excludedTables,
      PendingWork pendingWork) {
    this.database = database;
    this.store = store;
    this.controlTables = controlTables;
    this.local = new LocalTables(excludedTables);
    this.pendingWork = pendingWork;
  }

  /**
   * Tells why the latest snapshot is of no use here; null if it can be restored.
   *
   * @param stream what the stream is now: it must go on from the snapshot
   * @param atLeast the position that the snapshot must show at least
   */
  public @Nullable String whyNotUsable(StreamState stream, long atLeast) {
    Optional<StoredSnapshot> latest = store.latest();
    return latest.isEmpty()
        ? "there is no snapshot"
        : whyNotUsable(latest.get().stamp(), stream, atLeast);
  }

  private @Nullable String whyNotUsable(SnapshotStamp stamp, StreamState stream, long atLeast) {
    String what = "the latest snapshot, at " + stamp.sequence() + ", ";
    if (!stamp.streamCreated().equals(stream.created().toString())) {
      return what
          + (stamp.streamCreated().isEmpty()
              ? "was made by another program"
              : "is of a stream that was created at "
                  + stamp.streamCreated()
                  + ", this one at "
                  + stream.created());
    }
    if (stamp.sequence() + 1 < stream.firstSequence()) {
      return what + "is too old: the stream begins at " + stream.firstSequence();
    }
    if (stamp.sequence() < atLeast) {
      return what + "is too old: one at " + atLeast + " or later is needed";
    }
    if (!stamp.excludedTables().equals(local.digest())) {
      return what
          + "was made by a node with other excluded tables (ha.sqlite.exclude-tables); they must be"
          + " the same on all nodes";
    }
    return null;
  }

  /**
   * Restores a database that nobody else has open, whatever its page size.
   *
   * @throws SnapshotException if there is no usable snapshot, or it is damaged
   * @throws StreamException if the store is away
   */
  public void restore(StreamState stream, long atLeast) throws SQLException {
    try (Download download = new Download(stream, atLeast);
        SqliteSession session = database.openSession()) {
      download.addLocalWork(session);
      // With a rollback journal SQLite can change the page size, and needs no second copy.
      Object mode = session.one("PRAGMA main.journal_mode=DELETE");
      if (!"delete".equals(mode)) {
        throw notReplaced("its journal mode is " + mode);
      }
      replace(session, download);
      session.one("PRAGMA main.journal_mode=WAL");
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /**
   * Restores a database in use. Readers keep what they see until their transaction ends; writers
   * wait.
   *
   * @param session a session without a transaction
   * @param position is moved to what the snapshot shows
   * @throws SnapshotException if there is no usable snapshot, it is damaged, or its page size is
   *     another one: then only a restart helps
   * @throws StreamException if the store is away
   * @throws SQLException if the write lock was not free in time
   */
  public void restoreInPlace(
      SqliteSession session,
      WriteLock writeLock,
      AppliedPosition position,
      StreamState stream,
      long atLeast)
      throws SQLException {
    try (Download download = new Download(stream, atLeast)) {
      long pageSize = session.number("PRAGMA main.page_size");
      if (pageSize != download.stamp.pageSize()) {
        throw notReplaced(
            "its page size is "
                + pageSize
                + ", the snapshot's "
                + download.stamp.pageSize()
                + ": restart this node, which restores it at its start");
      }
      writeLock.acquire(this, LOCK_WAIT);
      try {
        download.addLocalWork(session);
        replace(session, download);
        pendingWork.replaced(session);
        controlTables.loadFence(session);
        position.moveTo(new Position(download.stamp.sequence(), download.stamp.lastOfSubject()));
        truncateWal(session);
      } finally {
        writeLock.release(this);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** SQLite reports success even if it did nothing: only what it shows now is believed. */
  private void replace(SqliteSession session, Download download) throws SQLException {
    long before = Schema.readVersion(session);
    FaultPoint.RESTORING.reached();
    session.restore(download.file.path());
    SnapshotStamp now =
        Schema.readVersion(session) == before
            ? null
            : SnapshotCopy.stamp(session, controlTables, local);
    if (!download.stamp.equals(now)) {
      throw notReplaced("another program writes to it, or has it open");
    }
    log.info(
        "Database {} was restored from the snapshot at {}",
        database.path(),
        download.stamp.sequence());
  }

  /** The whole database went through the WAL. While somebody reads, it stays as large as that. */
  private static void truncateWal(SqliteSession session) throws SQLException {
    long timeout = session.number("PRAGMA busy_timeout");
    session.execute("PRAGMA busy_timeout=0");
    try {
      session.one("PRAGMA main.wal_checkpoint(TRUNCATE)");
    } finally {
      session.execute("PRAGMA busy_timeout=" + timeout);
    }
  }

  private SnapshotException notReplaced(String why) {
    return new SnapshotException(
        "The snapshot could not take the place of the database " + database.path() + ": " + why,
        null);
  }

  private SnapshotException failed(Exception e) {
    return new SnapshotException(
        "The latest snapshot could not be restored to " + database.path() + ": " + e.getMessage(),
        e);
  }

  /**
   * Reads the latest snapshot into a new file.
   *
   * @return what was read; empty if there is none
   * @throws SnapshotException if it is damaged, or the file is there or cannot be written
   */
  public static Optional<StoredSnapshot> read(SnapshotStore store, Path target) {
    boolean whole = false;
    try {
      Files.createFile(target);
      try {
        Optional<StoredSnapshot> read;
        // Without TRUNCATE_EXISTING: ext4 writes all of a truncated file to the disk at its close.
        try (OutputStream out =
            new BufferedOutputStream(
                Files.newOutputStream(target, StandardOpenOption.WRITE), BUFFER_BYTES)) {
          read = store.get(out);
        }
        whole = read.isPresent();
        return read;
      } finally {
        if (!whole) {
          Files.deleteIfExists(target);
        }
      }
    } catch (IOException e) {
      throw new SnapshotException(
          "The latest snapshot could not be read into " + target + ": " + e.getMessage(), e);
    }
  }

  /** A snapshot in a file of its own, checked. */
  private final class Download implements AutoCloseable {

    private final SqliteFile file = database.temporary(SUFFIX);
    private final SnapshotStamp stamp;

    Download(StreamState stream, long atLeast) throws IOException {
      String why = whyNotUsable(stream, atLeast);
      if (why != null) {
        throw SnapshotException.missing("No snapshot can be restored: " + why);
      }
      boolean done = false;
      try {
        StoredSnapshot read = readOften();
        why = whyNotUsable(read.stamp(), stream, atLeast);
        if (why != null) {
          throw new SnapshotException("No snapshot can be restored: " + why, null);
        }
        stamp = read.stamp();
        check();
        done = true;
      } finally {
        if (!done) {
          file.delete();
        }
      }
    }

    private StoredSnapshot readOften() throws IOException {
      for (int i = 1; ; i++) {
        file.delete();
        try {
          return read(store, file.path())
              .orElseThrow(() -> new SnapshotException("The latest snapshot is gone", null));
        } catch (StreamException e) {
          if (i == READS_MAX) {
            store.latest(); // fails if it is the server that is away
            throw new SnapshotException(
                "The latest snapshot could not be read: " + e.getMessage(), e);
          }
        }
      }
    }

    private void check() {
      try (SqliteSession session = file.openSession()) {
        SnapshotCopy.check(session, file.path());
        ControlTables tables = controlTables.ofAnotherFile();
        SnapshotStamp found = SnapshotCopy.stamp(session, tables, local);
        // It may have been stamped again since, at a later position.
        if (found.sequence() > stamp.sequence() || !found.at(stamp.sequence()).equals(stamp)) {
          throw new SnapshotException(
              "The latest snapshot does not show what it is stored under: expected "
                  + stamp
                  + ", found "
                  + found,
              null);
        }
        tables.advance(session, stamp.sequence());
      } catch (SQLException e) {
        throw new SnapshotException(
            "The latest snapshot, at " + stamp.sequence() + ", is damaged: " + e.getMessage(), e);
      }
    }

    /** Nothing is committed to the database meanwhile. */
    void addLocalWork(SqliteSession source) throws SQLException {
      try (SqliteSession session = file.openSession()) {
        local.copy(database.path(), session);
        pendingWork.putOnTop(source, session);
        session.execute("PRAGMA journal_mode=DELETE");
      }
    }

    @Override
    public void close() throws IOException {
      file.delete();
    }
  }
}
