package io.hasqlite.sql;

import io.hasqlite.sql.SqlStatement.Type;
import io.hasqlite.sqlite.SqliteSyntax;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Refuses what SQLite's grammar refuses. */
final class Validation {

  private static final String SYNTAX_ERROR = "42000";

  /** How much of a text a message repeats. */
  private static final int EXCERPT_CHARS = 100;

  /** A name that no pragma has: SQLite ignores unknown pragmas, and many known ones act at once. */
  private static final String UNKNOWN_PRAGMA = "ha_unknown";

  private static final String NEW_OBJECT = "ha_new";

  private Validation() {}

  static void check(List<SqlStatement> statements) throws SQLException {
    try (SqliteSyntax syntax = new SqliteSyntax()) {
      for (SqlStatement statement : statements) {
        String error = error(syntax, statement.text());
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

  private static @Nullable String error(SqliteSyntax syntax, String text) {
    Tokens tokens = Tokens.of(text);
    Head head = Head.of(tokens);
    PragmaCall pragma = PragmaCall.of(tokens, head);
    if (pragma != null) {
      String error = syntax.error("SELECT 1 AS " + tokens.text(pragma.at()));
      return error != null
          ? error
          : syntax.error(replaced(text, tokens, pragma.at(), pragma.at() + 1, UNKNOWN_PRAGMA));
    }
    return syntax.error(independent(text, tokens, head));
  }

  /**
   * SQLite looks up some names in the middle of parsing and, where they do not exist, never sees
   * the rest: the schema of a new table, the table of a new trigger. Puts in names that exist.
   */
  private static String independent(String text, Tokens tokens, Head head) {
    Target created = Target.of(tokens, head);
    if (created == null || head.type() != Type.CREATE_TABLE && head.type() != Type.CREATE_TRIGGER) {
      return text;
    }
    String result = text;
    if (head.type() == Type.CREATE_TRIGGER) {
      int on = tokens.find(created.to(), "ON");
      Target table = Target.at(tokens, on + 1);
      if (table != null) {
        boolean view = tokens.isWords(created.to(), "INSTEAD", "OF");
        String known = view ? SqliteSyntax.VIEW : SqliteSyntax.TABLE;
        result = replaced(result, tokens, table.from(), table.to(), known);
      }
    }
    return replaced(result, tokens, created.from(), created.to(), NEW_OBJECT);
  }

  private static String replaced(String text, Tokens tokens, int from, int to, String by) {
    return text.substring(0, tokens.get(from).start())
        + ' '
        + by
        + ' '
        + text.substring(tokens.get(to - 1).end());
  }
}
