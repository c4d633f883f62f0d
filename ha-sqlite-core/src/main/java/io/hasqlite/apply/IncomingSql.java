package io.hasqlite.apply;

import io.hasqlite.sql.SqlStatement;
import io.hasqlite.sqlite.Schema;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Decides which statements of the stream are run: one statement of DDL on a user's object, or one
 * of the two values in the file's header that applications number their schema with.
 */
final class IncomingSql {

  private static final Set<String> PRAGMAS = Set.of("user_version", "application_id");

  private IncomingSql() {}

  /** Returns the statement, or throws if it must not be run. */
  static SqlStatement check(String command, Schema localSchema) {
    List<SqlStatement> statements = SqlStatement.scanAll(command);
    if (statements.size() != 1) {
      throw forbidden(command, "it is not exactly one statement");
    }
    SqlStatement statement = statements.get(0);
    if (statement.type() == SqlStatement.Type.PRAGMA) {
      checkPragma(command, statement);
      return statement;
    }
    if (!statement.isDdl() && !writesVirtualTable(statement, localSchema)) {
      throw forbidden(command, "it is neither DDL nor a write to a virtual table");
    }
    String schema = statement.objectSchema();
    if (schema != null && !schema.equalsIgnoreCase("main")) {
      throw forbidden(command, "it is not about the main database");
    }
    List<String> words =
        statement.tokens().stream()
            .map(token -> unquoted(statement.text().substring(token.start(), token.end())))
            .toList();
    for (int i = 0; statement.isDdl() && i < words.size(); i++) {
      boolean newName =
          i > 1
              && words.get(i - 2).equalsIgnoreCase("RENAME")
              && words.get(i - 1).equalsIgnoreCase("TO");
      if (Schema.isControlTable(words.get(i)) || newName && !Schema.isUserName(words.get(i))) {
        throw forbidden(command, "it names an object of the engine or of SQLite itself");
      }
    }
    String object = statement.objectName();
    if (object == null || !Schema.isUserName(object)) {
      throw forbidden(command, "it is not about an object of a user");
    }
    return statement;
  }

  private static boolean writesVirtualTable(SqlStatement statement, Schema schema) {
    String table = statement.objectName();
    return switch (statement.type()) {
      case INSERT, UPDATE, DELETE -> table != null && schema.hasVirtualTable(table);
      default -> false;
    };
  }

  private static void checkPragma(String command, SqlStatement statement) {
    String name = statement.pragmaName();
    String value = statement.pragmaValue();
    if (name == null
        || !PRAGMAS.contains(name.toLowerCase(Locale.ROOT))
        || value == null
        || !value.matches("[-+]?\\d{1,10}")) {
      throw forbidden(command, "only user_version and application_id may be set");
    }
  }

  private static String unquoted(String token) {
    return token.length() > 1 && "\"'`[".indexOf(token.charAt(0)) >= 0
        ? token.substring(1, token.length() - 1)
        : token;
  }

  private static ForbiddenChangeException forbidden(String command, String why) {
    return new ForbiddenChangeException(
        "The stream asks for a statement that is refused, because "
            + why
            + ": \""
            + command.substring(0, Math.min(200, command.length()))
            + "\". Find out who can publish to the stream");
  }
}
