package io.hasqlite.sample.compare;

import java.io.PrintStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Compares SQLite files as any tool would open them, also while nodes use them: the schema and
 * every row of every table, exact types included. The engine's own tables ({@code ha_*}), which
 * belong to a node, and {@code sqlite_sequence} are left out.
 */
public final class CompareFiles {

  private static final String USERS =
      "tbl_name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND tbl_name NOT LIKE 'ha\\_%' ESCAPE '\\'";

  private CompareFiles() {}

  /** Takes the files; ends with 0 if they are equal, else with 1. */
  public static void main(String[] files) throws SQLException {
    System.exit(areEqual(System.out, files) ? 0 : 1);
  }

  /** Writes what it finds and tells whether all files are equal to the first one. */
  public static boolean areEqual(PrintStream out, String... files) throws SQLException {
    Map<String, Set<String>> first = read(files[0]);
    boolean equal = !first.getOrDefault("schema", Set.of()).isEmpty();
    for (int i = 1; i < files.length; i++) {
      Map<String, Set<String>> other = read(files[i]);
      Set<String> tables = new TreeSet<>(first.keySet());
      tables.addAll(other.keySet());
      for (String table : tables) {
        Set<String> expected = first.getOrDefault(table, Set.of());
        Set<String> found = other.getOrDefault(table, Set.of());
        equal &= expected.equals(found);
        out.printf(
            "%s and %s, %s: %s%n",
            files[0],
            files[i],
            table,
            expected.equals(found) ? found.size() + " equal" : difference(expected, found));
      }
    }
    return equal;
  }

  private static String difference(Set<String> expected, Set<String> found) {
    Set<String> missing = new HashSet<>(expected);
    missing.removeAll(found);
    Set<String> added = new HashSet<>(found);
    added.removeAll(expected);
    return "DIFFERENT; only in the first " + missing + ", only in the second " + added;
  }

  /** Returns the rows of each table as text that is equal if and only if they are. */
  private static Map<String, Set<String>> read(String file) throws SQLException {
    Map<String, Set<String>> rows = new TreeMap<>();
    try (Connection connection =
        DriverManager.getConnection("jdbc:sqlite:file:" + file + "?mode=ro")) {
      connection.setAutoCommit(false); // all tables as they were at one moment
      rows.put(
          "schema",
          query(
              connection,
              "SELECT type || ' ' || sql FROM sqlite_schema WHERE sql IS NOT NULL AND " + USERS));
      for (String table :
          query(connection, "SELECT name FROM sqlite_schema WHERE type = 'table' AND " + USERS)) {
        List<String> values = new ArrayList<>();
        for (String column :
            query(connection, "SELECT name FROM pragma_table_info(" + quoted(table, '\'') + ")")) {
          String name = quoted(column, '"');
          values.add(
              "typeof("
                  + name
                  + ") || CASE WHEN typeof("
                  + name
                  + ") IN ('text', 'blob') THEN hex("
                  + name
                  + ") ELSE quote("
                  + name
                  + ") END");
        }
        String row = values.stream().collect(Collectors.joining(" || ' ' || "));
        // Numbered, so that equal rows of a table without a key all count.
        rows.put(
            table,
            query(
                connection,
                "SELECT row || ' ' || row_number() OVER (PARTITION BY row) FROM (SELECT "
                    + row
                    + " AS row FROM "
                    + quoted(table, '"')
                    + ")"));
      }
    }
    return rows;
  }

  private static Set<String> query(Connection connection, String sql) throws SQLException {
    Set<String> rows = new TreeSet<>();
    try (ResultSet result = connection.createStatement().executeQuery(sql)) {
      while (result.next()) {
        rows.add(result.getString(1));
      }
    }
    return rows;
  }

  private static String quoted(String name, char quote) {
    return quote + name.replace("" + quote, "" + quote + quote) + quote;
  }
}
