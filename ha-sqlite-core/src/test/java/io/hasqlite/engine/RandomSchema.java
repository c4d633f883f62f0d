package io.hasqlite.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random tables that are hard to replicate, with indexes, foreign keys, triggers and views. */
final class RandomSchema {

  /**
   * A table; names are quoted where they need it.
   *
   * @param key the column that statements look rows up by
   * @param columns what may be written
   * @param integerKey whether the key takes integers only
   * @param rowid whether it has a rowid
   */
  record Table(String name, String key, List<String> columns, boolean integerKey, boolean rowid) {}

  private static final List<String> NAMES = List.of("t0", "\"t 1\"", "\"t\"\"2\"", "\"Tä3\"");

  private final Random random;
  private final List<Table> tables = new ArrayList<>();
  private final List<String> sql = new ArrayList<>();

  RandomSchema(Random random) {
    this.random = random;
    int count = 2 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      addTable(NAMES.get(i), i);
    }
    for (int i = 0; i < tables.size(); i++) {
      addIndexes(tables.get(i), i);
    }
    if (random.nextInt(3) > 0) {
      int triggers = 1 + random.nextInt(3);
      for (int i = 0; i < triggers; i++) {
        sql.add(trigger("trigger" + i));
      }
    }
    if (random.nextInt(2) == 0) {
      addAudit();
    }
    if (random.nextInt(4) == 0) {
      Table table = any();
      sql.add("CREATE VIEW view0 AS SELECT " + table.key() + " AS k, a FROM " + table.name());
      sql.add(
          "CREATE TRIGGER view0_insert INSTEAD OF INSERT ON view0 BEGIN INSERT OR REPLACE INTO "
              + table.name()
              + "("
              + table.key()
              + ", a) VALUES(new.k, new.a); END");
    }
  }

  /** Returns the statements that make the schema; some may fail. */
  List<String> sql() {
    return sql;
  }

  List<Table> tables() {
    return tables;
  }

  private Table any() {
    return tables.get(random.nextInt(tables.size()));
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private void addTable(String name, int place) {
    List<String> definitions = new ArrayList<>();
    List<String> columns = new ArrayList<>(List.of("k"));
    boolean integerKey = false;
    boolean mayBeWithoutRowid = false;
    String constraint = null;
    boolean strict = oneIn(12);
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> {
        definitions.add("k INTEGER PRIMARY KEY" + pick("", "", " AUTOINCREMENT"));
        integerKey = true;
      }
      case 3 -> {
        definitions.add("k TEXT NOT NULL PRIMARY KEY");
        mayBeWithoutRowid = true;
      }
      case 4 -> {
        definitions.add("k TEXT COLLATE NOCASE NOT NULL PRIMARY KEY");
        mayBeWithoutRowid = true;
      }
      case 5 -> {
        definitions.add(pick("k", "k INTEGER", "k TEXT") + (strict ? " ANY" : "") + " NOT NULL");
        if (strict) {
          definitions.set(0, "k ANY NOT NULL");
        }
        definitions.add("m " + (strict ? "ANY" : pick("", "TEXT COLLATE NOCASE")) + " NOT NULL");
        columns.add("m");
        constraint = "PRIMARY KEY(" + pick("k, m", "m, k", "k, m DESC") + ")";
        mayBeWithoutRowid = true;
      }
      case 6 -> {
        definitions.add(strict ? "k ANY" : pick("k", "k TEXT COLLATE RTRIM"));
        definitions.add("m" + (strict ? " ANY" : ""));
        columns.add("m");
        constraint = "PRIMARY KEY(k, m)";
      }
      case 7 ->
          definitions.add(
              strict
                  ? "k ANY PRIMARY KEY"
                  : pick("k PRIMARY KEY", "k INT PRIMARY KEY", "k INTEGER PRIMARY KEY DESC"));
      case 8 -> definitions.add(strict ? "k ANY" : pick("k", "k TEXT"));
      default -> definitions.add(strict ? "k ANY UNIQUE" : pick("k UNIQUE", "k REAL UNIQUE"));
    }
    boolean withoutRowid = mayBeWithoutRowid && random.nextBoolean();
    boolean singleKey = constraint == null;
    for (String column : List.of("a", "\"b c\"", "c")) {
      columns.add(column);
      definitions.add(column + columnType(strict));
    }
    if (oneIn(3)) {
      List<Table> parents = new ArrayList<>(tables);
      if (singleKey) {
        parents.add(new Table(name, "k", columns, integerKey, !withoutRowid));
      }
      if (!parents.isEmpty()) {
        columns.add("p");
        definitions.add(
            "p" + (strict ? " ANY" : "") + foreignKey(parents.get(random.nextInt(parents.size()))));
      }
    }
    if (oneIn(4)) {
      definitions.add(
          "g"
              + (strict ? " ANY" : "")
              + " GENERATED ALWAYS AS ("
              + pick("a || '-' || c", "typeof(a)", "coalesce(a, c)")
              + ") "
              + pick("VIRTUAL", "STORED")
              + pick("", "", " UNIQUE"));
    }
    if (oneIn(12) && !withoutRowid) {
      columns.add("\"rowid\"");
      definitions.add("\"rowid\"" + (strict ? " ANY" : ""));
    }
    if (oneIn(8)) {
      definitions.add("CHECK(a IS NULL OR c IS NULL OR a <= c)");
    }
    if (constraint != null) {
      definitions.add(constraint + pick("", "", " ON CONFLICT REPLACE"));
    }
    List<String> options = new ArrayList<>();
    if (withoutRowid) {
      options.add("WITHOUT ROWID");
    }
    if (strict) {
      options.add("STRICT");
    }
    sql.add(
        "CREATE TABLE "
            + name
            + "("
            + String.join(", ", definitions)
            + ")"
            + String.join(", ", options));
    tables.add(new Table(name, "k", columns, integerKey, !withoutRowid));
  }

  /** Rows that are only written by triggers, one of which fires the other. */
  private void addAudit() {
    sql.add("CREATE TABLE audit(what, k)");
    sql.add("CREATE TABLE audit_of_audit(k)");
    Table table = any();
    String event = pick("INSERT", "UPDATE", "DELETE");
    String row = event.equals("DELETE") ? "old" : "new";
    sql.add(
        "CREATE TRIGGER audit_rows "
            + pick("AFTER ", "AFTER ", "BEFORE ")
            + event
            + " ON "
            + table.name()
            + " BEGIN INSERT INTO audit VALUES('"
            + event
            + "', "
            + row
            + ".k); END");
    sql.add(
        "CREATE TRIGGER audit_audit "
            + pick("AFTER", "AFTER", "BEFORE")
            + " INSERT ON audit BEGIN INSERT INTO audit_of_audit VALUES(new.k); END");
  }

  private String columnType(boolean strict) {
    String type =
        strict
            ? pick(" ANY", " ANY", " INTEGER", " TEXT")
            : pick(
                "", "", " INTEGER", " TEXT", " REAL", " BLOB", " NUMERIC", " TEXT COLLATE NOCASE");
    return type
        + switch (random.nextInt(9)) {
          case 0 -> " NOT NULL DEFAULT " + pick("7", "'x'", "(1 + 1)");
          case 1 -> " UNIQUE";
          case 2 -> " UNIQUE ON CONFLICT REPLACE";
          case 3 -> " DEFAULT " + pick("1", "'a'", "NULL");
          case 4 ->
              " NOT NULL ON CONFLICT REPLACE DEFAULT 5 UNIQUE ON CONFLICT "
                  + pick("IGNORE", "FAIL", "ROLLBACK", "REPLACE");
          default -> "";
        };
  }

  private String foreignKey(Table parent) {
    return " REFERENCES "
        + parent.name()
        + "(k) ON DELETE "
        + pick("CASCADE", "CASCADE", "SET NULL", "SET NULL", "SET DEFAULT", "RESTRICT", "NO ACTION")
        + " ON UPDATE "
        + pick("CASCADE", "CASCADE", "SET NULL", "NO ACTION")
        + pick("", " DEFERRABLE INITIALLY DEFERRED");
  }

  private void addIndexes(Table table, int place) {
    if (oneIn(3)) {
      sql.add(
          "CREATE UNIQUE INDEX partial"
              + place
              + " ON "
              + table.name()
              + pick(
                  "(a) WHERE c IS NOT NULL",
                  "(\"b c\") WHERE a > 1",
                  "(c, a) WHERE typeof(a) = 'integer'"));
    }
    if (oneIn(3)) {
      sql.add(
          "CREATE UNIQUE INDEX expression"
              + place
              + " ON "
              + table.name()
              + pick(
                  "(abs(a))",
                  "(lower(\"b c\"))",
                  "(a + c)",
                  "(\"b c\" COLLATE NOCASE, c)",
                  "(coalesce(a, c))"));
    }
    if (oneIn(4)) {
      sql.add("CREATE INDEX plain" + place + " ON " + table.name() + "(c, a)");
    }
  }

  /** Returns a trigger that writes to any table, its own included. */
  String trigger(String name) {
    Table on = any();
    String event = pick("INSERT", "INSERT", "UPDATE", "UPDATE OF a", "DELETE");
    String row =
        event.equals("DELETE")
            ? "old"
            : event.equals("INSERT") || random.nextBoolean() ? "new" : "old";
    return "CREATE TRIGGER "
        + name
        + " "
        + pick("AFTER", "AFTER", "BEFORE", "")
        + " "
        + event
        + " ON "
        + on.name()
        + pick("", " WHEN " + row + ".a > 1", " WHEN " + row + ".c IS NOT NULL")
        + " BEGIN "
        + body(row, on)
        + pick("", body(row, on))
        + " END";
  }

  private String body(String row, Table on) {
    Table to = any();
    return switch (random.nextInt(7)) {
      case 0 -> "UPDATE " + to.name() + " SET a = " + row + ".c WHERE k IS " + row + ".k; ";
      case 1 ->
          "UPDATE OR REPLACE "
              + to.name()
              + " SET \"b c\" = "
              + row
              + ".a WHERE a IS "
              + row
              + ".a; ";
      case 2 ->
          "INSERT OR REPLACE INTO "
              + to.name()
              + "("
              + to.columns().get(0)
              + ", a) VALUES("
              + row
              + ".a, "
              + row
              + ".c); ";
      case 3 ->
          "INSERT OR IGNORE INTO "
              + to.name()
              + "("
              + to.columns().get(0)
              + ", c) VALUES("
              + row
              + ".c, 'by trigger'); ";
      case 4 -> "DELETE FROM " + to.name() + " WHERE k IS " + row + ".c; ";
      case 5 -> "UPDATE " + on.name() + " SET c = coalesce(c, 0) + 1 WHERE k IS " + row + ".k; ";
      default ->
          "SELECT RAISE("
              + pick("ABORT, 'no'", "IGNORE", "FAIL, 'no'", "ROLLBACK, 'no'")
              + ") WHERE "
              + row
              + ".a = 13; ";
    };
  }
}
