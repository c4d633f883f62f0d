package io.hasqlite.jdbc;

import io.hasqlite.sql.SqlStatement;
import io.hasqlite.sqlite.SqliteErrors;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A statement. Several in one text run one after the other, each a transaction by itself in
 * auto-commit mode; {@link #getMoreResults()} leads from one's result to the next. A batch in
 * auto-commit mode is one transaction: if an entry fails, nothing of it is left, and the counts of
 * the {@link BatchUpdateException} only tell how far it came.
 */
class HaStatement implements Statement {

  private static final String NO_ROWS = "07005";
  private static final String KEY_LABEL = "last_insert_rowid()";

  private final HaConnection connection;
  private final List<BatchEntry> batch = new ArrayList<>();
  private List<Outcome> outcomes = List.of();
  private int current;
  private List<Long> generatedKeys = List.of();
  private String keyLabel = KEY_LABEL;
  private boolean batchKeys;

  private int timeoutSeconds;
  private long maxRows;
  private int fetchSize;
  private boolean poolable;
  private boolean closeOnCompletion;
  private volatile boolean closed;
  private volatile @Nullable RunningStatement running;

  HaStatement(HaConnection connection) {
    this.connection = connection;
  }

  // --- What runs a statement ---

  /** Returns the statements of a text that was given for execution. */
  List<SqlStatement> parse(String sql) throws SQLException {
    checkOpen();
    return SqlStatement.scanAll(sql);
  }

  private boolean executeText(String sql) throws SQLException {
    return executeAll(parse(sql), this::runText);
  }

  final boolean executeAll(List<SqlStatement> statements, Execution execution) throws SQLException {
    return connection.locked(
        () -> {
          checkOpen();
          closeResults();
          RunningStatement now = start();
          try {
            outcomes = runAll(statements, now, execution);
          } catch (SQLException | RuntimeException | Error e) {
            closeResults(e);
            throw e;
          } finally {
            running = null;
          }
          generatedKeys =
              outcomes.size() == 1
                  ? outcomes.get(0).generatedKeys()
                  : outcomes.stream().flatMap(o -> o.generatedKeys().stream()).toList();
          return outcomes.get(0).rows() != null;
        });
  }

  private List<Outcome> runAll(
      List<SqlStatement> statements, RunningStatement now, Execution execution)
      throws SQLException {
    if (statements.size() == 1) {
      return List.of(connection.runner().run(statements.get(0), now, execution));
    }
    if (statements.isEmpty()) {
      return List.of(Outcome.NOTHING);
    }
    List<Outcome> all = new ArrayList<>();
    for (SqlStatement statement : statements) {
      all.add(connection.runner().run(statement, now, execution));
      outcomes = List.copyOf(all); // what fails closes those before it
    }
    return outcomes;
  }

  final ResultSet queryAll(List<SqlStatement> statements, Execution execution) throws SQLException {
    if (statements.isEmpty() || !mayReturnRows(statements.get(0))) {
      throw new SQLException(
          "The statement returns no rows: use executeUpdate or execute", NO_ROWS);
    }
    executeAll(statements, execution);
    ResultSet rows = outcomes.get(0).rows();
    if (rows == null) {
      throw new SQLException("The statement returned no rows", NO_ROWS);
    }
    return rows;
  }

  final long updateAll(List<SqlStatement> statements, Execution execution) throws SQLException {
    for (SqlStatement statement : statements) {
      checkNoRows(statement);
    }
    executeAll(statements, execution);
    long count = 0;
    for (Outcome outcome : outcomes) {
      count += Math.max(0, outcome.updateCount());
    }
    if (outcomes.get(0).rows() != null) {
      // A PRAGMA answered; who calls executeUpdate does not want to know.
      closeResults();
      outcomes = List.of(Outcome.NOTHING);
    }
    return count;
  }

  private static void checkNoRows(SqlStatement statement) throws SQLException {
    if (mayReturnRows(statement) && statement.type() != SqlStatement.Type.PRAGMA) {
      throw new SQLException("The statement returns rows: use executeQuery or execute", NO_ROWS);
    }
  }

  private static boolean mayReturnRows(SqlStatement statement) {
    return switch (statement.type()) {
      case SELECT, EXPLAIN, PRAGMA -> true;
      default -> statement.hasReturning();
    };
  }

  final Outcome runText(SqlStatement statement) throws SQLException {
    Statement driver = connection.session().connection().createStatement();
    boolean keep = false;
    try {
      driver.setLargeMaxRows(maxRows);
      boolean rows = driver.execute(statement.text());
      Outcome outcome = outcome(statement, driver, rows, driver, true);
      keep = outcome.rows() != null && !(outcome.rows() instanceof MemoryRows);
      return outcome;
    } finally {
      if (!keep) {
        driver.close();
      }
    }
  }

  /**
   * Makes an outcome of what the driver did.
   *
   * @param owned the driver's statement to close with the rows, or null
   * @param keys whether to ask for the key of an inserted row
   */
  final Outcome outcome(
      SqlStatement statement,
      Statement driver,
      boolean rows,
      @Nullable Statement owned,
      boolean keys)
      throws SQLException {
    if (statement.type() == SqlStatement.Type.ATTACH) {
      connection.reusable().stop();
    } else if (statement.isDdl()) {
      connection.reusable().clear();
    }
    if (!rows) {
      long count = countsRows(statement) ? driver.getLargeUpdateCount() : 0;
      return Outcome.ofCount(count, keys && count > 0 ? keysOf(statement) : List.of());
    }
    ResultSet selected = driver.getResultSet();
    if (!statement.hasReturning() && statement.type() != SqlStatement.Type.PRAGMA) {
      return Outcome.ofRows(new HaResultSet(connection, this, selected, owned), List.of());
    }
    try (selected) {
      MemoryRows read = MemoryRows.read(connection, this, selected);
      return Outcome.ofRows(read, keys ? keysOf(statement) : List.of());
    }
  }

  private static boolean countsRows(SqlStatement statement) {
    return switch (statement.type()) {
      case INSERT, UPDATE, DELETE -> true;
      default -> false;
    };
  }

  // Asked at once: the engine's own inserts may come before the application asks.
  private List<Long> keysOf(SqlStatement statement) throws SQLException {
    return statement.type() == SqlStatement.Type.INSERT
        ? List.of(connection.session().lastInsertRowid())
        : List.of();
  }

  private RunningStatement start() {
    RunningStatement now =
        new RunningStatement(
            connection.session(),
            connection.cursors(),
            connection.database().queryTimer(),
            timeoutSeconds);
    running = now;
    return now;
  }

  // --- Execution of a text ---

  @Override
  public boolean execute(String sql) throws SQLException {
    wantKeys(null);
    return executeText(sql);
  }

  @Override
  public boolean execute(String sql, int autoGeneratedKeys) throws SQLException {
    return execute(sql);
  }

  @Override
  public boolean execute(String sql, int[] columnIndexes) throws SQLException {
    return execute(sql);
  }

  @Override
  public boolean execute(String sql, String[] columnNames) throws SQLException {
    wantKeys(columnNames);
    return executeText(sql);
  }

  @Override
  public ResultSet executeQuery(String sql) throws SQLException {
    wantKeys(null);
    return queryAll(parse(sql), this::runText);
  }

  @Override
  public long executeLargeUpdate(String sql) throws SQLException {
    wantKeys(null);
    return updateAll(parse(sql), this::runText);
  }

  @Override
  public long executeLargeUpdate(String sql, int autoGeneratedKeys) throws SQLException {
    return executeLargeUpdate(sql);
  }

  @Override
  public long executeLargeUpdate(String sql, int[] columnIndexes) throws SQLException {
    return executeLargeUpdate(sql);
  }

  @Override
  public long executeLargeUpdate(String sql, String[] columnNames) throws SQLException {
    wantKeys(columnNames);
    return updateAll(parse(sql), this::runText);
  }

  @Override
  public int executeUpdate(String sql) throws SQLException {
    return toInt(executeLargeUpdate(sql));
  }

  @Override
  public int executeUpdate(String sql, int autoGeneratedKeys) throws SQLException {
    return toInt(executeLargeUpdate(sql));
  }

  @Override
  public int executeUpdate(String sql, int[] columnIndexes) throws SQLException {
    return toInt(executeLargeUpdate(sql));
  }

  @Override
  public int executeUpdate(String sql, String[] columnNames) throws SQLException {
    return toInt(executeLargeUpdate(sql, columnNames));
  }

  static int toInt(long count) {
    return (int) Math.min(Integer.MAX_VALUE, count);
  }

  // --- Results ---

  private @Nullable Outcome currentOutcome() {
    return current < outcomes.size() ? outcomes.get(current) : null;
  }

  @Override
  public @Nullable ResultSet getResultSet() throws SQLException {
    checkOpen();
    Outcome outcome = currentOutcome();
    return outcome == null ? null : outcome.rows();
  }

  @Override
  public long getLargeUpdateCount() throws SQLException {
    checkOpen();
    Outcome outcome = currentOutcome();
    return outcome == null ? -1 : outcome.updateCount();
  }

  @Override
  public int getUpdateCount() throws SQLException {
    return toInt(getLargeUpdateCount());
  }

  @Override
  public boolean getMoreResults() throws SQLException {
    return getMoreResults(CLOSE_CURRENT_RESULT);
  }

  @Override
  public boolean getMoreResults(int what) throws SQLException {
    checkOpen();
    if (what != CLOSE_CURRENT_RESULT && what != KEEP_CURRENT_RESULT && what != CLOSE_ALL_RESULTS) {
      throw new SQLException("Not a constant of Statement: " + what, "HY024");
    }
    int from = what == CLOSE_ALL_RESULTS ? 0 : current;
    for (int i = from; what != KEEP_CURRENT_RESULT && i <= current && i < outcomes.size(); i++) {
      HaResultSet rows = outcomes.get(i).rows();
      if (rows != null) {
        rows.close();
      }
    }
    if (current < outcomes.size()) {
      current++;
    }
    return getResultSet() != null;
  }

  @Override
  public ResultSet getGeneratedKeys() throws SQLException {
    checkOpen();
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (Long key : generatedKeys) {
      rows.add(new Object[] {key});
    }
    return new MemoryRows(connection, null, List.of(keyLabel), rows);
  }

  /** Names the column of generated keys as the application asked for it. */
  final void wantKeys(String @Nullable [] columnNames) {
    keyLabel = columnNames != null && columnNames.length == 1 ? columnNames[0] : KEY_LABEL;
  }

  /** Asks for the keys of a batch too; they cost a query per entry. */
  final void wantBatchKeys() {
    batchKeys = true;
  }

  final boolean wantsBatchKeys() {
    return batchKeys;
  }

  private void closeResults() throws SQLException {
    current = 0;
    generatedKeys = List.of();
    List<Outcome> old = outcomes;
    outcomes = List.of();
    for (Outcome outcome : old) {
      if (outcome.rows() != null) {
        outcome.rows().close();
      }
    }
  }

  private void closeResults(Throwable failure) {
    try {
      closeResults();
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }

  /** Tells that reading on in one of its result sets failed. */
  void readingFailed() {}

  /** Tells that one of its result sets was closed. */
  final void resultClosed() throws SQLException {
    if (closeOnCompletion
        && !outcomes.isEmpty()
        && outcomes.stream().allMatch(o -> o.rows() == null || o.rows().isClosed())) {
      close();
    }
  }

  // --- Batches ---

  @Override
  public void addBatch(String sql) throws SQLException {
    batch.add(new BatchEntry(parse(sql), this::runText));
  }

  final void addBatch(BatchEntry entry) throws SQLException {
    checkOpen();
    batch.add(entry);
  }

  @Override
  public void clearBatch() throws SQLException {
    checkOpen();
    batch.clear();
  }

  @Override
  public int[] executeBatch() throws SQLException {
    return Arrays.stream(executeLargeBatch()).mapToInt(HaStatement::toInt).toArray();
  }

  @Override
  public long[] executeLargeBatch() throws SQLException {
    List<BatchEntry> entries = List.copyOf(batch);
    batch.clear();
    return connection.locked(
        () -> {
          checkOpen();
          closeResults();
          if (entries.isEmpty()) {
            return new long[0];
          }
          RunningStatement now = start();
          try {
            return executeBatch(entries, now);
          } finally {
            running = null;
          }
        });
  }

  private long[] executeBatch(List<BatchEntry> entries, RunningStatement now) throws SQLException {
    long[] counts = new long[entries.size()];
    List<Long> keys = new ArrayList<>();
    List<SqlStatement> distinct =
        entries.stream().flatMap(entry -> entry.statements().stream()).distinct().toList();
    if (connection.runner().isOneTransaction(distinct)) {
      connection
          .runner()
          .inOwnTransaction(
              now,
              distinct.stream().anyMatch(SqlStatement::isDdl),
              () -> {
                keys.clear();
                executeEntries(entries, now, counts, keys);
                return Outcome.NOTHING;
              });
    } else {
      executeEntries(entries, now, counts, keys);
    }
    generatedKeys = List.copyOf(keys);
    return counts;
  }

  private void executeEntries(
      List<BatchEntry> entries, RunningStatement now, long[] counts, List<Long> keys)
      throws SQLException {
    for (int i = 0; i < entries.size(); i++) {
      counts[i] = 0;
      try {
        for (SqlStatement statement : entries.get(i).statements()) {
          checkNoRows(statement);
          Outcome outcome = connection.runner().run(statement, now, entries.get(i).execution());
          counts[i] += Math.max(0, outcome.updateCount());
          keys.addAll(outcome.generatedKeys());
        }
      } catch (SQLException e) {
        throw batchFailure(i, counts, SqliteErrors.translate(e));
      }
    }
  }

  private static BatchUpdateException batchFailure(int entry, long[] counts, SQLException e) {
    BatchUpdateException failure =
        new BatchUpdateException(
            "Entry " + (entry + 1) + " of the batch: " + e.getMessage(),
            e.getSQLState(),
            e.getErrorCode(),
            Arrays.copyOf(counts, entry),
            e);
    failure.setNextException(e);
    return failure;
  }

  // --- Life ---

  final HaConnection connection() {
    return connection;
  }

  final long maxRows() {
    return maxRows;
  }

  final void checkOpen() throws SQLException {
    if (isClosed()) {
      throw new SQLException("The statement is closed", "HY010");
    }
  }

  @Override
  public void close() throws SQLException {
    if (closed) {
      return;
    }
    closed = true;
    batch.clear();
    closeResults();
  }

  @Override
  public boolean isClosed() {
    return closed || connection.isClosed();
  }

  @Override
  public void cancel() throws SQLException {
    RunningStatement now = running;
    if (now != null) {
      now.cancel();
    }
  }

  @Override
  public Connection getConnection() throws SQLException {
    checkOpen();
    return connection;
  }

  @Override
  public void closeOnCompletion() throws SQLException {
    checkOpen();
    closeOnCompletion = true;
  }

  @Override
  public boolean isCloseOnCompletion() throws SQLException {
    checkOpen();
    return closeOnCompletion;
  }

  // --- Settings ---

  @Override
  public int getQueryTimeout() throws SQLException {
    checkOpen();
    return timeoutSeconds;
  }

  /**
   * Sets the timeout of one execution, all its statements and the wait for the write lock included;
   * not of reading on in its result sets, nor of the commit.
   */
  @Override
  public void setQueryTimeout(int seconds) throws SQLException {
    checkOpen();
    timeoutSeconds = notNegative(seconds);
  }

  @Override
  public long getLargeMaxRows() throws SQLException {
    checkOpen();
    return maxRows;
  }

  @Override
  public void setLargeMaxRows(long max) throws SQLException {
    checkOpen();
    notNegative(toInt(max));
    maxRows = max;
  }

  @Override
  public int getMaxRows() throws SQLException {
    return toInt(getLargeMaxRows());
  }

  @Override
  public void setMaxRows(int max) throws SQLException {
    setLargeMaxRows(max);
  }

  @Override
  public int getFetchSize() throws SQLException {
    checkOpen();
    return fetchSize;
  }

  @Override
  public void setFetchSize(int rows) throws SQLException {
    checkOpen();
    fetchSize = notNegative(rows);
  }

  private static int notNegative(int value) throws SQLException {
    if (value < 0) {
      throw new SQLException("Must not be negative: " + value, "HY024");
    }
    return value;
  }

  @Override
  public int getMaxFieldSize() throws SQLException {
    checkOpen();
    return 0;
  }

  @Override
  public void setMaxFieldSize(int max) throws SQLException {
    checkOpen();
    notNegative(max);
  }

  @Override
  public void setEscapeProcessing(boolean enable) throws SQLException {
    checkOpen();
  }

  @Override
  public void setCursorName(String name) throws SQLException {
    checkOpen();
  }

  @Override
  public int getFetchDirection() throws SQLException {
    checkOpen();
    return ResultSet.FETCH_FORWARD;
  }

  @Override
  public void setFetchDirection(int direction) throws SQLException {
    checkOpen();
    if (direction != ResultSet.FETCH_FORWARD
        && direction != ResultSet.FETCH_REVERSE
        && direction != ResultSet.FETCH_UNKNOWN) {
      throw new SQLException("Not a fetch direction: " + direction, "HY024");
    }
  }

  @Override
  public int getResultSetConcurrency() throws SQLException {
    checkOpen();
    return ResultSet.CONCUR_READ_ONLY;
  }

  @Override
  public int getResultSetType() throws SQLException {
    checkOpen();
    return ResultSet.TYPE_FORWARD_ONLY;
  }

  @Override
  public int getResultSetHoldability() throws SQLException {
    checkOpen();
    return ResultSet.CLOSE_CURSORS_AT_COMMIT;
  }

  @Override
  public void setPoolable(boolean on) throws SQLException {
    checkOpen();
    poolable = on;
  }

  @Override
  public boolean isPoolable() throws SQLException {
    checkOpen();
    return poolable;
  }

  @Override
  public @Nullable SQLWarning getWarnings() throws SQLException {
    checkOpen();
    return connection.getWarnings();
  }

  @Override
  public void clearWarnings() throws SQLException {
    checkOpen();
    connection.clearWarnings();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return Wrapping.unwrap(type, this, null);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return Wrapping.isWrapperFor(type, this, null);
  }
}
