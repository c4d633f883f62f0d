package io.hasqlite.boot.data;

import java.sql.Connection;
import java.util.Optional;
import org.springframework.data.jdbc.core.dialect.DialectResolver.JdbcDialectProvider;
import org.springframework.data.relational.core.dialect.Dialect;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcOperations;

/** Finds {@link SqliteJdbcDialect} for a data source of SQLite; made by Spring Data JDBC. */
final class SqliteDialectProvider implements JdbcDialectProvider {

  @Override
  public Optional<Dialect> getDialect(JdbcOperations operations) {
    String product =
        operations.execute((ConnectionCallback<String>) SqliteDialectProvider::databaseProductName);
    return "SQLite".equalsIgnoreCase(product)
        ? Optional.of(SqliteJdbcDialect.INSTANCE)
        : Optional.empty();
  }

  private static String databaseProductName(Connection connection) throws java.sql.SQLException {
    return connection.getMetaData().getDatabaseProductName();
  }
}
