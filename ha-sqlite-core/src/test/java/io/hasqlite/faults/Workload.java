package io.hasqlite.faults;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The transactions that nodes play, made so that their result can be judged although the later of
 * two concurrent ones wins:
 *
 * <ul>
 *   <li><b>Entries</b> are rows with a key that is used once. One that was acknowledged is there at
 *       the end, unless its removal was acknowledged: then it is not. So a transaction that takes
 *       effect a second time, after others, shows: the entry comes back.
 *   <li><b>Transfers</b> move an amount within a pair, from an account in one table to the one with
 *       the same number in another, and note an entry. Every transaction that touches a pair writes
 *       both balances. So whichever is the last one, of whichever node and on whichever state it
 *       was based, a pair has its total, at each moment and on each node; half of a transaction
 *       would change it. (With accounts that are freely combined the total would not be constant:
 *       two nodes that change one account at once lose one change, by the documented rule.)
 *   <li><b>Counters</b> are raised by compare-and-set, by one client that goes from node to node:
 *       it succeeds only on a node that has applied what was acknowledged before elsewhere. A
 *       counter with a raise in doubt is left, and a new one begun: the raise may arrive late, and
 *       would then overwrite later ones.
 * </ul>
 */
final class Workload {

  /** How many pairs of accounts there are. */
  static final int PAIRS = 8;

  /** What the two accounts of a pair hold together. */
  static final long PAIR_TOTAL = 1_000;

  /** What a compare-and-set answers that found another value. */
  static final String OTHER_VALUE = "other value";

  private Workload() {}

  static String perform(Connection connection, String what, String[] arguments)
      throws SQLException {
    return switch (what) {
      case "setup" -> setUp(connection);
      case "insert" -> insert(connection, arguments[0]);
      case "delete" -> delete(connection, arguments[0]);
      case "transfer" ->
          transfer(
              connection,
              arguments[0],
              Integer.parseInt(arguments[1]),
              Long.parseLong(arguments[2]));
      case "totals" -> wrongTotals(connection);
      case "count" -> update(connection, "INSERT INTO counters VALUES(?, 0)", arguments[0]);
      case "raise" -> raise(connection, arguments[0], Long.parseLong(arguments[1]));
      default -> throw new IllegalArgumentException("Unknown request " + what);
    };
  }

  private static String setUp(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      for (String table : new String[] {"checking", "savings"}) {
        statement.execute(
            "CREATE TABLE " + table + "(id INTEGER PRIMARY KEY, amount INTEGER NOT NULL)");
      }
      statement.execute("CREATE TABLE entries(id TEXT NOT NULL PRIMARY KEY, text TEXT)");
      statement.execute("CREATE INDEX entries_by_text ON entries(text)");
      statement.execute("CREATE TABLE counters(id INTEGER PRIMARY KEY, value INTEGER NOT NULL)");
      for (int pair = 1; pair <= PAIRS; pair++) {
        statement.execute("INSERT INTO checking VALUES(" + pair + ", " + PAIR_TOTAL + ")");
        statement.execute("INSERT INTO savings VALUES(" + pair + ", 0)");
      }
      connection.commit();
    } finally {
      connection.setAutoCommit(true);
    }
    return "done";
  }

  private static String insert(Connection connection, String key) throws SQLException {
    return update(connection, "INSERT INTO entries VALUES(?, 'some text ' || ?)", key, key);
  }

  private static String delete(Connection connection, String key) throws SQLException {
    return update(connection, "DELETE FROM entries WHERE id = ?", key);
  }

  private static String transfer(Connection connection, String key, int pair, long amount)
      throws SQLException {
    connection.setAutoCommit(false);
    try {
      change(connection, "UPDATE checking SET amount = amount - ? WHERE id = ?", amount, pair);
      change(connection, "UPDATE savings SET amount = amount + ? WHERE id = ?", amount, pair);
      change(connection, "INSERT INTO entries VALUES(?, NULL)", key);
      connection.commit();
    } catch (SQLException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(true);
    }
    return "done";
  }

  /** Returns how many pairs have not their total. */
  private static String wrongTotals(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FROM checking c FULL JOIN savings s ON c.id = s.id"
                    + " WHERE c.amount + s.amount IS NOT "
                    + PAIR_TOTAL)) {
      row.next();
      return row.getString(1);
    }
  }

  private static String raise(Connection connection, String counter, long from)
      throws SQLException {
    return change(
                connection,
                "UPDATE counters SET value = value + 1 WHERE id = ? AND value = ?",
                counter,
                from)
            == 1
        ? "done"
        : OTHER_VALUE;
  }

  private static String update(Connection connection, String sql, Object... values)
      throws SQLException {
    int rows = change(connection, sql, values);
    if (rows != 1) {
      throw new SQLException(rows + " rows instead of one: " + sql, "02000");
    }
    return "done";
  }

  private static int change(Connection connection, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      return statement.executeUpdate();
    }
  }
}
