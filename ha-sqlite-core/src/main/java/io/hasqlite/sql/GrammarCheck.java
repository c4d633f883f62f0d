package io.hasqlite.sql;

import org.jspecify.annotations.Nullable;

/**
 * Puts one statement so that SQLite can say in an empty database whether its form is right. Some
 * names SQLite looks up in the middle of parsing, and where they do not exist it never sees the
 * rest; they are replaced by one that exists. A pragma's name is replaced by one that SQLite does
 * not know, since many pragmas act while they are prepared.
 */
final class GrammarCheck {

  private static final String UNKNOWN_PRAGMA = "ha_unknown";

  private final SqliteSyntax syntax;
  private final Tokens tokens;
  private final Head head;
  private String text;
  private @Nullable String error;

  private GrammarCheck(SqliteSyntax syntax, String text) {
    this.syntax = syntax;
    this.tokens = Tokens.of(text);
    this.head = Head.of(tokens);
    this.text = text;
  }

  /** Returns what SQLite finds wrong, or null. */
  static @Nullable String error(SqliteSyntax syntax, String statement) {
    GrammarCheck check = new GrammarCheck(syntax, statement);
    check.replaceNames();
    return check.error != null ? check.error : syntax.error(check.text);
  }

  private void replaceNames() {
    PragmaCall pragma = PragmaCall.of(tokens, head);
    if (pragma != null) {
      replace(pragma.at(), pragma.at() + 1, UNKNOWN_PRAGMA);
    }
    Target target = Target.of(tokens, head);
    if (target == null) {
      return;
    }
    switch (head.type()) {
      case ALTER_TABLE -> replace(target.from(), target.to(), SqliteSyntax.TABLE);
      case CREATE_TABLE, CREATE_VIRTUAL_TABLE -> replaceSchema(target);
      case CREATE_TRIGGER -> {
        Target table = Target.at(tokens, tokens.find(target.to(), "ON") + 1);
        if (table != null) {
          boolean view = tokens.isWords(target.to(), "INSTEAD", "OF");
          replace(table.from(), table.to(), view ? SqliteSyntax.VIEW : SqliteSyntax.TABLE);
        }
        replaceSchema(target);
      }
      default -> {}
    }
  }

  private void replaceSchema(Target target) {
    if (target.to() - target.from() > 1) {
      replace(target.from(), target.from() + 1, "temp");
    }
  }

  /** Replaces tokens, the last ones first, since their places are those of the original text. */
  private void replace(int from, int to, String by) {
    for (int i = from; i < to && error == null; i++) {
      if (tokens.isName(i)) {
        // The name will not be seen in its place: it may be a keyword.
        error = syntax.error("SELECT 1 AS " + tokens.text(i));
      }
    }
    // Brackets stand apart from whatever is next to them, and nothing in them is an escape.
    String before = text.substring(0, tokens.get(from).start());
    text = before + '[' + by + ']' + text.substring(tokens.get(to - 1).end());
  }
}
