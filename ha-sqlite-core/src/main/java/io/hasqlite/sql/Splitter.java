package io.hasqlite.sql;

import java.util.ArrayList;
import java.util.List;

/** Splits a script into the texts of its statements. */
final class Splitter {

  private final Tokens tokens;

  private Splitter(Tokens tokens) {
    this.tokens = tokens;
  }

  /**
   * Returns each statement from its first token to its last; statements without any are dropped.
   */
  static List<String> split(String sql) {
    Tokens tokens = Tokens.of(sql);
    Splitter splitter = new Splitter(tokens);
    List<String> texts = new ArrayList<>();
    int first = 0;
    while (first < tokens.size()) {
      int end = splitter.endOf(first);
      if (end > first) {
        texts.add(tokens.text(first, end));
      }
      first = end + 1;
    }
    return texts;
  }

  /** Returns the index of the semicolon that ends a statement, or the number of tokens. */
  private int endOf(int first) {
    int create = Head.afterExplain(tokens, first);
    if (tokens.isWord(create, "CREATE")) {
      if (tokens.isWord(create + 1, "TRIGGER")
          || tokens.isAnyWord(create + 1, "TEMP", "TEMPORARY")
              && tokens.isWord(create + 2, "TRIGGER")) {
        return endOfTrigger(first);
      }
      if (tokens.isWords(create + 1, "VIRTUAL", "TABLE")) {
        return endOfVirtualTable(first);
      }
    }
    return semicolon(first);
  }

  private int semicolon(int from) {
    int i = from;
    while (i < tokens.size() && !tokens.isSymbol(i, ';')) {
      i++;
    }
    return i;
  }

  /**
   * In a body every statement ends with a semicolon and none begins with END, so END is the body's
   * own exactly where it follows a semicolon. The END of a CASE never does.
   */
  private int endOfTrigger(int first) {
    boolean body = false;
    for (int i = first; i < tokens.size(); i++) {
      if (tokens.isWord(i, "BEGIN")) {
        body = true;
      } else if (tokens.isSymbol(i, ';')) {
        if (!body) {
          return i;
        }
        if (tokens.isWord(i + 1, "END")) {
          return semicolon(i + 1);
        }
      }
    }
    return tokens.size();
  }

  /** A module's arguments may be anything in balanced parentheses, semicolons included. */
  private int endOfVirtualTable(int first) {
    int i = first;
    while (i < tokens.size() && !tokens.isSymbol(i, ';')) {
      i = tokens.skip(i);
    }
    return i;
  }
}
