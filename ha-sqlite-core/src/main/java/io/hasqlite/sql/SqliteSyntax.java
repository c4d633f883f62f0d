package io.hasqlite.sql;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Asks SQLite whether a text is SQL, in an empty database in memory. Texts are prepared there and
 * never run. For one thread at a time.
 */
final class SqliteSyntax implements AutoCloseable {

  /** The table that a checked text may name where SQLite looks a table up while it still parses. */
  static final String TABLE = "ha_table";

  /** The view that serves as {@link #TABLE} does. */
  static final String VIEW = "ha_view";

  private static final Pattern DRIVER_MESSAGE =
      Pattern.compile("\\[\\w+]\\s+[^(]*\\((.*)\\)", Pattern.DOTALL);

  /** SQLite has one error code for everything: only the message tells a wrong text from others. */
  private static final Pattern SYNTAX_MESSAGE =
      Pattern.compile(
          "near \".*\": syntax error|incomplete input|unrecognized token: .*"
              + "|unknown join type: .*|unknown table option: .*",
          Pattern.DOTALL);

  private final Connection scratch;

  /**
   * Opens the empty database.
   *
   * @throws SQLException if the driver cannot open a database in memory
   */
  SqliteSyntax() throws SQLException {
    scratch = DriverManager.getConnection("jdbc:sqlite::memory:");
    try (var statement = scratch.createStatement()) {
      statement.execute("CREATE TABLE " + TABLE + "(x)");
      statement.execute("CREATE VIEW " + VIEW + " AS SELECT 1 AS x");
    }
  }

  /**
   * Returns what SQLite finds wrong with the form of a statement, or null. A statement that cannot
   * be prepared here for any other reason, for example because its table does not exist, is in
   * order.
   *
   * @param statement one statement; neither empty, which the driver cannot prepare, nor a PRAGMA
   *     that SQLite knows, since many of them act while they are prepared
   */
  @Nullable String error(String statement) {
    try (var prepared = scratch.prepareStatement(statement)) {
      return null;
    } catch (SQLException e) {
      String message = String.valueOf(e.getMessage());
      Matcher driver = DRIVER_MESSAGE.matcher(message);
      String reason = driver.matches() ? driver.group(1) : message;
      return SYNTAX_MESSAGE.matcher(reason).matches() ? reason : null;
    }
  }

  @Override
  public void close() throws SQLException {
    scratch.close();
  }
}
