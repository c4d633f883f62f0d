package io.hasqlite.commit;

import io.hasqlite.sqlite.SqliteSession;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;

/** What must hold before a transaction is published, since COMMIT must not fail afterwards. */
final class CommitChecks {

  private CommitChecks() {}

  static void check(OpenTransaction transaction) throws SQLException {
    SqliteSession session = transaction.session();
    if (transaction.hasForeignKeys()
        && (transaction.mayDeferForeignKeys() || session.number("PRAGMA defer_foreign_keys") != 0)
        && DeferredForeignKeys.areViolated(session, transaction::closeCursors)) {
      throw new SQLIntegrityConstraintViolationException(
          "A deferred foreign key is violated: the transaction was rolled back", "23503");
    }
  }
}
