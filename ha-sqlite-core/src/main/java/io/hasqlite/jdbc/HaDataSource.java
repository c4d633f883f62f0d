package io.hasqlite.jdbc;

import io.hasqlite.sqlite.SqliteErrors;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The data source of a replicated database, without a pool: each connection opens the file. Put a
 * pool in front of it. Safe for use by several threads.
 */
public final class HaDataSource implements DataSource {

  private static final org.slf4j.Logger log = LoggerFactory.getLogger(HaDataSource.class);

  private final DatabaseAccess database;
  private final Set<HaConnection> open = ConcurrentHashMap.newKeySet();
  private volatile boolean shutDown;
  private @Nullable PrintWriter logWriter;
  private int loginTimeout;

  /** Creates the data source of a database. */
  public HaDataSource(DatabaseAccess database) {
    this.database = database;
  }

  /**
   * Opens a connection.
   *
   * @throws SQLException if the file cannot be opened, or the engine is stopped
   */
  @Override
  public Connection getConnection() throws SQLException {
    return open(() -> {});
  }

  /** What is to be done when a connection is closed. */
  @FunctionalInterface
  public interface AfterClose {

    /**
     * Does it.
     *
     * @throws SQLException what closing the connection then throws
     */
    void run() throws SQLException;
  }

  /**
   * Opens a connection.
   *
   * @param afterClose run once, when nothing of the connection is open any more
   * @throws SQLException if the file cannot be opened, or the engine is stopped
   */
  public Connection open(AfterClose afterClose) throws SQLException {
    try {
      checkRunning();
      HaConnection connection =
          HaConnection.open(
              database,
              closed -> {
                open.remove(closed);
                afterClose.run();
              });
      open.add(connection);
      if (shutDown) {
        // Nobody who closes the connections may have seen this one.
        connection.close();
        checkRunning();
      }
      return connection;
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  private void checkRunning() throws SQLException {
    if (shutDown) {
      throw new SQLException("The database was closed", "08003");
    }
  }

  /**
   * Gives out no more connections, waits for the transaction that is writing, and closes the
   * connections that the application still has: whatever runs on them then is interrupted and
   * rolled back.
   *
   * @param limit how long to wait for the transaction; one that this thread has begun itself is not
   *     waited for
   * @throws SQLException if a connection could not be closed; all others are
   */
  public void shutdown(Duration limit) throws SQLException {
    shutDown = true;
    try {
      database.writeLock().acquire(this, limit);
    } catch (SQLException e) {
      log.warn(
          "A transaction is still open while the database is closed, and is rolled back: {}",
          e.getMessage());
    }
    try {
      closeConnections();
    } finally {
      database.writeLock().release(this);
    }
  }

  private void closeConnections() throws SQLException {
    List<HaConnection> left = List.copyOf(open);
    if (!left.isEmpty()) {
      log.info("Closing {} connections that the application has left open", left.size());
    }
    SQLException failure = null;
    for (HaConnection connection : left) {
      try {
        connection.closeNow();
      } catch (SQLException e) {
        failure = failure == null ? e : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Opens a connection; SQLite knows no users, so both arguments are ignored. */
  @Override
  public Connection getConnection(@Nullable String username, @Nullable String password)
      throws SQLException {
    return getConnection();
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return logWriter;
  }

  @Override
  public void setLogWriter(@Nullable PrintWriter out) {
    logWriter = out;
  }

  @Override
  public int getLoginTimeout() {
    return loginTimeout;
  }

  @Override
  public void setLoginTimeout(int seconds) {
    loginTimeout = seconds;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("SLF4J is used for logging", "HYC00");
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
