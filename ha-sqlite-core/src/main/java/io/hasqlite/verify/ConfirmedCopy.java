package io.hasqlite.verify;

import io.hasqlite.apply.PendingWork;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.sqlite.SqliteSession;
import java.io.IOException;
import java.sql.SQLException;

/**
 * What a node would show without its own pending transactions: a copy of what a session sees, in
 * which they are undone. For one thread; there is one at a time.
 */
final class ConfirmedCopy implements AutoCloseable {

  private static final String SUFFIX = "-ha-verify";

  private final SqliteFile file;
  private final SqliteSession session;

  private ConfirmedCopy(SqliteFile file, SqliteSession session) {
    this.file = file;
    this.session = session;
  }

  /**
   * Makes the copy.
   *
   * @param view a session of the database with a read transaction open: as long as it is, the
   *     pending transactions of its moment can be read
   * @throws SQLException if there is no room for it, or it could not be read
   */
  static ConfirmedCopy of(SqliteFile database, SqliteSession view, PendingWork pendingWork)
      throws SQLException, IOException {
    SqliteFile file = database.temporary(SUFFIX);
    file.delete(); // of a run that was killed
    SqliteSession session = null;
    boolean done = false;
    try {
      view.backup(file.path());
      session = file.openSession();
      pendingWork.takeOut(session);
      done = true;
      return new ConfirmedCopy(file, session);
    } finally {
      if (!done) {
        if (session != null) {
          session.close();
        }
        file.delete();
      }
    }
  }

  SqliteSession session() {
    return session;
  }

  @Override
  public void close() throws SQLException, IOException {
    session.close();
    file.delete();
  }
}
