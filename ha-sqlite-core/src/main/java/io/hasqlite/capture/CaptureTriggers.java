package io.hasqlite.capture;

import io.hasqlite.sql.Ascii;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.TableSchema;
import io.hasqlite.sqlite.TableSchema.Column;
import io.hasqlite.sqlite.TableSchema.Term;
import io.hasqlite.sqlite.TableSchema.UniqueKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The SQL of the triggers that capture one table. A row's image is the rowid, where the table has
 * one, and its columns. The names of the log and of the candidates are unqualified, as SQLite wants
 * it in triggers; in a temporary trigger they mean the temporary tables.
 */
final class CaptureTriggers {

  /** How rows that REPLACE displaces are found. */
  enum Mode {
    /** By the triggers for DELETE, which fire for them when triggers are recursive. */
    RECURSIVE,
    /** By remembering the rows in the way, since users' triggers must not become recursive. */
    CANDIDATES,
    /** While applying: what is deleted, or all, is logged; users' AFTER triggers stay silent. */
    APPLY_SILENT,
    /** While applying: what is deleted, or all, is logged; users' triggers that are there fire. */
    APPLY_FIRING
  }

  private static final String EFFECTS_WANTED = " WHERE EXISTS (SELECT 1 FROM ha_effects)";

  private static final Set<String> KEYWORD_DEFAULTS =
      Set.of("null", "true", "false", "current_time", "current_date", "current_timestamp");

  private final int arm;
  private final TableSchema table;
  private final String candidateTable;
  private final int logWidth;
  private final List<String> image;
  private final List<String> physicalKey;

  CaptureTriggers(ArmedTable armed, int logWidth) {
    this.arm = armed.arm();
    this.table = armed.schema();
    this.candidateTable = armed.candidateTable();
    this.logWidth = logWidth;
    this.image = image(table);
    this.physicalKey = table.rowidName() != null ? List.of(table.rowidName()) : table.identity();
  }

  /** Returns the names of the image's values: the rowid first, where the table has one. */
  static List<String> image(TableSchema table) {
    return Stream.concat(Stream.ofNullable(table.rowidName()), table.columnNames().stream())
        .toList();
  }

  List<String> sql(Mode mode) {
    String deleted = log("D", "old");
    String inserted = log("I", "new");
    String updated = log("U", "old") + log("u", "new");
    return switch (mode) {
      case RECURSIVE ->
          List.of(
              trigger("ai", "AFTER INSERT", inserted),
              trigger("au", "AFTER UPDATE", updated),
              trigger("ad", "AFTER DELETE", deleted));
      case APPLY_FIRING -> applied("");
      case APPLY_SILENT -> applied(" SELECT RAISE(IGNORE);");
      case CANDIDATES ->
          List.of(
              trigger("bi", "BEFORE INSERT", candidates() + ";"),
              trigger("bu", "BEFORE UPDATE", candidates() + " AND NOT (" + same("x", "old") + ");"),
              trigger("ai", "AFTER INSERT", displaced(gone()) + inserted),
              trigger(
                  "au",
                  "AFTER UPDATE",
                  displaced(gone() + " AND NOT (" + isCandidate("old") + ")")
                      + refresh()
                      + updated),
              trigger(
                  "ad",
                  "AFTER DELETE",
                  "DELETE FROM "
                      + candidateTable
                      + " WHERE "
                      + isCandidate("old")
                      + "; "
                      // An update whose own row goes by a cascade from the row that it displaces is
                      // given up: its AFTER trigger never fires.
                      + displaced(isNotThere())
                      + deleted));
    };
  }

  private List<String> applied(String end) {
    return List.of(
        trigger("ai", "AFTER INSERT", log("I", "new", EFFECTS_WANTED) + end),
        trigger(
            "au",
            "AFTER UPDATE",
            log("U", "old", EFFECTS_WANTED) + log("u", "new", EFFECTS_WANTED) + end),
        trigger("ad", "AFTER DELETE", log("D", "old") + end));
  }

  private String trigger(String kind, String event, String body) {
    return "CREATE TEMP TRIGGER \"ha_"
        + arm
        + "_"
        + kind
        + "\" "
        + event
        + " ON main."
        + SqliteSession.quoted(table.name())
        + " BEGIN "
        + body
        + " END";
  }

  /**
   * Logs an image, in as many rows as it needs; the rows after the first have the operation '+'.
   */
  private String log(String operation, String row) {
    return log(operation, row, "");
  }

  private String log(String operation, String row, String condition) {
    StringBuilder sql = new StringBuilder();
    for (int from = 0; from == 0 || from < image.size(); from += logWidth) {
      int to = Math.min(image.size(), from + logWidth);
      sql.append("INSERT INTO ha_log(arm,op")
          .append(slots("v", to - from))
          .append(condition.isEmpty() ? ") VALUES(" : ") SELECT ")
          .append(arm)
          .append(",'")
          .append(from == 0 ? operation : "+")
          .append('\'')
          .append(values(row, image.subList(from, to)))
          .append(condition.isEmpty() ? ")" : condition)
          .append("; ");
    }
    return sql.toString();
  }

