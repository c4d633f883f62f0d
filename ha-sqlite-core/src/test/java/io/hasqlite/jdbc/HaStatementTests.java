package io.hasqlite.jdbc;

import static io.hasqlite.jdbc.TestDatabase.execute;
import static io.hasqlite.jdbc.TestDatabase.one;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.sql.Statement;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HaStatementTests {

  @TempDir Path directory;
  private TestDatabase database;
  private Connection connection;

  @BeforeEach
  void open() throws SQLException {
    database = new TestDatabase(directory);
    connection = database.connect();
    execute(connection, "CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    execute(connection, "CREATE TABLE log(v)");
    execute(
        connection,
        "CREATE TRIGGER l AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.v), (new.v); END");
    database.takeCalls();
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  private static void assertState(ThrowingCallable call, String sqlState) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(sqlState));
  }

  @Test
  void updateCountIsThatOfTheStatementAlone() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate("INSERT INTO t(v) VALUES (1), (2)")).isEqualTo(2);
      assertThat(statement.executeUpdate("UPDATE t SET v = 5")).isEqualTo(2);
      assertThat(statement.executeUpdate("CREATE TABLE u(a)")).isZero();
      assertThat(statement.execute("DELETE FROM t WHERE id = 1")).isFalse();
      assertThat(statement.getUpdateCount()).isEqualTo(1);
      assertThat(statement.getLargeUpdateCount()).isEqualTo(1);
      assertThat(statement.getMoreResults()).isFalse();
      assertThat(statement.getUpdateCount()).isEqualTo(-1);
    }
  }

  @Test
  void severalStatementsRunOneAfterTheOtherEachByItself() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      boolean rows =
          statement.execute(
              "INSERT INTO t(v) VALUES ('a;b'); SELECT v FROM t; -- end\n"
                  + "UPDATE t SET v = 'c'; SELECT count(*) FROM t;");
      assertThat(rows).isFalse();
      assertThat(statement.getUpdateCount()).isEqualTo(1);
      assertThat(statement.getMoreResults()).isTrue();
      try (ResultSet first = statement.getResultSet()) {
        assertThat(first.next()).isTrue();
        assertThat(first.getString(1)).isEqualTo("a;b");
        assertThat(first.getStatement()).isSameAs(statement);
      }
      assertThat(statement.getMoreResults()).isFalse();
      assertThat(statement.getUpdateCount()).isEqualTo(1);
      assertThat(statement.getMoreResults()).isTrue();
      assertThat(statement.getMoreResults()).isFalse();
      assertThat(statement.getUpdateCount()).isEqualTo(-1);
    }
    assertThat(database.takeCalls().stream().filter("ended true"::equals)).hasSize(2);
    assertState(
        () -> execute(connection, "INSERT INTO t VALUES (7, 1); INSERT INTO nowhere VALUES (1)"),
        "42S02");
    assertThat(database.committed("SELECT count(*) FROM t WHERE id = 7")).isEqualTo("1");
  }

  @Test
  void rowsBeforeAFailureAreClosed() throws SQLException {
    execute(connection, "INSERT INTO t(v) VALUES (1), (2)");
    try (Statement statement = connection.createStatement()) {
      assertState(
          () -> statement.execute("SELECT v FROM t; INSERT INTO nowhere VALUES (1)"), "42S02");
      assertThat(statement.getResultSet()).isNull();
      execute(connection, "DROP TABLE t"); // SQLite refuses it while a cursor is open
    }
  }

  @Test
  void severalStatementsInOneUpdateAreAddedUp() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      assertThat(
              statement.executeUpdate(
                  "INSERT INTO t(v) VALUES (1); INSERT INTO t(v) VALUES (2), (3)"))
          .isEqualTo(3);
    }
  }

  @Test
  void severalPreparedStatementsShareTheParameters() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "CREATE TABLE n(a, b); INSERT INTO n VALUES (?, ?); SELECT b FROM n WHERE a = ?")) {
      assertThat(statement.getParameterMetaData().getParameterCount()).isEqualTo(3);
      statement.setInt(1, 1);
      statement.setString(2, "x");
      statement.setInt(3, 1);
      statement.execute();
      statement.getMoreResults();
      assertThat(statement.getMoreResults()).isTrue();
      try (ResultSet rows = statement.getResultSet()) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString(1)).isEqualTo("x");
      }
    }
    assertState(
        () -> connection.prepareStatement("DELETE FROM t WHERE id = ?1; SELECT ?1"), "07001");
  }

  @Test
  void ddlInAPreparedStatementIsCaptured() throws SQLException {
    try (PreparedStatement ddl = connection.prepareStatement("CREATE TABLE p(a)")) {
      ddl.execute();
    }
    assertThat(database.takeCalls()).contains("before CREATE TABLE p(a)");
  }

  @Test
  void generatedKeysSurviveTheCommitAndTheEnginesOwnInserts() throws SQLException {
    database.commitStep =
        new TestDatabase.PlainCommitStep() {
          @Override
          public java.sql.@org.jspecify.annotations.Nullable SQLWarning commit(
              io.hasqlite.commit.OpenTransaction transaction,
              java.util.List<io.hasqlite.changeset.Change> changes,
              boolean ddl)
              throws SQLException {
            transaction.session().execute("INSERT INTO log(rowid, v) VALUES (9999, 0)");
            transaction.session().execute("DELETE FROM log WHERE rowid = 9999");
            return super.commit(transaction, changes, ddl);
          }
        };
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO t(id, v) VALUES (?, 1)", new String[] {"ID"})) {
      insert.setInt(1, 42);
      assertThat(insert.executeUpdate()).isEqualTo(1);
      try (ResultSet keys = insert.getGeneratedKeys()) {
        assertThat(keys.next()).isTrue();
        assertThat(keys.getLong(1)).isEqualTo(42);
        assertThat(keys.getLong("id")).isEqualTo(42);
        assertThat(keys.getMetaData().getColumnLabel(1)).isEqualTo("ID");
        assertThat(keys.next()).isFalse();
      }
    }
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "INSERT INTO t(id, v) VALUES (43, 1)", Statement.RETURN_GENERATED_KEYS);
      try (ResultSet keys = statement.getGeneratedKeys()) {
        assertThat(keys.getMetaData().getColumnLabel(1)).isEqualTo("last_insert_rowid()");
        assertThat(keys.next()).isTrue();
        assertThat(keys.getObject(1)).isEqualTo(43);
      }
      statement.executeUpdate("UPDATE t SET v = 1");
      try (ResultSet keys = statement.getGeneratedKeys()) {
        assertThat(keys.next()).isFalse();
      }
    }
  }

  @Test
  void queryAndUpdateAreToldApartBeforeAnythingHappens() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      assertState(() -> statement.executeQuery("INSERT INTO t(v) VALUES (1)"), "07005");
      assertState(() -> statement.executeUpdate("SELECT 1"), "07005");
      assertState(() -> statement.executeUpdate("DELETE FROM t RETURNING id"), "07005");
    }
    assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("0");
  }

  @Test
  void emptyTextDoesNothing() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      assertThat(statement.execute(" ; -- nothing\n")).isFalse();
      assertThat(statement.getUpdateCount()).isZero();
    }
  }

  @Test
  void enginesTablesMayBeReadOnly() throws SQLException {
    try (Connection driver = database.driver()) {
      execute(driver, "CREATE TABLE ha_stats(a)");
    }
    assertThat(one(connection, "SELECT count(*) FROM ha_stats")).isEqualTo("0");
    for (String sql :
        new String[] {
          "INSERT INTO ha_stats VALUES (1)",
          "DELETE FROM \"HA_Stats\"",
          "WITH x AS (SELECT 1) UPDATE main.ha_stats SET a = 1",
          "DROP TABLE ha_stats",
          "ALTER TABLE ha_stats ADD COLUMN b",
          "ALTER TABLE t RENAME TO 'ha_t'",
          "CREATE TABLE ha_x(a)",
          "CREATE TEMP TABLE [ha_x](a)",
          "CREATE INDEX ha_i ON t(v)",
          "CREATE INDEX i ON ha_stats(a)",
          "CREATE TRIGGER x AFTER INSERT ON main.ha_stats BEGIN SELECT 1; END",
          "CREATE VIEW ha_v AS SELECT 1"
        }) {
      assertThatThrownBy(() -> execute(connection, sql))
          .as(sql)
          .isInstanceOf(SQLSyntaxErrorException.class)
          .hasMessageContaining("belong to HA SQLite");
    }
    execute(connection, "CREATE TABLE alpha_x(ha_column)");
  }

  @Test
  void closedStatementsAndResultsSaySo() throws SQLException {
    Statement statement = connection.createStatement();
    ResultSet rows = statement.executeQuery("SELECT 1");
    statement.close();
    statement.close();
    assertThat(rows.isClosed()).isTrue();
    assertState(rows::next, "HY010");
    assertState(() -> statement.execute("SELECT 1"), "HY010");
    Statement completing = connection.createStatement();
    completing.closeOnCompletion();
    completing.executeQuery("SELECT 1").close();
    assertThat(completing.isClosed()).isTrue();
  }

  @Test
  void nextExecutionClosesTheResultOfTheLast() throws SQLException {
    try (PreparedStatement query = connection.prepareStatement("SELECT ? AS x")) {
      query.setInt(1, 1);
      ResultSet first = query.executeQuery();
      query.setInt(1, 2);
      ResultSet second = query.executeQuery();
      assertThat(first.isClosed()).isTrue();
      assertThat(second.next()).isTrue();
      assertThat(second.getInt("x")).isEqualTo(2);
    }
  }

  @Test
  void parametersAreCheckedAndMayBeStreams() throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement("SELECT typeof(?1) || typeof(?2) || ?1")) {
      assertState(() -> query.setInt(3, 1), "07009");
      query.setCharacterStream(1, new StringReader("abc"));
      assertState(query::executeQuery, "07002");
      query.setBinaryStream(2, new ByteArrayInputStream(new byte[] {1, 2}));
      for (int i = 0; i < 2; i++) {
        try (ResultSet rows = query.executeQuery()) {
          assertThat(rows.next()).isTrue();
          assertThat(rows.getString(1)).isEqualTo("textblobabc");
        }
      }
      assertState(() -> query.execute("SELECT 1"), "HY010");
    }
  }

  @Test
  void preparedStatementSurvivesFailuresAndSchemaChanges() throws SQLException {
    try (PreparedStatement query = connection.prepareStatement("SELECT json(?), v FROM t")) {
      execute(connection, "INSERT INTO t(v) VALUES (1)");
      query.setString(1, "{");
      assertState(query::executeQuery, "22000");
      execute(connection, "ALTER TABLE t ADD COLUMN w");
      query.setString(1, "{}");
      try (ResultSet rows = query.executeQuery()) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString(1)).isEqualTo("{}");
      }
    }
  }

  @Test
  void maxRowsLimitsResults() throws SQLException {
    execute(connection, "INSERT INTO t(v) VALUES (1), (2), (3)");
    try (Statement statement = connection.createStatement()) {
      statement.setMaxRows(2);
      try (ResultSet rows = statement.executeQuery("SELECT id FROM t")) {
        assertThat(rows.next() && rows.next()).isTrue();
        assertThat(rows.next()).isFalse();
      }
    }
  }

  @Test
  void vacuumIsRefusedWhereRowidsAreIdentity() throws SQLException {
    execute(connection, "VACUUM");
    database.rowsIdentifiedByRowid = true;
    assertState(() -> execute(connection, "VACUUM"), "HYC00");
    execute(connection, "VACUUM INTO '" + directory.resolve("copy.db") + "'");
    database.rowsIdentifiedByRowid = false;
    connection.setAutoCommit(false);
    execute(connection, "VACUUM");
    one(connection, "SELECT 1");
    assertState(() -> execute(connection, "VACUUM"), "25000");
  }

  @Test
  void attachedAndTemporaryTablesAreTheApplicationsOwn() throws SQLException {
    execute(connection, "ATTACH ':memory:' AS side");
    execute(connection, "CREATE TEMP TABLE x(a)");
    database.takeCalls();
    execute(connection, "INSERT INTO temp.x VALUES (1)");
    assertThat(database.takeCalls()).isEmpty();
    execute(connection, "DETACH side");
  }

  @Test
  void driverCommands() throws SQLException {
    Path copy = directory.resolve("backup.db");
    execute(connection, "backup to '" + copy + "'");
    assertThat(copy).exists();
    assertState(() -> execute(connection, "restore from '" + copy + "'"), "HYC00");
    assertState(() -> execute(connection, "rubbish"), "42000");
  }
}
