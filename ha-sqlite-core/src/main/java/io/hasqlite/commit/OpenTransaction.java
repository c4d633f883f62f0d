package io.hasqlite.commit;

import io.hasqlite.sqlite.Schema;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.SQLException;

/** A transaction that is about to be committed: it holds the write lock, its cursors are closed. */
public interface OpenTransaction {

  /** Returns the session in which the transaction is open. */
  SqliteSession session();

  /** Tells whether it is one statement in auto-commit mode, so that it may be run again. */
  boolean isSingleStatement();

  /** Returns what may come between what the transaction has read and its place. */
  default Isolation isolation() {
    return Isolation.READ_COMMITTED;
  }

  /** Returns the schema as the transaction sees it. */
  Schema schema() throws SQLException;

  /** Tells whether the schema may have foreign keys. */
  default boolean hasForeignKeys() throws SQLException {
    return true;
  }

  /** Tells whether the schema has foreign keys that are checked at COMMIT only. */
  boolean mayDeferForeignKeys() throws SQLException;

  /** Closes what the application still reads on this connection. */
  void closeCursors();

  /**
   * COMMIT, and the write lock is free. If it fails the transaction is rolled back.
   *
   * @param committed run after COMMIT, before another writer can have the lock
   */
  void commit(Runnable committed) throws SQLException;

  /** ROLLBACK, and the write lock is free. */
  void rollback() throws SQLException;
}
