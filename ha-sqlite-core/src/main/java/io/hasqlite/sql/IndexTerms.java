package io.hasqlite.sql;

import java.util.ArrayList;
import java.util.List;

/** The terms of a CREATE INDEX, each without its sort order and its collation. */
final class IndexTerms {

  private final Tokens tokens;

  private IndexTerms(Tokens tokens) {
    this.tokens = tokens;
  }

  static List<String> of(Tokens tokens, Head head) {
    Target index = Target.of(tokens, head);
    if (head.type() != SqlStatement.Type.CREATE_INDEX || index == null) {
      return List.of();
    }
    int open = index.to();
    while (open < tokens.size() && !tokens.isSymbol(open, '(')) {
      open++;
    }
    return new IndexTerms(tokens).terms(open + 1, tokens.skip(open) - 1);
  }

  private List<String> terms(int from, int to) {
    List<String> terms = new ArrayList<>();
    int start = from;
    while (start < to) {
      int end = start;
      while (end < to && !tokens.isSymbol(end, ',')) {
        end = tokens.skip(end);
      }
      if (end > start) {
        terms.add(term(start, Math.min(end, to)));
      }
      start = end + 1;
    }
    return List.copyOf(terms);
  }

  private String term(int from, int to) {
    int end = to;
    if (end - from > 1 && tokens.isAnyWord(end - 1, "ASC", "DESC")) {
      end--;
    }
    int collate = end;
    while (collate - from > 2 && tokens.isWord(collate - 2, "COLLATE")) {
      collate -= 2;
    }
    return tokens.text(from, isOperand(from, collate) ? collate : end);
  }

  /**
   * Says whether the collation behind these tokens is that of the whole term. In {@code a = b
   * COLLATE nocase} it belongs to the comparison, which would be another one without it.
   */
  private boolean isOperand(int from, int to) {
    return to - from == 1
        || tokens.skip(from) == to
        || tokens.isName(from) && tokens.isSymbol(from + 1, '(') && tokens.skip(from + 1) == to
        || isCase(from, to);
  }

  private boolean isCase(int from, int to) {
    int open = 0;
    int i = from;
    do {
      if (tokens.isWord(i, "CASE")) {
        open++;
      } else if (tokens.isWord(i, "END")) {
        open--;
      }
      i = tokens.skip(i);
    } while (open > 0 && i < to);
    return tokens.isWord(from, "CASE") && open == 0 && i == to;
  }
}
