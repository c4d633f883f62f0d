package io.hasqlite.jdbc;

import io.hasqlite.sqlite.SqliteErrors;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The data source of a replicated database, without a pool: each connection opens the file. Put a
 * pool in front of it. Safe for use by several threads.
 */
public final class HaDataSource implements DataSource {

  private final DatabaseAccess database;
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
    try {
      return HaConnection.open(database);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
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
