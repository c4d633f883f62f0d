package io.hasqlite.jdbc;

import static io.hasqlite.jdbc.TestDatabase.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchTests {

  @TempDir Path directory;
  private TestDatabase database;
  private Connection connection;

  @BeforeEach
  void open() throws SQLException {
    database = new TestDatabase(directory);
    connection = database.connect();
    execute(connection, "CREATE TABLE t(id INTEGER PRIMARY KEY, v UNIQUE)");
    database.takeCalls();
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  private PreparedStatement insert(int... values) throws SQLException {
    PreparedStatement insert =
        connection.prepareStatement("INSERT INTO t(v) VALUES (?)", Statement.RETURN_GENERATED_KEYS);
    for (int value : values) {
      insert.setInt(1, value);
      insert.addBatch();
    }
    return insert;
  }

  @Test
  void isOneTransactionInAutoCommit() throws SQLException {
    try (PreparedStatement insert = insert(10, 20, 30)) {
      assertThat(insert.executeBatch()).containsExactly(1, 1, 1);
      List<Long> keys = new ArrayList<>();
      try (ResultSet rows = insert.getGeneratedKeys()) {
        while (rows.next()) {
          keys.add(rows.getLong(1));
        }
      }
      assertThat(keys).containsExactly(1L, 2L, 3L);
      assertThat(insert.executeBatch()).isEmpty();
    }
    assertThat(database.takeCalls().stream().filter("ended true"::equals)).hasSize(1);
    assertThat(database.committed("SELECT group_concat(v) FROM t")).isEqualTo("10,20,30");
  }

  @Test
  void failureLeavesNothingOfItInAutoCommit() throws SQLException {
    try (PreparedStatement insert = insert(10, 20, 10, 40)) {
      assertThatThrownBy(insert::executeBatch)
          .isInstanceOfSatisfying(
              BatchUpdateException.class,
              e -> {
                assertThat(e.getUpdateCounts()).containsExactly(1, 1);
                assertThat(e.getSQLState()).isEqualTo("23505");
                assertThat((Throwable) e.getNextException())
                    .isInstanceOf(SQLIntegrityConstraintViolationException.class);
              });
    }
    assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("0");
  }

  @Test
  void failureLeavesWhatCameBeforeInATransaction() throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement insert = insert(10, 20, 10, 40)) {
      assertThatThrownBy(insert::executeBatch).isInstanceOf(BatchUpdateException.class);
    }
    connection.commit();
    assertThat(database.committed("SELECT group_concat(v) FROM t")).isEqualTo("10,20");
  }

  @Test
  void ofTexts() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.addBatch("INSERT INTO t(v) VALUES (1), (2)");
      statement.addBatch("CREATE TABLE u(a); INSERT INTO u VALUES (1)");
      statement.addBatch("UPDATE t SET v = v + 10");
      assertThat(statement.executeLargeBatch()).containsExactly(2, 1, 2);
      statement.addBatch("DELETE FROM t");
      statement.clearBatch();
      assertThat(statement.executeBatch()).isEmpty();
    }
    assertThat(database.takeCalls().stream().filter("ended true"::equals)).hasSize(1);
    assertThat(database.committed("SELECT group_concat(v) FROM t")).isEqualTo("11,12");
  }

  @Test
  void withTransactionControlRunsAsWritten() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.addBatch("BEGIN");
      statement.addBatch("INSERT INTO t(v) VALUES (1)");
      statement.addBatch("ROLLBACK");
      statement.addBatch("INSERT INTO t(v) VALUES (2)");
      assertThat(statement.executeBatch()).containsExactly(0, 1, 0, 1);
    }
    assertThat(database.committed("SELECT group_concat(v) FROM t")).isEqualTo("2");
  }

  @Test
  void refusesQueries() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.addBatch("SELECT 1");
      assertThatThrownBy(statement::executeBatch).isInstanceOf(BatchUpdateException.class);
    }
  }
}
