package io.hasqlite.sql;

import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.util.List;

/** Refuses what SQLite's grammar refuses. */
final class Validation {

  private static final String SYNTAX_ERROR = "42000";

  /** How much of a text a message repeats. */
  private static final int EXCERPT_CHARS = 100;

  private Validation() {}

  static void check(List<SqlStatement> statements) throws SQLException {
    try (SqliteSyntax syntax = new SqliteSyntax()) {
      for (SqlStatement statement : statements) {
        String error = GrammarCheck.error(syntax, statement.text());
        if (error != null) {
          throw invalid(error, statement.text());
        }
      }
    }
  }

  static SQLSyntaxErrorException invalid(String reason, String text) {
    boolean whole = text.length() <= EXCERPT_CHARS;
    String excerpt =
        whole ? text : text.substring(0, text.offsetByCodePoints(0, EXCERPT_CHARS / 2)) + "...";
    return new SQLSyntaxErrorException("Invalid SQL: " + reason + ", in: " + excerpt, SYNTAX_ERROR);
  }
}
