package io.hasqlite.jdbc;

import io.hasqlite.capture.StatementPlan;
import io.hasqlite.sql.SqlStatement;
import io.hasqlite.sql.Token;
import io.hasqlite.sqlite.Schema;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.util.List;

/**
 * Keeps the application's hands off the engine's own tables: they may be read, but not written,
 * changed or dropped, and no object of the application may be called like one.
 */
final class ReservedNames {

  private static final String PREFIX = "ha_";

  private ReservedNames() {}

  /** Fails if the text names an object of ours as its target. */
  static void check(SqlStatement statement) throws SQLException {
    if (!mentionsPrefix(statement.text())) {
      return;
    }
    String name = statement.objectName();
    if (name != null) {
      check(name);
    }
    if (statement.isDdl()) {
      for (Token token : statement.tokens()) {
        String word = unquoted(statement.text().substring(token.start(), token.end()));
        if (Schema.isControlTable(word)) {
          check(word); // other nodes would not run it
        }
      }
    }
    switch (statement.type()) {
      case ALTER_TABLE -> checkNameAfter(statement, "TO");
      case CREATE_INDEX, CREATE_TRIGGER -> checkNameAfter(statement, "ON");
      default -> {}
    }
  }

  /** Fails if the statement writes to a table of ours, be it through a view or a trigger. */
  static void check(StatementPlan plan) throws SQLException {
    for (String table : plan.tables()) {
      check(table);
    }
  }

  /** Checks the name after the first place where a word stands: the only one before a body. */
  private static void checkNameAfter(SqlStatement statement, String word) throws SQLException {
    List<String> tokens =
        statement.tokens().stream()
            .map(token -> statement.text().substring(token.start(), token.end()))
            .toList();
    for (int i = 0; i + 1 < tokens.size(); i++) {
      if (tokens.get(i).equalsIgnoreCase(word)) {
        boolean schema = i + 3 < tokens.size() && tokens.get(i + 2).equals(".");
        check(unquoted(tokens.get(schema ? i + 3 : i + 1)));
        return;
      }
    }
  }

  private static boolean mentionsPrefix(String text) {
    for (int at = text.indexOf('_'); at >= 0; at = text.indexOf('_', at + 1)) {
      if (text.regionMatches(true, at + 1 - PREFIX.length(), PREFIX, 0, PREFIX.length())) {
        return true;
      }
    }
    return false;
  }

  private static void check(String name) throws SQLException {
    if (name.regionMatches(true, 0, PREFIX, 0, PREFIX.length())) {
      throw new SQLSyntaxErrorException(
          "\""
              + name
              + "\": names that begin with \"ha_\" belong to HA SQLite. Its tables may be read but"
              + " not written or changed, and objects of the application need another name",
          "42501");
    }
  }

  private static String unquoted(String token) {
    boolean quoted = token.length() > 1 && "\"'`[".indexOf(token.charAt(0)) >= 0;
    return quoted ? token.substring(1, token.length() - 1) : token;
  }
}
