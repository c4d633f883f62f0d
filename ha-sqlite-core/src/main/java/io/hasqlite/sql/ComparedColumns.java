package io.hasqlite.sql;

import java.util.HashSet;
import java.util.Set;

/** Finds what an UPDATE or DELETE compares before it writes. */
final class ComparedColumns {

  private static final String[] AFTER_SET = {"FROM", "WHERE", "RETURNING", "ORDER", "LIMIT"};

  private final Tokens tokens;
  private final int verb;

  private ComparedColumns(Tokens tokens, int verb) {
    this.tokens = tokens;
    this.verb = verb;
  }

  static Set<String> of(Tokens tokens, Head head) {
    ComparedColumns columns = new ComparedColumns(tokens, head.verb());
    return switch (head.type()) {
      case UPDATE -> {
        Set<String> names = columns.namesInWhere();
        if (!names.isEmpty()) {
          names.retainAll(columns.assigned());
        }
        yield Set.copyOf(names);
      }
      case DELETE -> Set.copyOf(columns.namesInWhere());
      default -> Set.of();
    };
  }

  private Set<String> namesInWhere() {
    Set<String> names = new HashSet<>();
    int end = Math.min(tokens.find(verb, "RETURNING"), tokens.size());
    for (int i = tokens.find(verb, "WHERE") + 1; i < end; i++) {
      if (tokens.isName(i)) {
        names.add(Ascii.lower(tokens.unquoted(i)));
      }
    }
    return names;
  }

  private Set<String> assigned() {
    Set<String> names = new HashSet<>();
    int i = tokens.find(verb, "SET") + 1;
    boolean left = true;
    while (i < tokens.size() && !tokens.isAnyWord(i, AFTER_SET)) {
      int next = tokens.skip(i);
      if (tokens.isSymbol(i, '=')) {
        left = false;
      } else if (tokens.isSymbol(i, ',')) {
        left = true;
      } else if (left) {
        for (int name = i; name < next; name++) {
          if (tokens.isName(name)) {
            names.add(Ascii.lower(tokens.unquoted(name)));
          }
        }
      }
      i = next;
    }
    return names;
  }
}
