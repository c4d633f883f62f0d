package io.hasqlite.commit;

import io.hasqlite.sqlite.SqliteSession;
import java.sql.SQLException;

/** A transaction that is about to be committed: it holds the write lock, its cursors are closed. */
public interface OpenTransaction {

  /** Returns the session in which the transaction is open. */
  SqliteSession session();

  /** Tells whether it is one statement in auto-commit mode, so that it may be run again. */
  boolean isSingleStatement();

  /** COMMIT, and the write lock is free. If it fails the transaction is rolled back. */
  void commit() throws SQLException;

  /** ROLLBACK, and the write lock is free. */
  void rollback() throws SQLException;
}
