package io.hasqlite.sql;

import io.hasqlite.sql.Token.Kind;
import java.util.List;

/**
 * The tokens of a text and what they say. Every question about a place behind the last token is
 * answered with no, so that a grammar rule may look ahead freely.
 */
final class Tokens {

  private final String sql;
  private final List<Token> list;

  private Tokens(String sql, List<Token> list) {
    this.sql = sql;
    this.list = list;
  }

  static Tokens of(String sql) {
    return new Tokens(sql, List.copyOf(Lexer.lex(sql)));
  }

  List<Token> list() {
    return list;
  }

  int size() {
    return list.size();
  }

  Token get(int index) {
    return list.get(index);
  }

  boolean isKind(int index, Kind kind) {
    return index < size() && get(index).kind() == kind;
  }

  boolean isSymbol(int index, char symbol) {
    if (!isKind(index, Kind.SYMBOL)) {
      return false;
    }
    Token token = get(index);
    return token.end() - token.start() == 1 && sql.charAt(token.start()) == symbol;
  }

  /** Says whether the words from an index on are these, given in capitals. */
  boolean isWords(int index, String... words) {
    for (int i = 0; i < words.length; i++) {
      if (!isWord(index + i, words[i])) {
        return false;
      }
    }
    return true;
  }

  boolean isAnyWord(int index, String... words) {
    for (String word : words) {
      if (isWord(index, word)) {
        return true;
      }
    }
    return false;
  }

  boolean isWord(int index, String word) {
    if (!isKind(index, Kind.WORD)) {
      return false;
    }
    int start = get(index).start();
    if (get(index).end() - start != word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      // SQLite folds ASCII only; Java's equalsIgnoreCase would also match the Kelvin sign with k.
      char c = sql.charAt(start + i);
      char upper = c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c;
      if (upper != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether a name may stand here: words, and also both kinds of quoted text. */
  boolean isName(int index) {
    return isKind(index, Kind.WORD) || isKind(index, Kind.QUOTED) || isKind(index, Kind.STRING);
  }

  String text(int index) {
    return sql.substring(get(index).start(), get(index).end());
  }

  /** Returns the text from one token up to, not including, another, comments between included. */
  String text(int from, int to) {
    return from >= to ? "" : sql.substring(get(from).start(), get(to - 1).end());
  }

  /** Like {@link #text(int, int)}, with the comments before the token that follows. */
  String textUntilNext(int from, int to) {
    int end = to < size() ? get(to).start() : get(to - 1).end();
    return sql.substring(get(from).start(), end).strip();
  }

  /** Returns a token's text without its quotes. */
  String unquoted(int index) {
    String text = text(index);
    return switch (get(index).kind()) {
      case STRING, QUOTED -> {
        String inner = text.substring(1, text.length() - 1);
        char quote = text.charAt(text.length() - 1);
        yield quote == ']' ? inner : inner.replace("" + quote + quote, "" + quote);
      }
      default -> text;
    };
  }

  /** Returns the index after a token, or after the parentheses that it opens. */
  int skip(int index) {
    int depth = 0;
    int i = index;
    do {
      if (isSymbol(i, '(')) {
        depth++;
      } else if (isSymbol(i, ')')) {
        depth--;
      }
      i++;
    } while (depth > 0 && i < size());
    return i;
  }

  /** Returns the first place at or after an index, outside parentheses, of a word; or size. */
  int find(int from, String word) {
    int i = from;
    while (i < size() && !isWord(i, word)) {
      i = skip(i);
    }
    return Math.min(i, size());
  }
}
