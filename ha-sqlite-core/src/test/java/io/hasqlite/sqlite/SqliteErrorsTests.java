package io.hasqlite.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLNonTransientException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

class SqliteErrorsTests {

  @TempDir Path directory;
  private Connection connection;

  @BeforeEach
  void open() throws SQLException {
    connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("e.db"));
    execute("PRAGMA foreign_keys = ON");
    execute("CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, n NOT NULL, c CHECK(c > 0))");
    execute("CREATE TABLE w(k TEXT PRIMARY KEY) WITHOUT ROWID");
    execute("CREATE TABLE s(i INTEGER) STRICT");
    execute("CREATE TABLE ch(pid REFERENCES p(id))");
    execute("CREATE TABLE cr(pid REFERENCES p(id) ON DELETE RESTRICT)");
    execute("CREATE TRIGGER tr BEFORE DELETE ON w BEGIN SELECT RAISE(ABORT, 'not so'); END");
    execute("INSERT INTO p VALUES (1, 1, 1, 1)");
    execute("INSERT INTO w VALUES ('a')");
    execute("INSERT INTO cr VALUES (1)");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private SQLException failure(String sql) {
    try {
      execute(sql);
    } catch (SQLException e) {
      SQLException translated = SqliteErrors.translate(e);
      assertThat((Throwable) SqliteErrors.translate(translated)).isSameAs(translated);
      assertThat(translated.getCause()).isSameAs(e);
      assertThat(translated.getErrorCode()).isEqualTo(e.getErrorCode());
      assertThat((Throwable) translated).hasMessage(e.getMessage());
      return translated;
    }
    throw new AssertionError("did not fail: " + sql);
  }

  private void assertFails(String sql, Class<? extends SQLException> type, String sqlState) {
    SQLException e = failure(sql);
    assertThat(e.getSQLState()).as(sql + ": " + e.getMessage()).isEqualTo(sqlState);
    assertThat((Throwable) e).as(sql).isInstanceOf(type);
  }

  @Test
  void constraints() {
    Class<? extends SQLException> integrity = SQLIntegrityConstraintViolationException.class;
    assertFails("INSERT INTO p VALUES (1, 2, 1, 1)", integrity, "23505");
    assertFails("INSERT INTO p VALUES (2, 1, 1, 1)", integrity, "23505");
    assertFails("INSERT INTO w VALUES ('a')", integrity, "23505");
    assertFails("INSERT INTO p VALUES (2, 2, NULL, 1)", integrity, "23502");
    assertFails("INSERT INTO p VALUES (2, 2, 1, 0)", integrity, "23514");
    assertFails("INSERT INTO ch VALUES (9)", integrity, "23503");
    assertFails("DELETE FROM p", integrity, "23503");
    assertFails("DELETE FROM w", integrity, "23000");
    assertFails("INSERT INTO s VALUES ('x')", integrity, "23000");
  }

  @Test
  void badSql() {
    assertFails("SELEC 1", SQLSyntaxErrorException.class, "42000");
    assertFails("SELECT * FROM nowhere", SQLSyntaxErrorException.class, "42S02");
    assertFails("SELECT nonsense FROM p", SQLSyntaxErrorException.class, "42S22");
    assertFails("INSERT INTO p(nonsense) VALUES (1)", SQLSyntaxErrorException.class, "42S22");
    assertFails("COMMIT", SQLException.class, "25000");
    assertFails("RELEASE x", SQLException.class, "3B001");
  }

  @Test
  void badData() {
    assertFails("SELECT abs(-9223372036854775808)", SQLDataException.class, "22003");
    assertFails("SELECT json('{')", SQLDataException.class, "22000");
    assertFails("INSERT INTO p(id, n) VALUES ('x', 1)", SQLDataException.class, "22018");
    assertFails("SELECT zeroblob(2147483647)", SQLDataException.class, "22001");
  }

  @Test
  void locksAndReadOnly() throws SQLException {
    try (Connection other =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("e.db"));
        Statement statement = other.createStatement()) {
      execute("PRAGMA busy_timeout = 0");
      statement.execute("BEGIN IMMEDIATE");
      assertFails("DELETE FROM ch", SQLTransactionRollbackException.class, "40001");
    }
    execute("PRAGMA query_only = ON");
    assertFails("DELETE FROM ch", SQLNonTransientException.class, "25006");
  }

  @Test
  void fullDisk() throws SQLException {
    execute("PRAGMA max_page_count = 1");
    assertFails(
        "INSERT INTO p(n) WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE"
            + " i < 9999) SELECT randomblob(500) FROM s",
        SQLException.class,
        "53100");
  }

  @Test
  void fileThatIsNoDatabase() throws Exception {
    Path file = directory.resolve("not.db");
    Files.writeString(file, "This is not a database, however long the text may be.".repeat(50));
    connection.close();
    connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    assertFails("SELECT * FROM sqlite_schema", SQLException.class, "58000");
  }

  @Test
  void everyResultCodeOfTheDriverHasAState() {
    for (SQLiteErrorCode code : SQLiteErrorCode.values()) {
      SQLException e = SqliteErrors.translate(new SQLiteException("x", code));
      assertThat(e.getSQLState()).as(code.name()).hasSize(5);
    }
    assertThat(SqliteErrors.translate(new SQLException("whatever")).getSQLState())
        .isEqualTo("HY000");
  }
}
