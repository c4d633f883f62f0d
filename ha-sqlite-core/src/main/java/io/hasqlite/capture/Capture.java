package io.hasqlite.capture;

import io.hasqlite.changeset.Change;
import io.hasqlite.sql.SqlStatement;
import io.hasqlite.sqlite.Schema;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Captures what the transactions of one session change. The connection calls, in this order: {@link
 * #plan} to know what a statement will do; {@link #begun} right after {@code BEGIN IMMEDIATE};
 * {@link #before} and {@link #after} around each statement that writes the main database or changes
 * the schema of temporary objects; {@link #drain} before the commit; {@link #ended} after COMMIT or
 * ROLLBACK, however it came about; {@link #rolledBackTo} after ROLLBACK TO. For the thread that
 * uses the session.
 */
public interface Capture {

  /**
   * Tells what a statement will do. Must not be called for a PRAGMA, which SQLite may run while it
   * explains it. Outside of a transaction only {@link StatementPlan#writesMain} and {@link
   * StatementPlan#tempDdl} are sure.
   *
   * @throws SQLException if the statement does not compile: SQLite's own message
   */
  StatementPlan plan(SqlStatement statement) throws SQLException;

  /**
   * Returns what was last known of a statement, without looking whether the schema is still the
   * same; null if nothing was. Good enough to decide to begin a transaction, in which {@link #plan}
   * looks again.
   */
  default @Nullable StatementPlan lastPlan(SqlStatement statement) {
    return null;
  }

  /**
   * Makes sure that the triggers fit the schema. May end the (still empty) transaction and begin it
   * again, since triggers that do not fit can only be wiped outside of one.
   */
  void begun() throws SQLException;

  /**
   * Tells whether a statement compares a row with what was read before and only then writes it: an
   * UPDATE that also compares what it assigns, or a DELETE that compares more than what identifies
   * the row. Optimistic locks, claims of jobs and tables for sequences are written so.
   */
  default boolean isCompareAndSet(SqlStatement statement) throws SQLException {
    return false;
  }

  /** Arms the tables that a statement writes; called in the transaction, before the statement. */
  void before(SqlStatement statement, StatementPlan plan) throws SQLException;

  /** Tells that a statement ended, well or not. */
  void after(SqlStatement statement, StatementPlan plan, boolean succeeded) throws SQLException;

  /** Captures a statement that every node must run and that triggers do not see. */
  void addSql(String command, List<@Nullable Object> arguments) throws SQLException;

  /**
   * Returns what the transaction changed, in order; empty if nothing. What is too large for memory
   * is read whenever it is iterated ({@link io.hasqlite.changeset.LargeChanges}), until {@link
   * #ended} tells that the transaction is over.
   */
  List<Change> drain() throws SQLException;

  /** Returns the schema: in a transaction the one that it sees, else the one last seen. */
  Schema currentSchema() throws SQLException;

  /** Tells whether the schema has foreign keys that may be checked at COMMIT only. */
  boolean mayDeferForeignKeys() throws SQLException;

  /** Tells that the transaction went back to a savepoint: triggers made after it are gone. */
  void rolledBackTo() throws SQLException;

  /** Tells that the transaction is over. */
  void ended(boolean committed);
}
