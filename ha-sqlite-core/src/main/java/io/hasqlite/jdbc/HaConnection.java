package io.hasqlite.jdbc;

import io.hasqlite.capture.Capture;
import io.hasqlite.commit.Isolation;
import io.hasqlite.sqlite.SqliteErrors;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.NClob;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLWarning;
import java.sql.SQLXML;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Struct;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A connection of the application: JDBC's face of a {@link LocalTransaction} and a {@link
 * StatementRunner}. The driver's connection stays in auto-commit mode for ever.
 *
 * <p>Several threads may use it, one after the other; only {@link #abort} and {@link
 * Statement#cancel} may come while another thread is inside.
 */
final class HaConnection implements Connection {

  private static final Duration INTERRUPT_INTERVAL = Duration.ofMillis(5);

  private final DatabaseAccess database;
  private final SqliteSession session;
  private final OpenCursors cursors = new OpenCursors();
  private final ReusableStatements reusable = new ReusableStatements();
  private final Warnings warnings = new Warnings();
  private final LocalTransaction transaction;
  private final StatementRunner runner;
  private final ReentrantLock lock = new ReentrantLock();
  private final CloseListener onClosed;
  private final Properties clientInfo = new Properties();
  private Map<String, Class<?>> typeMap = new HashMap<>();
  private int isolation = TRANSACTION_READ_COMMITTED;
  private int savepoints;
  private volatile boolean aborted;
  private volatile boolean closed;

  private HaConnection(
      DatabaseAccess database, SqliteSession session, Capture capture, CloseListener onClosed) {
    this.database = database;
    this.onClosed = onClosed;
    this.session = session;
    this.transaction = new LocalTransaction(session, capture, database, cursors);
    this.runner = new StatementRunner(session, capture, database, transaction, warnings);
  }

  /** Hears of the end of a connection. */
  @FunctionalInterface
  interface CloseListener {

    /**
     * Called once, when nothing of the connection is open any more.
     *
     * @throws SQLException what {@link HaConnection#close} then throws
     */
    void closed(HaConnection connection) throws SQLException;
  }

  /** Opens a connection; {@code onClosed} hears of its end. */
  static HaConnection open(DatabaseAccess database, CloseListener onClosed) throws SQLException {
    SqliteSession session = database.openSession();
    try {
      Capture capture = database.captureOf(session);
      return new HaConnection(
          database, session, capture == null ? new PlainCapture() : capture, onClosed);
    } catch (SQLException | RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  SqliteSession session() {
    return session;
  }

  DatabaseAccess database() {
    return database;
  }

  OpenCursors cursors() {
    return cursors;
  }

  /** Returns the driver's statements that its prepared statements leave to each other. */
  ReusableStatements reusable() {
    return reusable;
  }

  StatementRunner runner() {
    return runner;
  }

  /** Runs something for which the connection must be open and no other thread inside. */
  <T extends @Nullable Object> T locked(SqlCall<T> call) throws SQLException {
    lock.lock();
    try {
      checkOpen();
      return call.run();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    } finally {
      lock.unlock();
    }
  }

  private void checkOpen() throws SQLException {
    if (isClosed()) {
      throw new SQLException("The connection is closed", "08003");
    }
  }

  // --- Statements ---

  @Override
  public Statement createStatement() throws SQLException {
    checkOpen();
    return new HaStatement(this);
  }

  @Override
  public Statement createStatement(int type, int concurrency) throws SQLException {
    return createStatement(type, concurrency, ResultSet.CLOSE_CURSORS_AT_COMMIT);
  }

  @Override
  public Statement createStatement(int type, int concurrency, int holdability) throws SQLException {
    checkCursor(type, concurrency, holdability);
    return createStatement();
  }

  @Override
  public PreparedStatement prepareStatement(String sql) throws SQLException {
    return locked(() -> new HaPreparedStatement(this, sql));
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int type, int concurrency)
      throws SQLException {
    return prepareStatement(sql, type, concurrency, ResultSet.CLOSE_CURSORS_AT_COMMIT);
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int type, int concurrency, int holdability)
      throws SQLException {
    checkCursor(type, concurrency, holdability);
    return prepareStatement(sql);
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int autoGeneratedKeys) throws SQLException {
    return autoGeneratedKeys == Statement.RETURN_GENERATED_KEYS
        ? prepareWithKeys(sql, null)
        : prepareStatement(sql);
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int[] columnIndexes) throws SQLException {
    return prepareWithKeys(sql, null);
  }

  @Override
  public PreparedStatement prepareStatement(String sql, String[] columnNames) throws SQLException {
    return prepareWithKeys(sql, columnNames);
  }

  private PreparedStatement prepareWithKeys(String sql, String @Nullable [] columnNames)
      throws SQLException {
    return locked(
        () -> {
          HaPreparedStatement statement = new HaPreparedStatement(this, sql);
          statement.wantKeys(columnNames);
          statement.wantBatchKeys();
          return statement;
        });
  }

  private static void checkCursor(int type, int concurrency, int holdability) throws SQLException {
    if (type != ResultSet.TYPE_FORWARD_ONLY
        || concurrency != ResultSet.CONCUR_READ_ONLY
        || holdability != ResultSet.CLOSE_CURSORS_AT_COMMIT) {
      throw unsupported(
          "SQLite's result sets are TYPE_FORWARD_ONLY, CONCUR_READ_ONLY, CLOSE_CURSORS_AT_COMMIT");
    }
  }

  @Override
  public CallableStatement prepareCall(String sql) throws SQLException {
    throw unsupported("SQLite has no stored procedures");
  }

  @Override
  public CallableStatement prepareCall(String sql, int type, int concurrency) throws SQLException {
    return prepareCall(sql);
  }

  @Override
  public CallableStatement prepareCall(String sql, int type, int concurrency, int holdability)
      throws SQLException {
    return prepareCall(sql);
  }

  @Override
  public String nativeSQL(String sql) {
    return sql;
  }

  // --- Transactions ---

  /**
   * Turns auto-commit on or off. Turning it on commits an open transaction; one that SQLite has
   * rolled back is never committed, and said with an exception of SQLState 40000.
   */
  @Override
  public void setAutoCommit(boolean on) throws SQLException {
    run(() -> runner.setAutoCommit(on));
  }

  @Override
  public boolean getAutoCommit() throws SQLException {
    checkOpen();
    return runner.isAutoCommit();
  }

  /**
   * Commits. On any exception the transaction has been rolled back, or is in doubt if its SQLState
   * is 08007: then it takes effect here and everywhere if it has reached the stream.
   */
  @Override
  public void commit() throws SQLException {
    run(
        () -> {
          checkManual();
          runner.commit();
        });
  }

  @Override
  public void rollback() throws SQLException {
    run(
        () -> {
          checkManual();
          runner.rollback();
        });
  }

  private void checkManual() throws SQLException {
    if (runner.isUnbound()) {
      throw new SQLException("The connection is in auto-commit mode", "25000");
    }
  }

  @Override
  public Savepoint setSavepoint() throws SQLException {
    return savepoint(null);
  }

  @Override
  public Savepoint setSavepoint(String name) throws SQLException {
    return savepoint(name);
  }

  private Savepoint savepoint(@Nullable String name) throws SQLException {
    return locked(
        () -> {
          checkManual();
          checkAlive();
          runner.begin(database.busyTimeout());
          HaSavepoint savepoint = new HaSavepoint(++savepoints, name, transaction.number());
          runner.setSavepoint(savepoint.sqlName(), database.busyTimeout());
          return savepoint;
        });
  }

  @Override
  public void releaseSavepoint(Savepoint savepoint) throws SQLException {
    run(() -> runner.release(valid(savepoint).sqlName()));
  }

  @Override
  public void rollback(Savepoint savepoint) throws SQLException {
    run(() -> runner.rollbackTo(valid(savepoint).sqlName()));
  }

  private HaSavepoint valid(Savepoint savepoint) throws SQLException {
    checkManual();
    checkAlive();
    if (savepoint instanceof HaSavepoint ours
        && ours.transaction() == transaction.number()
        && transaction.state() != LocalTransaction.State.NONE) {
      return ours;
    }
    throw new SQLException("The savepoint is not one of the open transaction", "3B001");
  }

  private void checkAlive() throws SQLException {
    if (transaction.state() == LocalTransaction.State.DEAD) {
      throw LocalTransaction.deadException();
    }
  }

  @Override
  public void setReadOnly(boolean readOnly) throws SQLException {
    run(() -> runner.setReadOnly(readOnly));
  }

  @Override
  public boolean isReadOnly() throws SQLException {
    checkOpen();
    return runner.isReadOnly();
  }

  /**
   * Accepts every level, at any time; the one at the commit counts. A transaction is always
   * serializable on its own node. What it says of other nodes is {@link Isolation}.
   */
  @Override
  public void setTransactionIsolation(int level) throws SQLException {
    checkOpen();
    switch (level) {
      case TRANSACTION_READ_UNCOMMITTED,
          TRANSACTION_READ_COMMITTED,
          TRANSACTION_REPEATABLE_READ,
          TRANSACTION_SERIALIZABLE ->
          run(
              () -> {
                runner.setIsolation(Isolation.of(level));
                isolation = level;
              });
      default -> throw new SQLException("Not an isolation level: " + level, "HY024");
    }
  }

  @Override
  public int getTransactionIsolation() throws SQLException {
    checkOpen();
    return isolation;
  }

  // --- Life ---

  /** Closes the connection; an open transaction is rolled back. May be called twice. */
  @Override
  public void close() throws SQLException {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      try {
        transaction.rollback();
      } finally {
        try {
          session.close();
        } finally {
          onClosed.closed(this);
        }
      }
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isClosed() {
    return closed || aborted;
  }

  /** Stops what runs, and closes the connection on a thread of the executor. */
  @Override
  public void abort(Executor executor) throws SQLException {
    if (closed) {
      return;
    }
    aborted = true;
    session.interrupt();
    executor.execute(
        () -> {
          try {
            close();
          } catch (SQLException e) {
            warnings.add(new SQLWarning("Closing the aborted connection failed", e));
          }
        });
  }

  /** Closes the connection at once: what another thread runs on it is interrupted. */
  void closeNow() throws SQLException {
    aborted = true;
    while (!lock.tryLock()) {
      session.interrupt(); // again and again: what is not running yet does not notice it
      LockSupport.parkNanos(INTERRUPT_INTERVAL.toNanos());
    }
    try {
      close();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isValid(int timeout) throws SQLException {
    if (timeout < 0) {
      throw new SQLException("Must not be negative: " + timeout, "HY024");
    }
    if (closed || !lockWithin(timeout)) {
      return false;
    }
    try {
      return !closed && session.number("SELECT 1") == 1;
    } catch (SQLException e) {
      return false;
    } finally {
      lock.unlock();
    }
  }

  private boolean lockWithin(int seconds) {
    try {
      return lock.tryLock(seconds == 0 ? Integer.MAX_VALUE : seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void run(SqlRun run) throws SQLException {
    locked(
        () -> {
          run.run();
          return true;
        });
  }

  /** Like {@link SqlCall}, without a result. */
  private interface SqlRun {

    void run() throws SQLException;
  }

  // --- Everything else ---

  @Override
  public DatabaseMetaData getMetaData() throws SQLException {
    return locked(() -> new HaDatabaseMetaData(this, session.connection().getMetaData()));
  }

  @Override
  public @Nullable SQLWarning getWarnings() throws SQLException {
    checkOpen();
    return warnings.first();
  }

  @Override
  public void clearWarnings() throws SQLException {
    checkOpen();
    warnings.clear();
  }

  @Override
  public void setHoldability(int holdability) throws SQLException {
    checkOpen();
    checkCursor(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY, holdability);
  }

  @Override
  public int getHoldability() throws SQLException {
    checkOpen();
    return ResultSet.CLOSE_CURSORS_AT_COMMIT;
  }

  @Override
  public void setCatalog(@Nullable String catalog) throws SQLException {
    checkOpen();
  }

  @Override
  public @Nullable String getCatalog() throws SQLException {
    checkOpen();
    return null;
  }

  @Override
  public void setSchema(@Nullable String schema) throws SQLException {
    checkOpen();
  }

  @Override
  public @Nullable String getSchema() throws SQLException {
    checkOpen();
    return null;
  }

  @Override
  public Map<String, Class<?>> getTypeMap() throws SQLException {
    checkOpen();
    return typeMap;
  }

  @Override
  public void setTypeMap(Map<String, Class<?>> map) throws SQLException {
    checkOpen();
    typeMap = map;
  }

  /** Does nothing: there is no network between the application and its database. */
  @Override
  public void setNetworkTimeout(@Nullable Executor executor, int milliseconds) throws SQLException {
    checkOpen();
  }

  @Override
  public int getNetworkTimeout() throws SQLException {
    checkOpen();
    return 0;
  }

  @Override
  public void setClientInfo(String name, @Nullable String value) {
    if (value == null) {
      clientInfo.remove(name);
    } else {
      clientInfo.setProperty(name, value);
    }
  }

  @Override
  public void setClientInfo(Properties properties) {
    clientInfo.clear();
    clientInfo.putAll(properties);
  }

  @Override
  public @Nullable String getClientInfo(String name) {
    return clientInfo.getProperty(name);
  }

  @Override
  public Properties getClientInfo() {
    Properties copy = new Properties();
    copy.putAll(clientInfo);
    return copy;
  }

  @Override
  public Clob createClob() throws SQLException {
    throw unsupported("Use strings instead of CLOBs");
  }

  @Override
  public NClob createNClob() throws SQLException {
    throw unsupported("Use strings instead of NCLOBs");
  }

  @Override
  public Blob createBlob() throws SQLException {
    throw unsupported("Use byte arrays instead of BLOBs");
  }

  @Override
  public SQLXML createSQLXML() throws SQLException {
    throw unsupported("Use strings instead of SQLXML");
  }

  @Override
  public Array createArrayOf(String typeName, Object[] elements) throws SQLException {
    throw unsupported("SQLite has no arrays");
  }

  @Override
  public Struct createStruct(String typeName, Object[] attributes) throws SQLException {
    throw unsupported("SQLite has no structured types");
  }

  // Not 0A000: pools take that for a broken connection.
  private static SQLFeatureNotSupportedException unsupported(String message) {
    return new SQLFeatureNotSupportedException(message, "HYC00");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    checkOpen();
    return Wrapping.unwrap(type, this, session.connection());
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return Wrapping.isWrapperFor(type, this, session.connection());
  }
}
