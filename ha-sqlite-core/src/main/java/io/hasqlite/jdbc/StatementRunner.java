package io.hasqlite.jdbc;

import io.hasqlite.capture.Capture;
import io.hasqlite.capture.StatementPlan;
import io.hasqlite.capture.TriggerCapture;
import io.hasqlite.commit.CommitConflictException;
import io.hasqlite.commit.Isolation;
import io.hasqlite.sql.SqlStatement;
import io.hasqlite.sqlite.SqliteErrors;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLWarning;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Runs a connection's statements: each in the transaction, behind the lock and with the capture
 * that it needs. For one thread at a time.
 */
final class StatementRunner {

  private static final StatementPlan HEADER_VALUE =
      new StatementPlan(true, true, false, Set.of(), false, Set.of(), Set.of(), Set.of());

  private static final Pattern SET_TRANSACTION =
      Pattern.compile("set\\s+transaction\\s+read\\s+(only|write)", Pattern.CASE_INSENSITIVE);

  private static final Pattern INTO_FILE =
      Pattern.compile("^vacuum\\b[^'\"]*\\binto\\b", Pattern.CASE_INSENSITIVE);

  private final SqliteSession session;
  private final Capture capture;
  private final DatabaseAccess database;
  private final LocalTransaction transaction;
  private final Warnings warnings;

  private boolean autoCommit = true;
  private boolean readOnly;
  private boolean transactionReadOnly;

  StatementRunner(
      SqliteSession session,
      Capture capture,
      DatabaseAccess database,
      LocalTransaction transaction,
      Warnings warnings) {
    this.session = session;
    this.capture = capture;
    this.database = database;
    this.transaction = transaction;
    this.warnings = warnings;
  }

  boolean isAutoCommit() {
    return autoCommit;
  }

  /** Changes the mode; an open transaction is committed, one that is dead never. */
  void setAutoCommit(boolean on) throws SQLException {
    if (on != autoCommit) {
      autoCommit = on;
      if (on) {
        commit();
      }
    }
  }

  void setIsolation(Isolation isolation) {
    transaction.setIsolation(isolation);
  }

  boolean isReadOnly() {
    return readOnly;
  }

  /** Holds at once for what may be written, and for how the next transaction begins. */
  void setReadOnly(boolean on) {
    readOnly = on;
  }

  /** Tells whether a statement would be a transaction by itself. */
  boolean isUnbound() {
    return autoCommit && transaction.state() == LocalTransaction.State.NONE;
  }

  void commit() throws SQLException {
    transactionReadOnly = false;
    warnings.add(transaction.complete());
  }

  void rollback() throws SQLException {
    transactionReadOnly = false;
    transaction.rollback();
  }

  /** Begins the transaction if it has not begun. */
  void begin(Duration wait) throws SQLException {
    begin(false, wait);
  }

  private void begin(boolean mustBeNext, Duration wait) throws SQLException {
    if (transaction.state() != LocalTransaction.State.NONE) {
      return;
    }
    if (readOnly || transactionReadOnly) {
      transaction.beginRead();
    } else {
      transaction.beginWrite(false, mustBeNext, wait);
    }
  }

  /** Runs one statement of the application. */
  Outcome run(SqlStatement statement, RunningStatement running, Execution execution)
      throws SQLException {
    if (transaction.state() == LocalTransaction.State.DEAD
        && statement.type() != SqlStatement.Type.ROLLBACK) {
      if (statement.type() == SqlStatement.Type.COMMIT) {
        commit();
      }
      throw LocalTransaction.deadException();
    }
    transaction.used();
    if (statement.pragmaName() != null) {
      return pragma(statement, running, execution);
    }
    return switch (statement.type()) {
      case SELECT, EXPLAIN -> direct(statement, running, execution);
      case BEGIN -> beginByText(statement, running, execution);
      case COMMIT, ROLLBACK -> endByText(statement, running, execution);
      case SAVEPOINT, RELEASE, ROLLBACK_TO -> savepoint(statement, running, execution);
      case VACUUM -> vacuum(statement, running, execution);
      case ATTACH, DETACH -> outside(statement, running, execution);
      case OTHER -> other(statement, running, execution);
      default -> write(statement, running, execution);
    };
  }

