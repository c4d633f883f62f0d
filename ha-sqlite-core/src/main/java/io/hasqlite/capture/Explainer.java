package io.hasqlite.capture;

import io.hasqlite.sqlite.Schema;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads from {@code EXPLAIN} what a statement will write. The opcodes are those of <a
 * href="https://sqlite.org/opcode.html">SQLite's virtual machine</a>.
 */
final class Explainer {

  private static final int MAIN = 0;
  private static final int TEMP = 1;
  private static final int SCHEMA_COOKIE = 1;
  private static final int P2_IS_REGISTER = 0x10;
  private static final int SCHEMA_ROOT_PAGE = 1;
  private static final String TRIGGER_MARK = "-- TRIGGER ";

  private static final Set<String> VARYING_FUNCTIONS =
      Set.of(
          "random",
          "randomblob",
          "changes",
          "total_changes",
          "last_insert_rowid",
          "current_timestamp",
          "current_date",
          "current_time",
          "load_extension");
  private static final Set<String> TIME_FUNCTIONS =
      Set.of("date", "time", "datetime", "julianday", "strftime", "unixepoch", "timediff");

  private final Schema schema;
  private final CaptureOptions options;
  private final String sql;
  private final Set<String> differs = new HashSet<>();
  private final Set<String> tables = new HashSet<>();
  private final Set<String> triggersToOrdinary = new HashSet<>();
  private final Set<String> triggersToVirtual = new HashSet<>();
  private boolean writesMain;
  private boolean ddl;
  private boolean tempDdl;
  private boolean virtualTable;
  private String program = "";

  private Explainer(Schema schema, CaptureOptions options, String sql) {
    this.schema = schema;
    this.options = options;
    this.sql = sql;
  }

  static StatementPlan explain(
      SqliteSession session, Schema schema, CaptureOptions options, String sql)
      throws SQLException {
    Explainer explainer = new Explainer(schema, options, sql);
    try (Statement statement = session.driver().createStatement();
        ResultSet row = statement.executeQuery("EXPLAIN " + sql)) {
      while (row.next()) {
        explainer.opcode(
            row.getString(2),
            row.getInt(3),
            row.getLong(4),
            row.getInt(5),
            row.getString(6),
            row.getInt(7));
      }
    }
    return explainer.plan();
  }

  /** Returns the names of the triggers that a statement fires, in the order in which it does. */
  static List<String> triggers(SqliteSession session, String sql) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement statement = session.driver().createStatement();
        ResultSet row = statement.executeQuery("EXPLAIN " + sql)) {
      while (row.next()) {
        String program = row.getString(6);
        if (row.getString(2).equals("Init")
            && program != null
            && program.startsWith(TRIGGER_MARK)) {
          names.add(program.substring(TRIGGER_MARK.length()));
        }
      }
    }
    return names;
  }

  private void opcode(String opcode, int p1, long p2, int p3, String p4, int p5) {
    switch (opcode) {
      case "Init" -> // the first opcode of the statement and of each program that it calls
          program =
              p4 != null && p4.startsWith(TRIGGER_MARK) ? p4.substring(TRIGGER_MARK.length()) : "";
      case "Transaction" -> writesMain |= p1 == MAIN && p2 != 0;
      case "OpenWrite" -> {
        if (p3 == MAIN && p2 != SCHEMA_ROOT_PAGE && (p5 & P2_IS_REGISTER) == 0) {
          writes(p2);
        }
      }
      case "OpenRead" -> reads(p2, p3);
      case "Function", "PureFunc" -> calls(p4);
      case "Clear" -> {
        if (p2 == MAIN) {
          writes(p1);
        }
      }
      case "VUpdate" -> {
        if (program.isEmpty()) {
          virtualTable = true;
        } else {
          triggersToVirtual.add(program);
        }
      }
      case "SetCookie" -> {
        ddl |= p1 == MAIN && p2 == SCHEMA_COOKIE;
        tempDdl |= p1 == TEMP && p2 == SCHEMA_COOKIE;
      }
      default -> {}
    }
  }

  private void reads(long rootPage, int database) {
    String table = database == MAIN ? schema.tableOfRootPage(rootPage) : null;
    if (database != MAIN) {
      differs.add("a table of another database than main");
    } else if (table != null && (!Schema.isUserName(table) || options.excludes(table))) {
      differs.add("the table \"" + table + "\", which is not replicated");
    }
  }

  private void calls(@Nullable String function) {
    String name = function == null ? "" : function.replaceFirst("\\(.*", "");
    if (VARYING_FUNCTIONS.contains(name)
        || TIME_FUNCTIONS.contains(name)
            && (sql.toLowerCase(Locale.ROOT).contains("now") || sql.contains("()"))) {
      differs.add("the function " + name + "()");
    }
  }

  private void writes(long rootPage) {
    String table = schema.tableOfRootPage(rootPage);
    if (table != null) {
      tables.add(table);
      if (!program.isEmpty()) {
        triggersToOrdinary.add(program);
      }
    }
  }

  private StatementPlan plan() {
    Set<String> mixed = new HashSet<>(triggersToVirtual);
    mixed.retainAll(triggersToOrdinary);
    return new StatementPlan(
        writesMain, ddl, tempDdl, tables, virtualTable, triggersToVirtual, mixed, differs);
  }
}
