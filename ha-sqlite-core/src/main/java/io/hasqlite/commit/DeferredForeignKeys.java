package io.hasqlite.commit;

import io.hasqlite.sqlite.SqliteErrors;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.SQLException;

/**
 * Asks SQLite whether COMMIT would fail over deferred foreign keys, which must be known before the
 * changes are published. Dropping a temporary table that is itself the child of a deferred foreign
 * key deletes its row first, which {@code total_changes()} counts, but only if violations are
 * outstanding: exact, at a cost that does not depend on the size of any table.
 */
final class DeferredForeignKeys {

  private DeferredForeignKeys() {}

  /**
   * Tells whether violations are outstanding in the open transaction.
   *
   * @param closeCursors closes the connection's cursors: while one is open no table can be dropped
   */
  static boolean areViolated(SqliteSession session, Runnable closeCursors) throws SQLException {
    if (session.number("PRAGMA foreign_keys") == 0) {
      return false;
    }
    session.execute("CREATE TEMP TABLE IF NOT EXISTS ha_fkp(id INTEGER PRIMARY KEY)");
    session.execute(
        "CREATE TEMP TABLE ha_fk(x REFERENCES ha_fkp(id) DEFERRABLE INITIALLY DEFERRED)");
    session.execute("INSERT INTO temp.ha_fk VALUES(NULL)");
    long before = session.totalChanges();
    try {
      session.execute("DROP TABLE temp.ha_fk");
    } catch (SQLException e) {
      if (!SqliteErrors.isLocked(e)) {
        throw e;
      }
      closeCursors.run();
      session.execute("DROP TABLE temp.ha_fk");
    }
    return session.totalChanges() != before;
  }
}
