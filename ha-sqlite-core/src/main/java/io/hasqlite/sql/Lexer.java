package io.hasqlite.sql;

import io.hasqlite.sql.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a text into tokens by the rules of SQLite's tokenize.c (3.53). Like SQLite it reads no
 * further than the first NUL character, and the next token depends on nothing before it.
 */
final class Lexer {

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  /** White space after white space, but not alone. */
  private static final char VERTICAL_TAB = '\u000B';

  /** What {@link #at} returns behind the end; no token contains it. */
  private static final char NUL = '\0';

  private final String sql;
  private final int end;
  private int pos;

  private Lexer(String sql) {
    this.sql = sql;
    int nul = sql.indexOf(NUL);
    this.end = nul < 0 ? sql.length() : nul;
  }

  static List<Token> lex(String sql) {
    Lexer lexer = new Lexer(sql);
    List<Token> tokens = new ArrayList<>();
    lexer.skipSpace();
    while (lexer.pos < lexer.end) {
      int start = lexer.pos;
      Kind kind = lexer.read();
      tokens.add(new Token(kind, start, lexer.pos));
      lexer.skipSpace();
    }
    return tokens;
  }

  private void skipSpace() {
    while (pos < end) {
      char c = at(0);
      if (c == BYTE_ORDER_MARK) {
        pos++;
      } else if (isSpace(c) && c != VERTICAL_TAB) {
        do {
          pos++;
        } while (isSpace(at(0)));
      } else if (c == '-' && at(1) == '-') {
        int newline = sql.indexOf('\n', pos);
        pos = newline < 0 || newline > end ? end : newline;
      } else if (c == '/' && at(1) == '*' && pos + 2 < end) {
        int close = sql.indexOf("*/", pos + 2);
        pos = close < 0 || close + 2 > end ? end : close + 2;
      } else {
        return;
      }
    }
  }

  private Kind read() {
    char c = at(0);
    switch (c) {
      case '\'':
        return quoted(Kind.STRING);
      case '"', '`':
        return quoted(Kind.QUOTED);
      case '[':
        return bracketed();
      case '?':
        pos++;
        while (isDigit(at(0))) {
          pos++;
        }
        return Kind.PARAMETER;
      case '$', '@', '#', ':':
        return namedParameter();
      case 'x', 'X':
        return at(1) == '\'' ? blob() : word();
      default:
        if (isDigit(c) || c == '.' && isDigit(at(1))) {
          return number();
        }
        return isWordPart(c) ? word() : symbol(c);
    }
  }

  private Kind quoted(Kind kind) {
    char quote = at(0);
    pos++;
    while (pos < end) {
      if (at(0) != quote) {
        pos++;
      } else if (at(1) == quote) {
        pos += 2;
      } else {
        pos++;
        return kind;
      }
    }
    return Kind.ILLEGAL;
  }

  private Kind bracketed() {
    int close = sql.indexOf(']', pos);
    boolean closed = close >= 0 && close < end;
    pos = closed ? close + 1 : end;
    return closed ? Kind.QUOTED : Kind.ILLEGAL;
  }

  /** Tcl's form {@code $a::b(c)} is SQLite's for all prefixes; what is in parentheses is a name. */
  private Kind namedParameter() {
    boolean named = false;
    pos++;
    while (pos < end) {
      char c = at(0);
      if (isWordPart(c)) {
        named = true;
        pos++;
      } else if (c == '(' && named) {
        do {
          pos++;
        } while (pos < end && !isSpace(at(0)) && at(0) != ')');
        if (at(0) != ')') {
          return Kind.ILLEGAL;
        }
        pos++;
        return Kind.PARAMETER;
      } else if (c == ':' && at(1) == ':') {
        pos += 2;
      } else {
        break;
      }
    }
    return named ? Kind.PARAMETER : Kind.ILLEGAL;
  }

  private Kind blob() {
    int digits = 0;
    pos += 2;
    while (isHexDigit(at(0))) {
      digits++;
      pos++;
    }
    boolean legal = at(0) == '\'' && digits % 2 == 0;
    while (pos < end && at(0) != '\'') {
      pos++;
    }
    if (pos < end) {
      pos++;
    }
    return legal ? Kind.BLOB : Kind.ILLEGAL;
  }

  private Kind number() {
    boolean legal;
    if (at(0) == '0' && (at(1) == 'x' || at(1) == 'X') && isHexDigit(at(2))) {
      pos += 2;
      legal = digits(true);
    } else {
      legal = digits(false);
      if (at(0) == '.') {
        pos++;
        legal &= digits(false);
      }
      if ((at(0) == 'e' || at(0) == 'E')
          && (isDigit(at(1)) || (at(1) == '+' || at(1) == '-') && isDigit(at(2)))) {
        pos += 2;
        legal &= digits(false);
      }
    }
    while (isWordPart(at(0))) {
      legal = false;
      pos++;
    }
    return legal ? Kind.NUMBER : Kind.ILLEGAL;
  }

  /** Passes digits; a separator is legal only between two of them. */
  private boolean digits(boolean hex) {
    boolean legal = true;
    while (isDigit(at(0), hex) || at(0) == '_') {
      if (at(0) == '_') {
        legal &= pos > 0 && isDigit(sql.charAt(pos - 1), hex) && isDigit(at(1), hex);
      }
      pos++;
    }
    return legal;
  }

  private Kind word() {
    do {
      pos++;
    } while (isWordPart(at(0)));
    return Kind.WORD;
  }

  private Kind symbol(char c) {
    char second = at(1);
    switch (c) {
      case '(', ')', ';', ',', '.', '+', '*', '/', '%', '&', '~':
        pos++;
        return Kind.SYMBOL;
      case '-':
        pos += second != '>' ? 1 : at(2) == '>' ? 3 : 2;
        return Kind.SYMBOL;
      case '=':
        pos += second == '=' ? 2 : 1;
        return Kind.SYMBOL;
      case '<':
        pos += second == '=' || second == '>' || second == '<' ? 2 : 1;
        return Kind.SYMBOL;
      case '>':
        pos += second == '=' || second == '>' ? 2 : 1;
        return Kind.SYMBOL;
      case '|':
        pos += second == '|' ? 2 : 1;
        return Kind.SYMBOL;
      case '!':
        pos += second == '=' ? 2 : 1;
        return second == '=' ? Kind.SYMBOL : Kind.ILLEGAL;
      default:
        pos++;
        return Kind.ILLEGAL;
    }
  }

  private char at(int offset) {
    int index = pos + offset;
    return index < end ? sql.charAt(index) : NUL;
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c >= '\t' && c <= '\r';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isDigit(char c, boolean hex) {
    return hex ? isHexDigit(c) : isDigit(c);
  }

  private static boolean isHexDigit(char c) {
    return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
  }

  private static boolean isWordPart(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || isDigit(c)
        || c == '_'
        || c == '$'
        || c >= 0x80;
  }
}
