package io.hasqlite.engine;

import io.hasqlite.engine.RandomSchema.Table;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/** Random statements on the tables of a random schema; many fail. */
final class RandomSql {

  /** A statement, with its arguments if it is to be prepared. */
  record Sql(String text, List<Object> arguments) {

    @Override
    public String toString() {
      return arguments.isEmpty()
          ? text
          : text + " " + arguments.stream().map(RandomSql::literal).toList();
    }
  }

  private static final List<Object> NUMBERS =
      List.of(
          0L,
          1L,
          2L,
          3L,
          13L,
          -5L,
          1.0,
          2.5,
          0.1,
          -0.0,
          9007199254740993L,
          9007199254740992.0,
          Long.MAX_VALUE,
          Long.MIN_VALUE,
          9.223372036854775807E18,
          Double.POSITIVE_INFINITY,
          Double.NEGATIVE_INFINITY,
          1e308,
          4.9e-324,
          1e15,
          1e16);
  private static final List<Object> TEXTS =
      List.of(
          "a",
          "A",
          "b",
          "B",
          "",
          "1",
          "1.0",
          " a ",
          "a ",
          "nul\0inside",
          "\0",
          "😀",
          "\uFFFD",
          "it's \"quoted\"",
          "line\nbreak",
          "ä",
          "Ä");

  private final Random random;
  private final List<Table> tables;
  private List<Object> arguments = Collections.emptyList();
  private boolean prepared;

  RandomSql(Random random, List<Table> tables) {
    this.random = random;
    this.tables = tables;
  }

  /** Returns a statement that writes rows. */
  Sql rows() {
    prepared = oneIn(4);
    arguments = new ArrayList<>();
    Table table = any();
    String text =
        switch (random.nextInt(20)) {
          case 0, 1, 2, 3, 4, 5 -> insert(table);
          case 6, 7 -> upsert(table);
          case 8, 9, 10, 11, 12, 13 -> update(table);
          case 14, 15, 16 -> "DELETE FROM " + table.name() + (oneIn(8) ? "" : where(table));
          case 17 -> insertSelect(table);
          case 18 -> updateFrom(table);
          default ->
              "INSERT INTO view0(k, a) VALUES(" + slot(key(table)) + ", " + slot(value()) + ")";
        };
    return new Sql(text, List.copyOf(wrapNulls(arguments)));
  }

  /** List.copyOf takes no null: an argument that is null is passed as this. */
  static final Object NULL =
      new Object() {
        @Override
        public String toString() {
          return "NULL";
        }
      };

  private static List<Object> wrapNulls(List<Object> values) {
    return values.stream().map(value -> value == null ? NULL : value).toList();
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

  private String insert(Table table) {
    List<String> columns = someColumns(table);
    int rows = oneIn(4) ? 1 + random.nextInt(3) : 1;
    List<String> images = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      images.add(row(table, columns));
    }
    return pick(
            "INSERT",
            "INSERT",
            "INSERT",
            "REPLACE",
            "INSERT OR REPLACE",
            "INSERT OR REPLACE",
            "INSERT OR IGNORE",
            "INSERT OR FAIL",
            "INSERT OR ROLLBACK")
        + " INTO "
        + table.name()
        + (oneIn(20)
            ? " DEFAULT VALUES"
            : "(" + String.join(", ", columns) + ") VALUES" + String.join(", ", images))
        + (oneIn(10) ? " RETURNING *" : "");
  }

  private String upsert(Table table) {
    List<String> columns = someColumns(table);
    String column = column(table);
    return "INSERT INTO "
        + table.name()
        + "("
        + String.join(", ", columns)
        + ") VALUES"
        + row(table, columns)
        + " ON CONFLICT"
        + pick("", "(" + table.key() + ")")
        + " DO "
        + pick(
            "NOTHING",
            "UPDATE SET "
                + column
                + " = "
                + pick("excluded." + column, "coalesce(" + column + ", 0) + 1"),
            "UPDATE SET a = excluded.a, c = excluded.c" + pick("", " WHERE excluded.a IS NOT a"));
  }

  private String update(Table table) {
    List<String> sets = new ArrayList<>();
    List<String> columns = new ArrayList<>(table.columns());
    int count = 1 + random.nextInt(2);
    for (int i = 0; i < count; i++) {
      String column = oneIn(4) ? table.key() : columns.remove(random.nextInt(columns.size()));
      columns.remove(column);
      sets.add(column + " = " + newValue(table, column));
    }
    return pick(
            "UPDATE",
            "UPDATE",
            "UPDATE",
            "UPDATE OR REPLACE",
            "UPDATE OR REPLACE",
            "UPDATE OR IGNORE",
            "UPDATE OR FAIL",
            "UPDATE OR ROLLBACK")
        + " "
        + table.name()
        + " SET "
        + String.join(", ", sets)
        + where(table)
        + (oneIn(12) ? " RETURNING *" : "");
  }

