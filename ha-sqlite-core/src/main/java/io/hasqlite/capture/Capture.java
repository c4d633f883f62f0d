package io.hasqlite.capture;

import io.hasqlite.changeset.Change;
import io.hasqlite.sql.SqlStatement;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.SQLException;
import java.util.List;

/**
 * Captures what the transactions of one connection change. The connection calls, in this order:
 * {@link #plan} to know what a statement will do; {@link #begun} right after {@code BEGIN
 * IMMEDIATE}; {@link #before} and {@link #after} around each statement that writes the main
 * database; {@link #drain} before the commit; {@link #ended} after COMMIT or ROLLBACK, however it
 * came about; {@link #rolledBackTo} after ROLLBACK TO. For the thread that uses the connection.
 */
public class Capture {

  private final SqliteSession session;

  /** Captures what is written through a session. */
  public Capture(SqliteSession session) {
    this.session = session;
  }

  /**
   * Tells what a statement will do. Asked of SQLite once per text and schema. Must not be called
   * for a PRAGMA.
   *
   * @throws SQLException if the statement does not compile: SQLite's own message
   */
  public StatementPlan plan(SqlStatement statement) throws SQLException {
    return StatementPlan.READS;
  }

  /**
   * Makes sure that the triggers fit the schema. May end the (still empty) transaction and begin it
   * again, since triggers are rebuilt outside of one.
   */
  public void begun() throws SQLException {}

  /** Arms the tables that a statement writes; called in the transaction, before the statement. */
  public void before(SqlStatement statement, StatementPlan plan) throws SQLException {}

  /** Tells that a statement ended, well or not. */
  public void after(SqlStatement statement, StatementPlan plan, boolean succeeded)
      throws SQLException {}

  /** Reads and clears what the transaction changed, in order; empty if nothing. */
  public List<Change> drain() throws SQLException {
    return List.of();
  }

  /**
   * Tells that the transaction went back to a savepoint: what was armed after it is not any more.
   */
  public void rolledBackTo() throws SQLException {}

  /** Tells that the transaction is over. */
  public void ended(boolean committed) {}

  /** Returns the session. */
  protected SqliteSession session() {
    return session;
  }
}
