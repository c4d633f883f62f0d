package io.hasqlite.sql;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers a statement's parameters as SQLite does (expr.c, sqlite3ExprAssignVarNumber). */
final class Parameters {

  /** SQLITE_MAX_VARIABLE_NUMBER of the driver's build; SQLite refuses larger numbers. */
  private static final int NUMBER_MAX = 250_000;

  private static final String ANONYMOUS = "?";

  private Parameters() {}

  /** Returns the name of each index from 1 on; a question mark where an index has no name. */
  static List<String> of(Tokens tokens, Head head) {
    if (head.type() == SqlStatement.Type.CREATE_VIRTUAL_TABLE) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    Map<String, Integer> numbers = new HashMap<>();
    for (int i = 0; i < tokens.size(); i++) {
      if (tokens.isKind(i, Token.Kind.PARAMETER)) {
        add(names, numbers, tokens.text(i));
      }
    }
    return List.copyOf(names);
  }

  private static void add(List<String> names, Map<String, Integer> numbers, String name) {
    if (name.equals(ANONYMOUS)) {
      names.add(ANONYMOUS);
    } else if (name.startsWith(ANONYMOUS)) {
      int number = number(name);
      if (number > names.size()) {
        names.addAll(Collections.nCopies(number - names.size(), ANONYMOUS));
      }
      if (number > 0 && names.get(number - 1).equals(ANONYMOUS)) {
        names.set(number - 1, name);
      }
    } else if (numbers.putIfAbsent(name, names.size() + 1) == null) {
      names.add(name);
    }
  }

  /** Returns the number of a parameter like {@code ?12}, or 0 if SQLite would refuse it. */
  private static int number(String name) {
    long number = 0;
    for (int i = 1; i < name.length() && number <= NUMBER_MAX; i++) {
      number = number * 10 + (name.charAt(i) - '0');
    }
    return number <= NUMBER_MAX ? (int) number : 0;
  }
}
