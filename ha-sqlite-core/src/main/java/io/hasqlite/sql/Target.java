package io.hasqlite.sql;

import org.jspecify.annotations.Nullable;

/**
 * The object that a DDL statement creates, changes or drops, or the table that INSERT, UPDATE or
 * DELETE writes to.
 *
 * @param schema the schema, unquoted; {@code temp} where TEMP says it; null where none is given
 * @param name the name, unquoted
 * @param from the index of the first token, that of the schema if there is one
 * @param to the index after the name
 */
record Target(@Nullable String schema, String name, int from, int to) {

  /** Returns a statement's target, or null if it has none or breaks off before. */
  static @Nullable Target of(Tokens tokens, Head head) {
    int from = place(tokens, head);
    if (from < 0) {
      return null;
    }
    Target target = at(tokens, from);
    boolean temp = head.type().isCreate() && tokens.isAnyWord(head.verb() + 1, "TEMP", "TEMPORARY");
    return target != null && temp && target.schema() == null
        ? new Target("temp", target.name(), target.from(), target.to())
        : target;
  }

  /** Returns the name at an index, with the schema before it if there is one. */
  static @Nullable Target at(Tokens tokens, int from) {
    if (!tokens.isName(from)) {
      return null;
    }
    if (tokens.isSymbol(from + 1, '.') && tokens.isName(from + 2)) {
      return new Target(tokens.unquoted(from), tokens.unquoted(from + 2), from, from + 3);
    }
    return new Target(null, tokens.unquoted(from), from, from + 1);
  }

  private static int place(Tokens tokens, Head head) {
    int verb = head.verb();
    return switch (head.type()) {
      case INSERT -> into(tokens, verb);
      case UPDATE -> tokens.isWord(verb + 1, "OR") ? verb + 3 : verb + 1;
      case DELETE -> verb + 2;
      case ALTER_TABLE -> verb + 2;
      default ->
          head.type().isCreate() || head.type().isDrop()
              ? afterCondition(tokens, objectWord(tokens, head) + 1)
              : -1;
    };
  }

  private static int into(Tokens tokens, int verb) {
    int into = tokens.isWord(verb + 1, "OR") ? verb + 3 : verb + 1;
    return tokens.isWord(into, "INTO") ? into + 1 : -1;
  }

  /** Returns the index of TABLE, INDEX, VIEW or TRIGGER in a CREATE or DROP. */
  static int objectWord(Tokens tokens, Head head) {
    int i = head.verb() + 1;
    boolean modified = tokens.isAnyWord(i, "TEMP", "TEMPORARY", "UNIQUE", "VIRTUAL");
    return modified ? i + 1 : i;
  }

  /** Returns the index after IF [NOT] EXISTS, if that is what stands there. */
  static int afterCondition(Tokens tokens, int i) {
    if (tokens.isWords(i, "IF", "NOT", "EXISTS")) {
      return i + 3;
    }
    return tokens.isWords(i, "IF", "EXISTS") ? i + 2 : i;
  }
}
