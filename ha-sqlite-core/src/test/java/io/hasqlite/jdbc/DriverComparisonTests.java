package io.hasqlite.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** For ordinary use a connection of ours gives what the driver's own gives. */
class DriverComparisonTests {

  @TempDir Path directory;

  /** Something an application does, with what it sees. */
  private interface Use {
    void of(Connection connection, List<String> seen) throws SQLException;
  }

  private void assertSame(Use use) throws Exception {
    List<String> expected;
    try (TestDatabase database = new TestDatabase(folder("driver"));
        Connection driver = database.driver()) {
      expected = seen(driver, use);
    }
    assertThat(expected).isNotEmpty();
    for (boolean capturing : new boolean[] {false, true}) {
      try (TestDatabase database = new TestDatabase(folder("capturing " + capturing))) {
        database.capturing = false;
        database.triggerCapture = capturing;
        try (Connection connection = database.connect()) {
          assertThat(seen(connection, use)).as("capturing " + capturing).isEqualTo(expected);
        }
      }
    }
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectory(directory.resolve(name));
  }

  private static List<String> seen(Connection connection, Use use) throws SQLException {
    List<String> seen = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "CREATE TABLE t(id INTEGER PRIMARY KEY, i INT, r REAL, s TEXT, b BLOB, n NUMERIC,"
              + " d DATE, x)");
    }
    use.of(connection, seen);
    dump(connection, "SELECT * FROM t", seen);
    return seen;
  }

  private static void dump(Connection connection, String sql, List<String> seen)
      throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      dump(rows, seen);
    }
  }

  private static void dump(ResultSet rows, List<String> seen) throws SQLException {
    ResultSetMetaData metadata = rows.getMetaData();
    int columns = metadata.getColumnCount();
    for (int i = 1; i <= columns; i++) {
      seen.add(metadata.getColumnLabel(i) + " " + metadata.getColumnName(i));
    }
    while (rows.next()) {
      seen.add("row " + rows.getRow());
      for (int i = 1; i <= columns; i++) {
        seen.add(
            text(rows.getObject(i))
                + " "
                + rows.getString(i)
                + " "
                + rows.getLong(i)
                + " "
                + rows.getDouble(i)
                + " "
                + rows.getBoolean(i)
                + " "
                + Arrays.toString(rows.getBytes(i))
                + " "
                + rows.wasNull());
      }
    }
  }

  private static String text(@Nullable Object value) {
    return value instanceof byte[] bytes
        ? Arrays.toString(bytes)
        : value == null ? "null" : value.getClass().getSimpleName() + value;
  }

  @Test
  void valuesOfEveryType() throws Exception {
    assertSame(
        (connection, seen) -> {
          try (PreparedStatement insert =
              connection.prepareStatement("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?)")) {
            for (int i = 0; i < 3; i++) {
              insert.setLong(1, Long.MAX_VALUE - i);
              insert.setObject(2, i == 0 ? null : Integer.valueOf(i));
              insert.setDouble(3, 1.0 / (i + 1));
              insert.setString(4, i == 2 ? null : "ä\u0000\uD83D\uDE00");
              insert.setBytes(5, new byte[] {0, (byte) i, -1});
              insert.setBigDecimal(6, new BigDecimal("1234567890.123456789"));
              insert.setTimestamp(7, new Timestamp(1_700_000_000_000L + i));
              insert.setObject(8, i == 1 ? Boolean.TRUE : (Object) 2.5f);
              seen.add("count " + insert.executeUpdate());
            }
            insert.setLong(1, 1);
            insert.setNull(2, Types.INTEGER);
            insert.setNull(3, Types.REAL);
            insert.setShort(4, (short) 3);
            insert.setByte(5, (byte) 4);
            insert.setFloat(6, 0.5f);
            insert.setDate(7, new Date(86_400_000L));
            insert.setTime(8, new Time(3_600_000L));
            seen.add("execute " + insert.execute() + insert.getUpdateCount());
          }
          try (Statement statement = connection.createStatement();
              ResultSet rows = statement.executeQuery("SELECT d, n, s FROM t ORDER BY id")) {
            while (rows.next()) {
              seen.add(
                  rows.getTimestamp(1)
                      + " "
                      + rows.getDate("d")
                      + " "
                      + rows.getBigDecimal(2)
                      + " "
                      + rows.findColumn("S"));
            }
          }
        });
  }

  @Test
  void countsKeysAndResults() throws Exception {
    assertSame(
        (connection, seen) -> {
          try (Statement statement = connection.createStatement()) {
            seen.add("" + statement.execute("INSERT INTO t(i) VALUES (1), (2), (3)"));
            seen.add("" + statement.getUpdateCount());
            try (ResultSet keys = statement.getGeneratedKeys()) {
              dump(keys, seen);
            }
            seen.add("" + statement.executeUpdate("UPDATE t SET i = 9 WHERE i > 1"));
            seen.add("" + statement.executeLargeUpdate("DELETE FROM t WHERE i = 77"));
            seen.add("" + statement.execute("SELECT i FROM t"));
            seen.add("" + statement.getUpdateCount());
            try (ResultSet rows = statement.getResultSet()) {
              dump(rows, seen);
            }
            seen.add("" + statement.getMoreResults() + statement.getUpdateCount());
            seen.add("" + statement.executeUpdate("CREATE INDEX ti ON t(i)"));
          }
        });
  }

  @Test
  void transactionsAndSavepoints() throws Exception {
    assertSame(
        (connection, seen) -> {
          connection.setAutoCommit(false);
          try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO t(i) VALUES (1)");
            Savepoint savepoint = connection.setSavepoint("a");
            statement.executeUpdate("INSERT INTO t(i) VALUES (2)");
            connection.rollback(savepoint);
            statement.executeUpdate("INSERT INTO t(i) VALUES (3)");
            connection.releaseSavepoint(savepoint);
            connection.commit();
            statement.executeUpdate("INSERT INTO t(i) VALUES (4)");
            connection.rollback();
            statement.executeUpdate("INSERT INTO t(i) VALUES (5)");
            try {
              statement.executeUpdate("INSERT INTO t(id) VALUES (1)");
            } catch (SQLException e) {
              seen.add(e.getErrorCode() + e.getMessage());
            }
            connection.setAutoCommit(true);
            seen.add("" + connection.getAutoCommit());
          }
        });
  }

  @Test
  void batches() throws Exception {
    assertSame(
        (connection, seen) -> {
          connection.setAutoCommit(false);
          try (PreparedStatement insert =
              connection.prepareStatement("INSERT OR IGNORE INTO t(id, i) VALUES (?, ?)")) {
            for (int i = 0; i < 20; i++) {
              insert.setInt(1, i / 2);
              insert.setInt(2, i);
              insert.addBatch();
            }
            seen.add(Arrays.toString(insert.executeBatch()));
          }
          connection.commit();
          connection.setAutoCommit(true);
        });
  }

  @Test
  void returningAndPragmas() throws Exception {
    assertSame(
        (connection, seen) -> {
          dump(
              connection,
              "INSERT INTO t(i, s, b) VALUES (1, 'a', x'00ff'), (2, NULL, NULL)"
                  + " RETURNING id, i, s, b, r",
              seen);
          dump(connection, "UPDATE t SET r = 1.5 RETURNING *", seen);
          dump(connection, "PRAGMA table_info(t)", seen);
          dump(connection, "PRAGMA foreign_keys", seen);
          dump(connection, "VALUES (1, 'x'), (2, NULL)", seen);
          dump(connection, "EXPLAIN QUERY PLAN SELECT * FROM t", seen);
          dump(connection, "WITH a(x) AS (SELECT 1) SELECT x AS \"y\" FROM a", seen);
        });
  }

  @Test
  void metadata() throws Exception {
    assertSame(
        (connection, seen) -> {
          try (ResultSet rows = connection.getMetaData().getColumns(null, null, "t", "%")) {
            dump(rows, seen);
          }
          try (ResultSet rows = connection.getMetaData().getPrimaryKeys(null, null, "t")) {
            dump(rows, seen);
          }
          try (PreparedStatement query = connection.prepareStatement("SELECT id, s FROM t")) {
            ResultSetMetaData metadata = query.getMetaData();
            for (int i = 1; i <= metadata.getColumnCount(); i++) {
              seen.add(
                  metadata.getColumnName(i)
                      + metadata.getTableName(i)
                      + metadata.getColumnTypeName(i));
            }
          }
          seen.add("" + connection.getHoldability());
          seen.add(connection.getCatalog() + connection.getSchema() + connection.isReadOnly());
        });
  }

  @Test
  void resultSetWhileWriting() throws Exception {
    assertSame(
        (connection, seen) -> {
          try (Statement statement = connection.createStatement();
              Statement writer = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO t(i) VALUES (1), (2), (3)");
            try (ResultSet rows = statement.executeQuery("SELECT id FROM t ORDER BY id")) {
              while (rows.next()) {
                seen.add("" + rows.getInt(1));
                writer.executeUpdate("UPDATE t SET i = i * 10 WHERE id = " + rows.getInt(1));
              }
            }
          }
        });
  }
}
