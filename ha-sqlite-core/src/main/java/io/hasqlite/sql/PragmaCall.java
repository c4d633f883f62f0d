package io.hasqlite.sql;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a PRAGMA statement says.
 *
 * @param schema the schema, unquoted, or null
 * @param name the name, unquoted and in lower case
 * @param value the value, unquoted, or null for a query
 * @param at the index of the name's token
 */
record PragmaCall(@Nullable String schema, String name, @Nullable String value, int at) {

  /** Those whose value is an argument of a question. */
  private static final Set<String> QUESTIONS =
      Set.of(
          "foreign_key_check",
          "foreign_key_list",
          "index_info",
          "index_list",
          "index_xinfo",
          "integrity_check",
          "quick_check",
          "table_info",
          "table_list",
          "table_xinfo",
          "wal_checkpoint");

  /** Those that write without a value too. */
  private static final Set<String> WRITERS = Set.of("incremental_vacuum", "optimize");

  static @Nullable PragmaCall of(Tokens tokens, Head head) {
    if (head.type() != SqlStatement.Type.PRAGMA) {
      return null;
    }
    Target name = Target.at(tokens, head.verb() + 1);
    return name == null
        ? null
        : new PragmaCall(
            name.schema(), Ascii.lower(name.name()), value(tokens, name.to()), name.to() - 1);
  }

  private static @Nullable String value(Tokens tokens, int from) {
    if (!tokens.isSymbol(from, '=') && !tokens.isSymbol(from, '(')) {
      return null;
    }
    boolean negative = tokens.isSymbol(from + 1, '-');
    int i = negative || tokens.isSymbol(from + 1, '+') ? from + 2 : from + 1;
    if (i >= tokens.size()) {
      return null;
    }
    return negative ? "-" + tokens.unquoted(i) : tokens.unquoted(i);
  }

  boolean modifiesDatabase() {
    return WRITERS.contains(name) || value != null && !QUESTIONS.contains(name);
  }
}
