package io.hasqlite.jdbc;

import static io.hasqlite.jdbc.TestDatabase.execute;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReturningTests {

  @TempDir Path directory;
  private TestDatabase database;
  private Connection connection;

  @BeforeEach
  void open() throws SQLException {
    database = new TestDatabase(directory);
    connection = database.connect();
    execute(connection, "CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  @Test
  void isCommittedBeforeTheFirstRowIsRead() throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO t(v) VALUES (?), (?) RETURNING id, v AS \"a \"\"b\"\"\"")) {
      insert.setString(1, "x");
      insert.setBytes(2, new byte[] {(byte) 0xff, 0});
      try (ResultSet rows = insert.executeQuery()) {
        assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("2");
        ResultSetMetaData metadata = rows.getMetaData();
        assertThat(rows.isBeforeFirst()).isTrue();
        assertThat(rows.next()).isTrue();
        assertThat(metadata.getColumnCount()).isEqualTo(2);
        assertThat(metadata.getColumnLabel(2)).isEqualTo("a \"b\"");
        assertThat(rows.getInt("id")).isEqualTo(1);
        assertThat(rows.getString("a \"b\"")).isEqualTo("x");
        assertThat(rows.next()).isTrue();
        assertThat(rows.getBytes(2)).containsExactly(0xff, 0);
        assertThat(rows.getRow()).isEqualTo(2);
        assertThat(rows.next()).isFalse();
        assertThat(rows.next()).isFalse();
      }
    }
  }

  @Test
  void keepsTypesAndNulls() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "INSERT INTO t VALUES (9007199254740993, NULL)"
                    + " RETURNING id, v, 1.0 AS r, 'text' AS s, typeof(v)")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getObject(1)).isEqualTo(9007199254740993L);
      assertThat(rows.getObject(2)).isNull();
      assertThat(rows.getString(2)).isNull();
      assertThat(rows.wasNull()).isTrue();
      assertThat(rows.getObject(3)).isEqualTo(1.0);
      assertThat(rows.getObject(4)).isEqualTo("text");
      assertThat(rows.getString(5)).isEqualTo("null");
    }
  }

  @Test
  void openResultDoesNotKeepTheTransactionFromEnding() throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("INSERT INTO t(v) VALUES (1), (2), (3) RETURNING id")) {
      assertThat(rows.next()).isTrue();
      connection.setSavepoint();
      connection.commit();
      assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("3");
      assertThat(rows.next()).isTrue();
      assertThat(rows.getInt(1)).isEqualTo(2);
    }
  }

  @Test
  void manyRowsComeInPieces() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "INSERT INTO t(v) WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s"
                    + " WHERE i < 6001) SELECT i FROM s RETURNING id, v")) {
      ResultSetMetaData metadata = rows.getMetaData();
      int count = 0;
      while (rows.next()) {
        count++;
        assertThat(rows.getInt("v")).isEqualTo(count);
        assertThat(rows.getRow()).isEqualTo(count);
        assertThat(metadata.getColumnLabel(1)).isEqualTo("id");
      }
      assertThat(count).isEqualTo(6001);
    }
  }

  @Test
  void noRows() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("DELETE FROM t RETURNING id")) {
      assertThat(rows.findColumn("id")).isEqualTo(1);
      assertThat(rows.next()).isFalse();
      assertThat(rows.getMetaData().getColumnLabel(1)).isEqualTo("id");
    }
  }
}
