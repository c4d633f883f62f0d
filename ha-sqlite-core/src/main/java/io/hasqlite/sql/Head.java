package io.hasqlite.sql;

import io.hasqlite.sql.SqlStatement.Type;

/**
 * The beginning of a statement: where its verb stands, behind EXPLAIN and WITH.
 *
 * @param explain whether it is an EXPLAIN
 * @param queryPlan whether it is an EXPLAIN QUERY PLAN
 * @param verb the index of the verb
 * @param type the type of the statement, of the explained one if it is an EXPLAIN
 */
record Head(boolean explain, boolean queryPlan, int verb, Type type) {

  static Head of(Tokens tokens) {
    boolean explain = tokens.isWord(0, "EXPLAIN");
    int start = afterExplain(tokens, 0);
    int verb = tokens.isWord(start, "WITH") ? afterWith(tokens, start) : start;
    return new Head(explain, start == 3, verb, type(tokens, verb));
  }

  /** Returns the index after EXPLAIN [QUERY PLAN], if that is what stands there. */
  static int afterExplain(Tokens tokens, int from) {
    if (!tokens.isWord(from, "EXPLAIN")) {
      return from;
    }
    return tokens.isWords(from + 1, "QUERY", "PLAN") ? from + 3 : from + 1;
  }

  /**
   * The name of a common table may be a verb: what follows WITH, RECURSIVE or a comma is a name.
   */
  private static int afterWith(Tokens tokens, int with) {
    int i = with + (tokens.isWord(with + 1, "RECURSIVE") ? 3 : 2);
    while (i < tokens.size()
        && !tokens.isAnyWord(i, "SELECT", "VALUES", "INSERT", "REPLACE", "UPDATE", "DELETE")) {
      i = tokens.isSymbol(i, ',') ? i + 2 : tokens.skip(i);
    }
    return i;
  }

  private static Type type(Tokens tokens, int verb) {
    if (!tokens.isKind(verb, Token.Kind.WORD)) {
      return Type.OTHER;
    }
    return switch (Ascii.upper(tokens.text(verb))) {
      case "SELECT", "VALUES" -> Type.SELECT;
      case "INSERT", "REPLACE" -> Type.INSERT;
      case "UPDATE" -> Type.UPDATE;
      case "DELETE" -> Type.DELETE;
      case "CREATE" -> create(tokens, verb + 1);
      case "DROP" -> drop(tokens, verb + 1);
      case "ALTER" -> Type.ALTER_TABLE;
      case "BEGIN" -> Type.BEGIN;
      case "COMMIT", "END" -> Type.COMMIT;
      case "ROLLBACK" -> tokens.find(verb, "TO") < tokens.size() ? Type.ROLLBACK_TO : Type.ROLLBACK;
      case "SAVEPOINT" -> Type.SAVEPOINT;
      case "RELEASE" -> Type.RELEASE;
      case "PRAGMA" -> Type.PRAGMA;
      case "ATTACH" -> Type.ATTACH;
      case "DETACH" -> Type.DETACH;
      case "VACUUM" -> Type.VACUUM;
      case "ANALYZE" -> Type.ANALYZE;
      case "REINDEX" -> Type.REINDEX;
      default -> Type.OTHER;
    };
  }

  private static Type create(Tokens tokens, int from) {
    if (tokens.isWords(from, "VIRTUAL", "TABLE")) {
      return Type.CREATE_VIRTUAL_TABLE;
    }
    int i = tokens.isAnyWord(from, "TEMP", "TEMPORARY", "UNIQUE") ? from + 1 : from;
    if (tokens.isWord(i, "TABLE")) {
      return Type.CREATE_TABLE;
    } else if (tokens.isWord(i, "INDEX")) {
      return Type.CREATE_INDEX;
    } else if (tokens.isWord(i, "VIEW")) {
      return Type.CREATE_VIEW;
    }
    return tokens.isWord(i, "TRIGGER") ? Type.CREATE_TRIGGER : Type.OTHER;
  }

  private static Type drop(Tokens tokens, int i) {
    if (tokens.isWord(i, "TABLE")) {
      return Type.DROP_TABLE;
    } else if (tokens.isWord(i, "INDEX")) {
      return Type.DROP_INDEX;
    } else if (tokens.isWord(i, "VIEW")) {
      return Type.DROP_VIEW;
    }
    return tokens.isWord(i, "TRIGGER") ? Type.DROP_TRIGGER : Type.OTHER;
  }
}