  private static String slots(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> "," + prefix + i).collect(Collectors.joining());
  }

  private static String values(String row, List<String> names) {
    return names.stream()
        .map(name -> "," + row + "." + SqliteSession.quoted(name))
        .collect(Collectors.joining());
  }

  /**
   * Remembers the rows that the new one meets on a unique key. NULL in a NOT NULL column means the
   * column's default to REPLACE. That a candidate was really displaced is only known afterwards.
   */
  private String candidates() {
    String newRow =
        "(SELECT "
            + Stream.of(
                    Stream.ofNullable(table.rowidName())
                        .filter(name -> table.column(name).isEmpty())
                        .map(name -> named("new." + SqliteSession.quoted(name), name)),
                    table.columns().stream().map(column -> named(orDefault(column), column.name())),
                    table.generated().stream()
                        .map(name -> named("new." + SqliteSession.quoted(name), name)))
                .flatMap(names -> names)
                .collect(Collectors.joining(","))
            + ")";
    String meets =
        table.uniqueKeys().stream()
            .map(key -> meets(key, newRow))
            .collect(Collectors.joining(" OR "));
    return "INSERT INTO "
        + candidateTable
        + " SELECT "
        + values("x", image).substring(1)
        + " FROM main."
        + SqliteSession.quoted(table.name())
        + " AS x WHERE ("
        + meets
        + ") AND NOT EXISTS (SELECT 1 FROM "
        + candidateTable
        + " WHERE "
        + isCandidate("x")
        + ")";
  }

  private static String named(String expression, String name) {
    return expression + " AS " + SqliteSession.quoted(name);
  }

  private static String orDefault(Column column) {
    String value = "new." + SqliteSession.quoted(column.name());
    String defaultSql = column.defaultSql();
    return column.notNull() && defaultSql != null
        ? "coalesce(" + value + ",(" + asExpression(defaultSql) + "))"
        : value;
  }

  /** As a default, and only there, a bare word is text. */
  private static String asExpression(String defaultSql) {
    boolean text =
        defaultSql.matches("[A-Za-z_\\x80-\\uFFFF][\\w$\\x80-\\uFFFF]*")
            && !KEYWORD_DEFAULTS.contains(Ascii.lower(defaultSql));
    return text ? SqliteSession.literal(defaultSql) : defaultSql;
  }

  private static String meets(UniqueKey key, String newRow) {
    List<String> parts = new ArrayList<>();
    for (Term term : key.terms()) {
      parts.add(
          "("
              + (term.column() != null ? "x." + term.sql() : term.sql())
              + ") COLLATE "
              + SqliteSession.quoted(term.collation())
              + " = (SELECT "
              + term.sql()
              + " FROM "
              + newRow
              + ")");
    }
    return "(" + String.join(" AND ", parts) + ")";
  }

  private String isCandidate(String row) {
    return physicalKey.stream()
        .map(
            name ->
                row
                    + "."
                    + SqliteSession.quoted(name)
                    + " IS "
                    + candidateTable
                    + ".v"
                    + image.indexOf(name))
        .collect(Collectors.joining(" AND "));
  }

  private String same(String row, String other) {
    return physicalKey.stream()
        .map(SqliteSession::quoted)
        .map(name -> row + "." + name + " IS " + other + "." + name)
        .collect(Collectors.joining(" AND "));
  }

  /** A candidate whose row is not there any more, or whose identity the new row took over. */
  private String gone() {
    return "((" + isCandidate("new") + ") OR " + isNotThere() + ")";
  }

  private String isNotThere() {
    return "NOT EXISTS (SELECT 1 FROM main."
        + SqliteSession.quoted(table.name())
        + " AS x WHERE "
        + isCandidate("x")
        + ")";
  }

  private String displaced(String which) {
    List<String> pieces = new ArrayList<>();
    int width = Math.min(image.size(), logWidth);
    for (int from = 0; from < image.size(); from += logWidth) {
      StringBuilder piece =
          new StringBuilder("SELECT rowid AS n," + from + " AS piece,'")
              .append(from == 0 ? "D" : "+")
              .append("' AS op");
      for (int i = 0; i < width; i++) {
        piece
            .append(from + i < image.size() ? ",v" + (from + i) : ",NULL")
            .append(" AS w")
            .append(i);
      }
      pieces.add(piece + " FROM " + candidateTable + " WHERE " + which);
    }
    return "INSERT INTO ha_log(arm,op"
        + slots("v", width)
        + ") SELECT "
        + arm
        + ",op"
        + slots("w", width)
        + " FROM ("
        + String.join(" UNION ALL ", pieces)
        + ") ORDER BY n,piece; DELETE FROM "
        + candidateTable
        + " WHERE "
        + which
        + "; ";
  }

  private String refresh() {
    String sets =
        IntStream.range(0, image.size())
            .mapToObj(i -> "v" + i + "=new." + SqliteSession.quoted(image.get(i)))
            .collect(Collectors.joining(","));
    return "UPDATE " + candidateTable + " SET " + sets + " WHERE " + isCandidate("old") + "; ";
  }

  /**
   * Returns what makes the table of the candidates, which has no constraint that could conflict.
   */
  String candidateTableSql() {
    return "CREATE TEMP TABLE IF NOT EXISTS "
        + candidateTable
        + "("
        + slots("v", image.size()).substring(1)
        + ")";
  }
}