  private String newValue(Table table, String column) {
    if (column.equals(table.key())) {
      return oneIn(4) ? column + " + 1" : slot(key(table));
    }
    return switch (random.nextInt(8)) {
      case 0 -> column + " || 'x'";
      case 1 -> "coalesce(" + column + ", 0) + 1";
      case 2 -> column(table);
      case 3 -> "(SELECT max(a) FROM " + any().name() + ")";
      case 4 -> column;
      default -> slot(value());
    };
  }

  private String insertSelect(Table table) {
    Table from = any();
    return pick("INSERT OR REPLACE", "INSERT OR IGNORE", "INSERT", "REPLACE")
        + " INTO "
        + table.name()
        + "("
        + table.key()
        + ", a, c) SELECT "
        + pick("k, a, c", "k, c, a", "a, k, 1", "k, 'copied', 2.0")
        + " FROM "
        + from.name()
        + (oneIn(2) ? where(from) : "")
        + " ORDER BY 1, 2, 3 LIMIT 4";
  }

  private String updateFrom(Table table) {
    Table from = any();
    return (oneIn(2) ? "UPDATE " : "UPDATE OR REPLACE ")
        + table.name()
        + " SET a = x.c FROM (SELECT k, c FROM "
        + from.name()
        + " ORDER BY 1, 2 LIMIT 2) AS x WHERE x.k = "
        + table.name()
        + ".k";
  }

  private List<String> someColumns(Table table) {
    List<String> columns = new ArrayList<>(table.columns());
    for (int i = columns.size() - 1; i > 0; i--) {
      if (oneIn(columns.get(i).equals("m") ? 10 : 3)) {
        columns.remove(i);
      }
    }
    if (oneIn(10) && columns.size() > 1) {
      columns.remove(0);
    }
    return columns;
  }

  private String row(Table table, List<String> columns) {
    return "("
        + String.join(
            ", ",
            columns.stream()
                .map(
                    column ->
                        slot(
                            column.equals(table.key()) || column.equals("p") || column.equals("m")
                                ? key(table)
                                : value()))
                .toList())
        + ")";
  }

  private String column(Table table) {
    return table.columns().get(random.nextInt(table.columns().size()));
  }

  private String where(Table table) {
    return " WHERE "
        + switch (random.nextInt(10)) {
          case 0, 1, 2, 3, 4 -> table.key() + " IS " + slot(key(table));
          case 5 -> column(table) + " IS " + slot(value());
          case 6 -> table.key() + " IN (" + slot(key(table)) + ", " + slot(key(table)) + ")";
          case 7 -> table.rowid() ? "_rowid_ = " + (1 + random.nextInt(4)) : "a IS NOT NULL";
          case 8 -> table.key() + " > " + slot(key(table));
          default -> "c IS NOT NULL";
        };
  }

  private Object key(Table table) {
    if (table.integerKey()) {
      return oneIn(20) ? value() : oneIn(12) ? null : Long.valueOf(1 + random.nextInt(5));
    }
    return switch (random.nextInt(14)) {
      case 0 -> null;
      case 1 -> 1.0;
      case 2, 3 -> pick("a", "A", "b", "B");
      case 4 -> pick("a ", "1", "😀", "a\0b");
      case 5 -> new byte[] {1};
      case 6 -> 9007199254740993L;
      default -> Long.valueOf(1 + random.nextInt(4));
    };
  }

  private Object value() {
    return switch (random.nextInt(12)) {
      case 0 -> null;
      case 1, 2, 3, 4 -> Long.valueOf(random.nextInt(4));
      case 5, 6 -> NUMBERS.get(random.nextInt(NUMBERS.size()));
      case 7, 8, 9 -> TEXTS.get(random.nextInt(TEXTS.size()));
      case 10 -> random.nextBoolean() ? new byte[0] : new byte[] {0, (byte) 0xff, 'a'};
      default -> new Raw(pick("ff", "61ff62", "eda080", "c3"));
    };
  }

  /** Text that is not UTF-8. */
  private record Raw(String hex) {}

  private String slot(Object value) {
    if (prepared && !(value instanceof Raw)) {
      arguments.add(value);
      return "?";
    }
    return literal(value);
  }

