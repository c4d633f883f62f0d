package io.hasqlite.jdbc;

import static io.hasqlite.jdbc.TestDatabase.execute;
import static io.hasqlite.jdbc.TestDatabase.one;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConnection;

class HaConnectionTests {

  @TempDir Path directory;
  private TestDatabase database;
  private Connection connection;

  @BeforeEach
  void open() throws SQLException {
    database = new TestDatabase(directory);
    connection = database.connect();
    execute(connection, "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  @Test
  void unwrapsToTheDriver() throws SQLException {
    assertThat(connection.isWrapperFor(SQLiteConnection.class)).isTrue();
    assertThat(connection.unwrap(SQLiteConnection.class).getAutoCommit()).isTrue();
    assertThat(connection.unwrap(Connection.class)).isSameAs(connection);
    assertThatThrownBy(() -> connection.unwrap(String.class)).isInstanceOf(SQLException.class);
  }

  @Test
  void driverStaysInAutoCommit() throws SQLException {
    connection.setAutoCommit(false);
    execute(connection, "INSERT INTO t VALUES (1, 'a')");
    connection.setSavepoint();
    assertThat(connection.unwrap(SQLiteConnection.class).getAutoCommit()).isTrue();
    connection.commit();
    assertThat(connection.unwrap(SQLiteConnection.class).getAutoCommit()).isTrue();
  }

  @Test
  void metadataKnowsOurConnection() throws SQLException {
    DatabaseMetaData metadata = connection.getMetaData();
    assertThat(metadata.getConnection()).isSameAs(connection);
    assertThat(metadata.getDatabaseProductName()).isEqualTo("SQLite");
    try (ResultSet tables = metadata.getTables(null, null, "t", null)) {
      assertThat(tables.next()).isTrue();
      assertThat(tables.getString("TABLE_NAME")).isEqualTo("t");
    }
    try (ResultSet columns = metadata.getColumns(null, null, "t", null)) {
      assertThat(columns.next()).isTrue();
      assertThat(columns.getString("COLUMN_NAME")).isEqualTo("id");
    }
  }

  @Test
  void acceptsEveryIsolationLevel() throws SQLException {
    for (int level :
        new int[] {
          Connection.TRANSACTION_READ_UNCOMMITTED,
          Connection.TRANSACTION_READ_COMMITTED,
          Connection.TRANSACTION_REPEATABLE_READ,
          Connection.TRANSACTION_SERIALIZABLE
        }) {
      connection.setTransactionIsolation(level);
      assertThat(connection.getTransactionIsolation()).isEqualTo(level);
    }
    assertThatThrownBy(() -> connection.setTransactionIsolation(Connection.TRANSACTION_NONE))
        .isInstanceOf(SQLException.class);
  }

  @Test
  void unsupportedFeaturesDoNotLookLikeABrokenConnection() {
    assertThatThrownBy(() -> connection.prepareCall("x"))
        .isInstanceOfSatisfying(
            SQLFeatureNotSupportedException.class,
            e -> assertThat(e.getSQLState()).isEqualTo("HYC00"));
    assertThatThrownBy(
            () ->
                connection.createStatement(
                    ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY))
        .isInstanceOf(SQLFeatureNotSupportedException.class);
  }

  @Test
  void isValidUntilClosed() throws SQLException {
    assertThat(connection.isValid(1)).isTrue();
    connection.close();
    assertThat(connection.isValid(1)).isFalse();
  }

  @Test
  void severalThreadsMayShareATransaction() throws Exception {
    connection.setAutoCommit(false);
    execute(connection, "INSERT INTO t VALUES (1, 'a')");
    FutureTask<String> other =
        new FutureTask<>(
            () -> {
              execute(connection, "INSERT INTO t VALUES (2, 'b')");
              return one(connection, "SELECT count(*) FROM t");
            });
    new Thread(other).start();
    assertThat(other.get(20, TimeUnit.SECONDS)).isEqualTo("2");
    connection.commit();
    assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("2");
  }

  @Test
  void worksWithoutCapture() throws SQLException {
    database.capturing = false;
    try (Connection plain = database.connect()) {
      database.takeCalls();
      plain.setAutoCommit(false);
      execute(plain, "INSERT INTO t VALUES (1, 'a')");
      plain.commit();
      execute(plain, "INSERT INTO t VALUES (2, 'b')");
      plain.rollback();
      plain.setReadOnly(true);
      assertThatThrownBy(() -> execute(plain, "DELETE FROM t"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
    }
    assertThat(database.takeCalls()).isEmpty();
    assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("1");
  }
}