  /**
   * Runs work that writes as one transaction of its own, again if another node's transaction came
   * first: for as long as it would wait for a lock, since under steady writes of other nodes how
   * often it is overtaken is a matter of luck.
   */
  Outcome inOwnTransaction(RunningStatement running, boolean mustBeNext, SqlCall<Outcome> work)
      throws SQLException {
    Duration patience = running.waitAtMost(database.busyTimeout());
    long start = System.nanoTime();
    while (true) {
      transaction.beginWrite(true, mustBeNext, running.waitAtMost(database.busyTimeout()));
      try {
        running.check();
        Outcome outcome = work.run();
        warnings.add(transaction.complete());
        return outcome;
      } catch (CommitConflictException e) {
        transaction.rollBackAfter(e);
        if (System.nanoTime() - start > patience.toNanos()
            || !database.commitStep().awaitCaughtUp(e)) {
          throw e;
        }
      } catch (SQLException | RuntimeException | Error e) {
        transaction.rollBackAfter(e);
        throw e;
      }
    }
  }

  /** Runs a statement that needs neither capture nor lock, in the transaction if there is one. */
  private Outcome direct(SqlStatement statement, RunningStatement running, Execution execution)
      throws SQLException {
    if (!isUnbound()) {
      begin(running.waitAtMost(database.busyTimeout()));
    }
    return call(statement, running, execution);
  }

  /** Runs a statement that SQLite does not accept in a transaction. */
  private Outcome outside(SqlStatement statement, RunningStatement running, Execution execution)
      throws SQLException {
    return call(statement, running, execution);
  }

  private Outcome call(SqlStatement statement, RunningStatement running, Execution execution)
      throws SQLException {
    // Else the driver begins a transaction after it, which SQLite refuses. Only while it runs, so
    // that whoever unwraps the connection finds the driver in auto-commit mode.
    session.inTransaction(transaction.state() != LocalTransaction.State.NONE);
    try {
      return running.call(() -> execution.run(statement));
    } catch (SQLException | RuntimeException | Error e) {
      transaction.noticeEnd();
      throw e;
    } finally {
      session.inTransaction(false);
    }
  }

  private Outcome write(SqlStatement statement, RunningStatement running, Execution execution)
      throws SQLException {
    ReservedNames.check(statement);
    if (!isUnbound()) {
      begin(statement.isDdl(), running.waitAtMost(database.busyTimeout()));
      return planned(statement, plan(statement), running, execution);
    }
    StatementPlan known = readOnly ? null : capture.lastPlan(statement);
    StatementPlan plan = known != null && known.writesMain() ? known : plan(statement);
    boolean mustBeNext = plan.ddl() || plan.virtualTable();
    // DROP TABLE IF EXISTS writes nothing until another node's table appears.
    boolean mayWrite = plan.writesMain() || statement.isDdl() && !plan.tempDdl();
    if (!mayWrite || readOnly) {
      return planned(statement, plan, running, execution);
    }
    // Asked again inside: the schema may have changed while waiting for the lock.
    return inOwnTransaction(
        running, mustBeNext, () -> planned(statement, plan(statement), running, execution));
  }

