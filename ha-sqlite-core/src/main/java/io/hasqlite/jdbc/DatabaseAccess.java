package io.hasqlite.jdbc;

import io.hasqlite.capture.Capture;
import io.hasqlite.commit.CommitStep;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.WriteLock;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The database as its connections see it: what the engine lends to each of them. */
public interface DatabaseAccess {

  /**
   * Opens a session for a new connection, its pragmas set. The connection closes it.
   *
   * @throws SQLException if the file cannot be opened, or the engine is stopped
   */
  SqliteSession openSession() throws SQLException;

  /**
   * Returns what captures a new session's transactions, or null if nothing is to be captured: then
   * transactions are committed as plain SQLite does it.
   */
  @Nullable Capture captureOf(SqliteSession session) throws SQLException;

  /** Returns the lock that all writers of the database share. */
  WriteLock writeLock();

  /** Returns what ends a transaction that changed something. */
  CommitStep commitStep();

  /**
   * Waits until a transaction may begin; see {@link CommitStep#awaitCommitted}.
   *
   * @return false if it may not in time
   */
  default boolean awaitCommitted(boolean mustBeNext, Duration timeout) throws SQLException {
    return true;
  }

  /** Waits while another's fence is open; see {@link CommitStep#awaitFence}. */
  default Duration awaitFence(boolean mustBeNext, Duration atMost) throws SQLException {
    return Duration.ZERO;
  }

  /** Holds off other transactions or lets them go on; see {@link CommitStep#holdOthers}. */
  default void holdOthers(boolean hold) {}

  /** Returns how long a transaction waits for the write lock before it fails with 40001. */
  Duration busyTimeout();

  /** Returns the timer of query timeouts. */
  QueryTimer queryTimer();

  /**
   * Tells whether there is a replicated table whose rows are identified by their rowid. VACUUM is
   * refused then, since it may number them anew.
   */
  boolean hasRowsIdentifiedByRowid(SqliteSession session) throws SQLException;
}