  static String literal(Object value) {
    if (value == null || value == NULL) {
      return "NULL";
    }
    if (value instanceof Raw raw) {
      return "CAST(x'" + raw.hex() + "' AS TEXT)";
    }
    if (value instanceof byte[] bytes) {
      return "x'" + HexFormat.of().formatHex(bytes) + "'";
    }
    if (value instanceof String text) {
      return text.indexOf('\0') >= 0
          ? "CAST(x'"
              + HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8))
              + "' AS TEXT)"
          : "'" + text.replace("'", "''") + "'";
    }
    if (value instanceof Double number) {
      return number.isInfinite() ? (number > 0 ? "9e999" : "-9e999") : number.toString();
    }
    return value.equals(Long.MIN_VALUE) ? "-9223372036854775808" : value.toString();
  }

  /** Returns a statement that changes the schema. */
  Sql ddl() {
    Table table = any();
    String name = table.name();
    int i = random.nextInt(3);
    return new Sql(
        switch (random.nextInt(24)) {
          case 0, 1 ->
              "ALTER TABLE "
                  + name
                  + " ADD COLUMN extra"
                  + i
                  + pick(
                      "",
                      " DEFAULT 5",
                      " TEXT NOT NULL DEFAULT 'new'",
                      " REFERENCES " + any().name() + "(k) ON DELETE SET NULL");
          case 2 -> "ALTER TABLE " + name + " DROP COLUMN extra" + i;
          case 3 -> "ALTER TABLE " + name + " DROP COLUMN c";
          case 4 -> "ALTER TABLE " + name + " RENAME COLUMN extra" + i + " TO renamed";
          case 5 -> "ALTER TABLE " + name + " RENAME COLUMN a TO aa";
          case 6 -> "ALTER TABLE " + name + " RENAME COLUMN aa TO a";
          case 7 -> "ALTER TABLE " + name + " RENAME TO renamed";
          case 8 -> "ALTER TABLE renamed RENAME TO " + name;
          case 9 ->
              "CREATE "
                  + pick("", "UNIQUE ")
                  + "INDEX added"
                  + i
                  + " ON "
                  + name
                  + pick("(c)", "(a, c)", "(\"b c\" COLLATE NOCASE)", "(a) WHERE c = 1");
          case 10 -> "DROP INDEX " + pick("added" + i, "partial" + i, "expression" + i);
          case 11, 12 -> newTrigger("trigger" + i);
          case 13 -> "DROP TRIGGER " + pick("", "IF EXISTS ") + "trigger" + i;
          case 14 -> "DROP TABLE " + pick("made", "IF EXISTS made", name);
          case 15, 16 ->
              "CREATE TABLE "
                  + pick("", "IF NOT EXISTS ")
                  + "made(k "
                  + pick("INTEGER PRIMARY KEY", "TEXT PRIMARY KEY", "UNIQUE")
                  + ", a, c)";
          case 17, 18 -> "CREATE TABLE made AS SELECT k, a, c FROM " + name;
          case 19 ->
              pick(
                  "INSERT INTO made(k, a) VALUES(1, 'x')",
                  "INSERT OR REPLACE INTO made(k, a, c) VALUES('1', 1.0, 2)",
                  "UPDATE made SET a = 3",
                  "DELETE FROM made");
          case 20 -> "PRAGMA user_version = " + random.nextInt(100);
          case 21 -> "UPDATE " + name + " SET extra" + i + " = " + literal(value());
          case 22 -> "INSERT OR REPLACE INTO renamed(k, a) VALUES(" + literal(key(table)) + ", 1)";
          default ->
              pick(
                  "DROP VIEW view0",
                  "CREATE VIEW view0 AS SELECT k, a FROM " + name,
                  "REINDEX",
                  "ANALYZE");
        },
        List.of());
  }

  private String newTrigger(String name) {
    Table on = any();
    Table to = any();
    return "CREATE TRIGGER "
        + name
        + pick(" AFTER", " BEFORE")
        + pick(" INSERT", " UPDATE")
        + " ON "
        + on.name()
        + " BEGIN "
        + pick(
            "UPDATE " + to.name() + " SET c = new.a WHERE k IS new.k;",
            "INSERT OR REPLACE INTO " + to.name() + "(k, a) VALUES(new.a, 'made');",
            "DELETE FROM " + to.name() + " WHERE k IS new.c;")
        + " END";
  }

  /** Returns a statement about temporary objects, which stay on their connection. */
  Sql temporary() {
    Table on = any();
    Table to = any();
    return new Sql(
        pick(
            "CREATE TEMP TABLE IF NOT EXISTS scratch(k, a)",
            "INSERT INTO temp.scratch SELECT k, a FROM " + on.name(),
            "INSERT OR REPLACE INTO " + to.name() + "(k, a) SELECT k, a FROM temp.scratch LIMIT 2",
            "CREATE TEMP TRIGGER scratch_trigger AFTER INSERT ON "
                + on.name()
                + " BEGIN UPDATE "
                + to.name()
                + " SET c = 'temp' WHERE k IS new.k; END",
            "DROP TRIGGER temp.scratch_trigger"),
        List.of());
  }

  /** Returns a statement that controls the transaction's inner life. */
  Sql savepoint() {
    String name = pick("s1", "s2");
    return new Sql(
        pick(
            "SAVEPOINT " + name,
            "SAVEPOINT " + name,
            "ROLLBACK TO " + name,
            "RELEASE " + name,
            "PRAGMA defer_foreign_keys = ON"),
        List.of());
  }
}
