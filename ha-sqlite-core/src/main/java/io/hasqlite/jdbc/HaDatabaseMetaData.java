package io.hasqlite.jdbc;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The driver's metadata, where it holds for our connections too. */
final class HaDatabaseMetaData extends ForwardingDatabaseMetaData {

  private final HaConnection connection;
  private final DatabaseMetaData metadata;

  HaDatabaseMetaData(HaConnection connection, DatabaseMetaData metadata) {
    super(metadata);
    this.connection = connection;
    this.metadata = metadata;
  }

  @Override
  ResultSet rows(ResultSet rows) throws SQLException {
    return new HaResultSet(connection, null, rows, null);
  }

  @Override
  public Connection getConnection() {
    return connection;
  }

  @Override
  public boolean supportsMultipleResultSets() {
    return true;
  }

  @Override
  public int getDefaultTransactionIsolation() {
    return Connection.TRANSACTION_READ_COMMITTED;
  }

  @Override
  public boolean supportsTransactionIsolationLevel(int level) {
    return switch (level) {
      case Connection.TRANSACTION_READ_UNCOMMITTED,
          Connection.TRANSACTION_READ_COMMITTED,
          Connection.TRANSACTION_REPEATABLE_READ,
          Connection.TRANSACTION_SERIALIZABLE ->
          true;
      default -> false;
    };
  }

  @Override
  public boolean supportsGetGeneratedKeys() {
    return true;
  }

  @Override
  public boolean supportsBatchUpdates() {
    return true;
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return Wrapping.unwrap(type, this, metadata);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return Wrapping.isWrapperFor(type, this, metadata);
  }
}