  private StatementPlan plan(SqlStatement statement) throws SQLException {
    try {
      StatementPlan plan = capture.plan(statement);
      if (statement.type() != SqlStatement.Type.REINDEX) { // it changes no row
        ReservedNames.check(plan);
      }
      return plan;
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  private Outcome planned(
      SqlStatement statement, StatementPlan plan, RunningStatement running, Execution execution)
      throws SQLException {
    if (!plan.writesMain()) {
      return plan.tempDdl()
          ? captured(statement, plan, running, execution)
          : call(statement, running, execution);
    }
    if (readOnly || transaction.state() != LocalTransaction.State.WRITE) {
      throw new SQLException(
          "The "
              + (readOnly ? "connection is" : "transaction began as")
              + " read-only: "
              + statement.text(),
          "25006");
    }
    return captured(statement, plan, running, execution);
  }

  private Outcome captured(
      SqlStatement statement, StatementPlan plan, RunningStatement running, Execution execution)
      throws SQLException {
    try {
      capture.before(statement, plan);
      if (plan.ddl() || plan.virtualTable()) {
        transaction.changesSchema();
      }
      if (capture.isCompareAndSet(statement)) {
        transaction.compares();
      }
    } catch (SQLException | RuntimeException | Error e) {
      transaction.noticeEnd();
      throw e;
    }
    Outcome outcome;
    try {
      outcome = call(statement, running, execution);
    } catch (SQLException | RuntimeException | Error e) {
      afterFailure(statement, plan, e);
      throw e;
    }
    try {
      capture.after(statement, plan, true);
      if (plan.virtualTable()) {
        capture.addSql(statement.text(), arguments(statement, execution));
      }
    } catch (SQLException | RuntimeException | Error e) {
      // What the statement changed may not be in the log: it must never be committed.
      transaction.abandonAfter(e);
      throw e;
    }
    return outcome;
  }

  /** Returns a statement's arguments as SQLite sees them. */
  private List<@Nullable Object> arguments(SqlStatement statement, Execution execution)
      throws SQLException {
    int count = statement.parameterCount();
    List<@Nullable Object> arguments = new ArrayList<>();
    if (count == 0) {
      return arguments;
    }
    try (PreparedStatement select =
        session.connection().prepareStatement("SELECT ?" + ",?".repeat(count - 1))) {
      execution.bindArguments(statement, select);
      try (ResultSet row = select.executeQuery()) {
        row.next();
        for (int i = 1; i <= count; i++) {
          arguments.add(TriggerCapture.value(row, i));
        }
      }
    }
    return arguments;
  }

  private void afterFailure(SqlStatement statement, StatementPlan plan, Throwable failure) {
    if (transaction.state() != LocalTransaction.State.WRITE) {
      return;
    }
    try {
      capture.after(statement, plan, false);
    } catch (SQLException | RuntimeException e) {
      failure.addSuppressed(e);
      transaction.abandonAfter(failure);
    }
  }

  private Outcome beginByText(SqlStatement statement, RunningStatement running, Execution execution)
      throws SQLException {
    if (transaction.state() != LocalTransaction.State.NONE) {
      // SQLite says what is wrong with it.
      return call(statement, running, execution);
    }
    begin(running.waitAtMost(database.busyTimeout()));
    return Outcome.NOTHING;
  }

  private Outcome endByText(SqlStatement statement, RunningStatement running, Execution execution)
      throws SQLException {
    if (isUnbound()) {
      return call(statement, running, execution);
    }
    if (statement.type() == SqlStatement.Type.COMMIT) {
      commit();
    } else {
      rollback();
    }
    return Outcome.NOTHING;
  }

  private Outcome savepoint(SqlStatement statement, RunningStatement running, Execution execution)
      throws SQLException {
    String name = statement.savepointName();
    if (name == null) {
      return call(statement, running, execution);
    }
    switch (statement.type()) {
      case SAVEPOINT -> setSavepoint(name, running.waitAtMost(database.busyTimeout()));
      case RELEASE -> release(name);
      default -> rollbackTo(name);
    }
    return Outcome.NOTHING;
  }

  /** Sets a savepoint, which begins a transaction if none is open. */
  void setSavepoint(String name, Duration wait) throws SQLException {
    boolean outermost = isUnbound();
    begin(wait);
    if (outermost) {
      transaction.endsWithFirstSavepoint();
    }
    try {
      transaction.savepoint(name);
    } catch (SQLException e) {
      if (outermost) {
        transaction.rollBackAfter(e);
      }
      throw SqliteErrors.translate(e);
    }
  }

  void release(String name) throws SQLException {
    warnings.add(transaction.release(name));
  }

  void rollbackTo(String name) throws SQLException {
    transaction.rollbackTo(name);
  }

  private Outcome pragma(SqlStatement pragma, RunningStatement running, Execution execution)
      throws SQLException {
    PragmaPolicy.Verdict verdict = PragmaPolicy.of(pragma);
    if (pragma.type() == SqlStatement.Type.EXPLAIN && verdict != PragmaPolicy.Verdict.RUN) {
      // SQLite carries many pragmas out while it prepares them.
      verdict = PragmaPolicy.Verdict.REFUSE;
    }
    return switch (verdict) {
      case RUN -> direct(pragma, running, execution);
      case RUN_AS_DDL -> headerValue(pragma, running, execution);
      case RUN_LOCKED -> locked(pragma, running, execution);
      case NOTHING -> Outcome.NOTHING;
      case KEEP -> {
        warnings.add(new SQLWarning(PragmaPolicy.reason(pragma) + "; it stays as it is", "01000"));
        yield PragmaPolicy.answersWhenSet(pragma)
            ? direct(SqlStatement.scan("PRAGMA " + pragma.pragmaName()), running, execution)
            : Outcome.NOTHING;
      }
      case REFUSE -> throw new SQLSyntaxErrorException(PragmaPolicy.reason(pragma), "42501");
    };
  }

  private Outcome headerValue(SqlStatement pragma, RunningStatement running, Execution execution)
      throws SQLException {
    if (isUnbound() && !readOnly) {
      return inOwnTransaction(
          running, true, () -> planned(pragma, HEADER_VALUE, running, execution));
    }
    if (!isUnbound()) {
      begin(running.waitAtMost(database.busyTimeout()));
    }
    return planned(pragma, HEADER_VALUE, running, execution);
  }

  /** Runs a statement that writes, but neither what is replicated nor in a transaction of ours. */
  private Outcome locked(SqlStatement statement, RunningStatement running, Execution execution)
      throws SQLException {
    if (readOnly) {
      throw new SQLException("The connection is read-only: " + statement.text(), "25006");
    }
    if (transaction.state() != LocalTransaction.State.NONE) {
      return call(statement, running, execution);
    }
    database.writeLock().acquire(transaction, running.waitAtMost(database.busyTimeout()));
    try {
      return call(statement, running, execution);
    } finally {
      database.writeLock().release(transaction);
    }
  }

  private Outcome vacuum(SqlStatement statement, RunningStatement running, Execution execution)
      throws SQLException {
    if (INTO_FILE.matcher(statement.text()).find()) {
      return outside(statement, running, execution);
    }
    if (database.hasRowsIdentifiedByRowid(session)) {
      throw new SQLFeatureNotSupportedException(
          "VACUUM may give new rowids to the rows of tables without an INTEGER PRIMARY KEY, and at"
              + " least one such table is replicated by its rowid. Give it a primary key declared"
              + " NOT NULL, or exclude it from replication",
          "HYC00");
    }
    return locked(statement, running, execution);
  }

  private Outcome other(SqlStatement statement, RunningStatement running, Execution execution)
      throws SQLException {
    String text = statement.text();
    Matcher access = SET_TRANSACTION.matcher(text);
    if (access.matches()) {
      setTransactionAccess(access.group(1).equalsIgnoreCase("only"));
      return Outcome.NOTHING;
    }
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.startsWith("backup")) {
      return outside(statement, running, execution);
    }
    if (lower.startsWith("restore")) {
      throw new SQLFeatureNotSupportedException(
          "A replicated database cannot be restored through a connection: other nodes would not"
              + " learn of it",
          "HYC00");
    }
    return write(statement, running, execution);
  }

  private void setTransactionAccess(boolean only) throws SQLException {
    if (transaction.state() == LocalTransaction.State.WRITE && only
        || transaction.state() == LocalTransaction.State.READ && !only) {
      throw new SQLException(
          "SET TRANSACTION must come before the first statement of a transaction", "25001");
    }
    transactionReadOnly = only && !isUnbound();
  }

  /**
   * Returns what a batch of these statements needs: one transaction for all, if they only write.
   */
  boolean isOneTransaction(List<SqlStatement> statements) {
    return isUnbound()
        && !readOnly
        && statements.stream()
            .allMatch(
                statement ->
                    switch (statement.type()) {
                      case INSERT, UPDATE, DELETE -> true;
                      default -> statement.isDdl();
                    });
  }
}
