package io.hasqlite.jdbc;

import static io.hasqlite.jdbc.TestDatabase.execute;
import static io.hasqlite.jdbc.TestDatabase.one;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PragmaTests {

  @TempDir Path directory;
  private TestDatabase database;
  private Connection connection;

  @BeforeEach
  void open() throws SQLException {
    database = new TestDatabase(directory);
    connection = database.connect();
    execute(connection, "CREATE TABLE t(id INTEGER PRIMARY KEY)");
    execute(connection, "CREATE TEMP TABLE mine(a)");
    database.takeCalls();
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PRAGMA temp_store = MEMORY",
        "PRAGMA temp_store(2)",
        "pragma main.temp_store=file",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA locking_mode = EXCLUSIVE"
      })
  void isIgnoredWithAWarning(String pragma) throws SQLException {
    execute(connection, pragma);
    assertThat(connection.getWarnings().getMessage()).contains("stays as it is");
    connection.clearWarnings();
    try (PreparedStatement prepared = connection.prepareStatement(pragma)) {
      prepared.execute();
    }
    assertThat((Throwable) connection.getWarnings()).isNotNull();
    assertThat(one(connection, "SELECT count(*) FROM temp.mine")).isEqualTo("0");
    assertThat(one(connection, "PRAGMA journal_mode")).isEqualTo("wal");
    assertThat(one(connection, "PRAGMA locking_mode")).isEqualTo("normal");
    assertThat(one(connection, "PRAGMA temp_store")).isEqualTo("0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PRAGMA recursive_triggers = ON",
        "PRAGMA writable_schema = 1",
        "PRAGMA writable_schema = RESET",
        "PRAGMA schema_version = 99",
        "PRAGMA query_only = true",
        "PRAGMA temp_store_directory = '/tmp'",
        "EXPLAIN PRAGMA temp_store = 2",
        "EXPLAIN QUERY PLAN PRAGMA user_version = 2"
      })
  void isRefused(String pragma) throws SQLException {
    assertThatThrownBy(() -> execute(connection, pragma))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
    assertThatThrownBy(
            () -> {
              try (PreparedStatement prepared = connection.prepareStatement(pragma)) {
                prepared.execute();
              }
            })
        .isInstanceOf(SQLException.class);
    assertThat(one(connection, "SELECT count(*) FROM temp.mine")).isEqualTo("0");
    assertThat(one(connection, "PRAGMA user_version")).isEqualTo("0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PRAGMA query_only = OFF",
        "PRAGMA recursive_triggers = 0",
        "PRAGMA journal_mode = WAL",
        "PRAGMA cache_size = -2000",
        "PRAGMA optimize",
        "PRAGMA incremental_vacuum(3)",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA foreign_key_check"
      })
  void isAccepted(String pragma) throws SQLException {
    execute(connection, pragma);
    assertThat((Throwable) connection.getWarnings()).isNull();
    try (Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(pragma)).isZero();
    }
  }

  @Test
  void valuesOfTheHeaderAreDdl() throws SQLException {
    execute(connection, "PRAGMA application_id = 5");
    assertThat(database.takeCalls())
        .containsExactly(
            "begun", "before PRAGMA application_id = 5", "after true", "drain", "ended true");
    connection.setAutoCommit(false);
    execute(connection, "PRAGMA user_version(3)");
    assertThat(one(connection, "PRAGMA user_version")).isEqualTo("3");
    connection.rollback();
    assertThat(one(connection, "PRAGMA user_version")).isEqualTo("0");
    connection.rollback();
    connection.setAutoCommit(true);
    database.takeCalls();
    execute(connection, "PRAGMA temp.user_version = 9");
    assertThat(database.takeCalls()).isEmpty();
    assertThat(database.committed("PRAGMA application_id")).isEqualTo("5");
  }

  @Test
  void foreignKeysCannotBeSwitchedInATransaction() throws SQLException {
    execute(connection, "PRAGMA foreign_keys = OFF");
    assertThat(one(connection, "PRAGMA foreign_keys")).isEqualTo("0");
    execute(connection, "BEGIN");
    execute(connection, "PRAGMA foreign_keys = ON");
    assertThat(one(connection, "PRAGMA foreign_keys")).isEqualTo("0");
    execute(connection, "COMMIT");
  }

  @Test
  void deferredForeignKeysHoldForTheTransaction() throws SQLException {
    execute(connection, "CREATE TABLE c(p REFERENCES t(id))");
    connection.setAutoCommit(false);
    execute(connection, "PRAGMA defer_foreign_keys = ON");
    execute(connection, "INSERT INTO c VALUES (1)");
    execute(connection, "INSERT INTO t VALUES (1)");
    connection.commit();
    assertThat(database.committed("SELECT count(*) FROM c")).isEqualTo("1");
  }
}
