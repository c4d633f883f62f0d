package io.hasqlite.jdbc;

import io.hasqlite.sqlite.SqliteErrors;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * A result set as the application sees it: the driver's, but it knows our statement, and if it was
 * closed from outside it says why instead of ending early.
 */
class HaResultSet extends ForwardingResultSet {

  private final HaConnection connection;
  private final @Nullable HaStatement statement;
  private final @Nullable ResultSet rows;
  private final @Nullable Statement driverStatement;
  private volatile boolean closed;
  private volatile @Nullable SQLException closedBecause;

  /**
   * Wraps a result set.
   *
   * @param statement the statement that it comes from; null for metadata
   * @param rows the driver's result set; null if a subclass brings its own
   * @param driverStatement the driver's statement to close with it, or null
   */
  HaResultSet(
      HaConnection connection,
      @Nullable HaStatement statement,
      @Nullable ResultSet rows,
      @Nullable Statement driverStatement) {
    this.connection = connection;
    this.statement = statement;
    this.rows = rows;
    this.driverStatement = driverStatement;
    if (rows != null) {
      connection.cursors().add(this);
    }
  }

  HaConnection connection() {
    return connection;
  }

  @Override
  ResultSet rows() throws SQLException {
    checkOpen();
    if (rows == null) {
      throw new IllegalStateException("There are no rows");
    }
    return rows;
  }

  final void checkOpen() throws SQLException {
    SQLException reason = closedBecause;
    if (reason != null) {
      throw new SQLException(reason.getMessage(), reason.getSQLState());
    }
    if (isClosed()) {
      throw new SQLException("The result set is closed", "HY010");
    }
  }

  @Override
  public boolean next() throws SQLException {
    return connection.locked(this::step);
  }

  private boolean step() throws SQLException {
    ResultSet from = rows();
    try {
      return from.next();
    } catch (SQLException e) {
      if (statement != null) {
        statement.readingFailed();
      }
      throw e;
    }
  }

  /** Closes it on the connection's behalf; reading on in it fails with that reason. */
  void closeBecause(SQLException reason) {
    if (closed) {
      return;
    }
    closedBecause = reason;
    closed = true;
    try {
      release();
    } catch (SQLException e) {
      reason.addSuppressed(e);
    }
  }

  @Override
  public void close() throws SQLException {
    if (closed) {
      return;
    }
    closed = true;
    connection.cursors().remove(this);
    try {
      release();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
    if (statement != null) {
      statement.resultClosed();
    }
  }

  /** Frees what it holds in the driver. */
  void release() throws SQLException {
    if (connection.isClosed()) {
      return;
    }
    if (rows != null) {
      rows.close();
    }
    if (driverStatement != null) {
      driverStatement.close();
    }
  }

  @Override
  public boolean isClosed() {
    return closed || connection.isClosed();
  }

  @Override
  public @Nullable Statement getStatement() throws SQLException {
    checkOpen();
    return statement;
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return Wrapping.unwrap(type, this, rows);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return Wrapping.isWrapperFor(type, this, rows);
  }
}
