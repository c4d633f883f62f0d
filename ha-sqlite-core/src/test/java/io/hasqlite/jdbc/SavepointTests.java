package io.hasqlite.jdbc;

import static io.hasqlite.jdbc.TestDatabase.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavepointTests {

  @TempDir Path directory;
  private TestDatabase database;
  private Connection connection;

  @BeforeEach
  void open() throws SQLException {
    database = new TestDatabase(directory);
    connection = database.connect();
    execute(connection, "CREATE TABLE t(id INTEGER PRIMARY KEY)");
    database.takeCalls();
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  private @Nullable String ids() throws SQLException {
    return database.committed("SELECT group_concat(id) FROM t");
  }

  @Test
  void rolledBackSavepointLeavesNothing() throws SQLException {
    connection.setAutoCommit(false);
    execute(connection, "INSERT INTO t VALUES (1)");
    Savepoint savepoint = connection.setSavepoint("SAVEPOINT_1");
    execute(connection, "INSERT INTO t VALUES (2)");
    connection.rollback(savepoint);
    connection.releaseSavepoint(savepoint);
    connection.commit();
    assertThat(ids()).isEqualTo("1");
    assertThat(database.takeCalls()).contains("rolledBackTo");
  }

  @Test
  void nestedAndUnnamed() throws SQLException {
    connection.setAutoCommit(false);
    Savepoint outer = connection.setSavepoint();
    execute(connection, "INSERT INTO t VALUES (1)");
    Savepoint inner = connection.setSavepoint("a \"b\"");
    execute(connection, "INSERT INTO t VALUES (2)");
    connection.rollback(inner);
    execute(connection, "INSERT INTO t VALUES (3)");
    connection.releaseSavepoint(inner);
    assertThat(outer.getSavepointId()).isPositive();
    assertThatThrownBy(outer::getSavepointName).isInstanceOf(SQLException.class);
    connection.commit();
    assertThat(ids()).isEqualTo("1,3");
    assertThatThrownBy(() -> connection.rollback(outer))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("3B001"));
  }

  @Test
  void savepointIsAnErrorInAutoCommit() {
    assertThatThrownBy(() -> connection.setSavepoint())
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25000"));
  }

  @Test
  void asTextItBeginsATransactionThatItsReleaseCommits() throws SQLException {
    execute(connection, "SAVEPOINT a");
    execute(connection, "INSERT INTO t VALUES (1)");
    execute(connection, "SAVEPOINT A");
    execute(connection, "INSERT INTO t VALUES (2)");
    execute(connection, "ROLLBACK TO a");
    execute(connection, "RELEASE a");
    assertThat(ids()).isNull();
    execute(connection, "RELEASE SAVEPOINT \"a\"");
    assertThat(ids()).isEqualTo("1");
    execute(connection, "INSERT INTO t VALUES (5)");
    assertThat(ids()).isEqualTo("1,5");
  }

  @Test
  void asTextInATransactionItsReleaseDoesNotCommit() throws SQLException {
    connection.setAutoCommit(false);
    execute(connection, "SAVEPOINT a");
    execute(connection, "INSERT INTO t VALUES (1)");
    execute(connection, "RELEASE a");
    assertThat(ids()).isNull();
    connection.rollback();
    assertThat(ids()).isNull();
    execute(connection, "BEGIN; SAVEPOINT a; INSERT INTO t VALUES (1); RELEASE a; COMMIT");
    assertThat(ids()).isEqualTo("1");
  }

  @Test
  void unknownSavepointIsSaidBySqlite() throws SQLException {
    connection.setAutoCommit(false);
    execute(connection, "INSERT INTO t VALUES (1)");
    assertThatThrownBy(() -> execute(connection, "ROLLBACK TO nowhere"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("3B001"));
    connection.commit();
    assertThat(ids()).isEqualTo("1");
  }
}
