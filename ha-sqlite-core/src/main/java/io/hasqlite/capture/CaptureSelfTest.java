package io.hasqlite.capture;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Proves on a scratch database what the documentation of SQLite does not promise: that temporary
 * triggers fire before those of the main database and in the order in which they were made, and
 * that RAISE(IGNORE) in one keeps the row and silences those after it.
 */
public final class CaptureSelfTest {

  private CaptureSelfTest() {}

  /**
   * Runs the test.
   *
   * @throws IllegalStateException if this SQLite behaves differently
   */
  public static void run() {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
        Statement statement = connection.createStatement()) {
      for (String sql :
          new String[] {
            "CREATE TABLE t(a)",
            "CREATE TABLE seen(who)",
            "CREATE TRIGGER main_first AFTER INSERT ON t BEGIN INSERT INTO seen VALUES('main');"
                + " END",
            "CREATE TEMP TRIGGER ours AFTER INSERT ON main.t BEGIN INSERT INTO seen"
                + " VALUES('ours'); END",
            "CREATE TEMP TRIGGER theirs AFTER INSERT ON main.t BEGIN INSERT INTO seen"
                + " VALUES('theirs'); END",
            "CREATE TRIGGER main_last AFTER INSERT ON t BEGIN INSERT INTO seen VALUES('main');"
                + " END",
            "INSERT INTO t VALUES(1)",
            "PRAGMA writable_schema=RESET",
            "INSERT INTO t VALUES(2)"
          }) {
        statement.execute(sql);
      }
      expect(statement, "ours,theirs,main,main,ours,theirs,main,main");
      for (String sql :
          new String[] {
            "DELETE FROM seen",
            "DROP TRIGGER ours",
            "DROP TRIGGER theirs",
            "CREATE TEMP TRIGGER silence AFTER INSERT ON main.t BEGIN INSERT INTO seen"
                + " VALUES('ours'); SELECT RAISE(IGNORE); END",
            "INSERT INTO t VALUES(3)",
            "INSERT INTO seen SELECT 'row' FROM t WHERE a = 3"
          }) {
        statement.execute(sql);
      }
      expect(statement, "ours,row");
    } catch (SQLException e) {
      throw new IllegalStateException("The self-test of change capture could not run", e);
    }
  }

  private static void expect(Statement statement, String expected) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "SELECT group_concat(who), sqlite_version() FROM (SELECT who FROM seen ORDER BY"
                + " rowid)")) {
      row.next();
      if (!expected.equals(row.getString(1))) {
        throw new IllegalStateException(
            "SQLite "
                + row.getString(2)
                + " fires triggers in another order than change capture needs: expected "
                + expected
                + ", found "
                + row.getString(1)
                + ". Use another version of sqlite-jdbc");
      }
    }
  }
}
