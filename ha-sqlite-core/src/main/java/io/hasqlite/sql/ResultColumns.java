package io.hasqlite.sql;

import io.hasqlite.sql.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/** Names the columns of a result as SQLite would, as far as the text tells. */
final class ResultColumns {

  private static final String[] LIST_ENDS = {
    "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "INTERSECT", "EXCEPT"
  };

  /** Words after which an operand follows, so that a name there is not an alias. */
  private static final String[] OPERATORS = {
    "ALL",
    "AND",
    "BETWEEN",
    "CASE",
    "COLLATE",
    "DISTINCT",
    "ELSE",
    "ESCAPE",
    "FROM",
    "GLOB",
    "IN",
    "IS",
    "LIKE",
    "MATCH",
    "NOT",
    "OR",
    "OVER",
    "REGEXP",
    "THEN",
    "WHEN"
  };

  /** Words that end an operand without being a name. */
  private static final String[] OPERAND_ENDS = {"ISNULL", "NOTNULL", "NULL"};

  private final Tokens tokens;

  private ResultColumns(Tokens tokens) {
    this.tokens = tokens;
  }

  static List<String> of(Tokens tokens, Head head) {
    if (head.explain()) {
      return head.queryPlan()
          ? List.of("id", "parent", "notused", "detail")
          : List.of("addr", "opcode", "p1", "p2", "p3", "p4", "p5", "comment");
    }
    ResultColumns columns = new ResultColumns(tokens);
    return switch (head.type()) {
      case SELECT ->
          tokens.isWord(head.verb(), "VALUES")
              ? columns.ofValues(head.verb() + 1)
              : columns.ofList(
                  tokens.isAnyWord(head.verb() + 1, "DISTINCT", "ALL")
                      ? head.verb() + 2
                      : head.verb() + 1);
      case INSERT, UPDATE, DELETE -> columns.ofList(tokens.find(head.verb(), "RETURNING") + 1);
      default -> List.of();
    };
  }

  private List<String> ofValues(int row) {
    List<String> names = new ArrayList<>();
    int end = tokens.skip(row) - 1;
    int i = row + 1;
    while (i < end) {
      names.add("column" + (names.size() + 1));
      while (i < end && !tokens.isSymbol(i, ',')) {
        i = tokens.skip(i);
      }
      i++;
    }
    return List.copyOf(names);
  }

  private List<String> ofList(int from) {
    List<String> names = new ArrayList<>();
    int start = from;
    int i = from;
    while (start < tokens.size()) {
      boolean end = i >= tokens.size() || isListEnd(i);
      if (end || tokens.isSymbol(i, ',')) {
        if (i > start) {
          names.add(name(start, Math.min(i, tokens.size())));
        }
        start = i + 1;
      }
      if (end) {
        break;
      }
      i = tokens.skip(i);
    }
    return List.copyOf(names);
  }

  private boolean isListEnd(int i) {
    if (tokens.isWord(i, "FROM")) {
      // IS [NOT] DISTINCT FROM is an operator.
      return !tokens.isWord(i - 1, "DISTINCT");
    }
    // WINDOW is a keyword only before a name and AS.
    return tokens.isAnyWord(i, LIST_ENDS)
        || tokens.isWord(i, "WINDOW") && tokens.isWord(i + 2, "AS");
  }

  private String name(int from, int to) {
    int last = to - 1;
    if (last - from >= 2 && tokens.isWord(last - 1, "AS")) {
      return tokens.unquoted(last);
    }
    if (last > from && isAlias(from, last)) {
      return tokens.unquoted(last);
    }
    int first = from;
    int end = to;
    while (tokens.isSymbol(first, '(') && tokens.skip(first) == end) {
      first++;
      end--;
    }
    if (tokens.isSymbol(last, '*') && isReference(from, last)) {
      return unquotedPath(from, to);
    }
    boolean literal = end - first == 1 && tokens.isKind(first, Kind.STRING);
    // SQLite takes an expression's own text, up to the next token, for its name.
    return isReference(first, end) && !literal
        ? tokens.unquoted(end - 1)
        : tokens.textUntilNext(from, to);
  }

  private boolean isAlias(int from, int last) {
    if (!tokens.isName(last) || tokens.isAnyWord(last, OPERAND_ENDS)) {
      return false;
    }
    if (tokens.isWord(last, "END") && tokens.find(from, "CASE") < last) {
      return false;
    }
    int before = last - 1;
    if (tokens.isSymbol(before, ')')) {
      return true;
    }
    // At the start of the term a word like MATCH can only be a name.
    return !tokens.isKind(before, Kind.SYMBOL)
        && (before == from
            ? !tokens.isAnyWord(before, "NOT", "CASE")
            : !tokens.isAnyWord(before, OPERATORS));
  }

  /** Says whether the tokens are names with dots between; the last name may be missing. */
  private boolean isReference(int from, int to) {
    for (int i = from; i < to; i++) {
      if ((i - from) % 2 == 0 ? !tokens.isName(i) : !tokens.isSymbol(i, '.')) {
        return false;
      }
    }
    return true;
  }

  private String unquotedPath(int from, int to) {
    StringBuilder path = new StringBuilder();
    for (int i = from; i < to; i++) {
      path.append(tokens.unquoted(i));
    }
    return path.toString();
  }
}
