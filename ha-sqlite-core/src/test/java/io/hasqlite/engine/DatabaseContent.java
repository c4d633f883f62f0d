package io.hasqlite.engine;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All that nodes must agree on: the schema, each row with its exact types, and the marks. */
final class DatabaseContent {

  private DatabaseContent() {}

  /** Returns the content by its parts' names. */
  static Map<String, List<String>> read(Connection connection) throws SQLException {
    Map<String, List<String>> content = new TreeMap<>();
    content.put(
        "schema",
        rows(
            connection,
            "SELECT type || ' ' || name || ' on ' || tbl_name || ': ' || coalesce(sql, '') FROM"
                + " sqlite_schema WHERE name NOT LIKE 'ha\\_%' ESCAPE '\\' AND name NOT LIKE"
                + " 'sqlite\\_%' ESCAPE '\\' ORDER BY 1"));
    content.put("user_version", rows(connection, "PRAGMA user_version"));
    List<String> integrity = rows(connection, "PRAGMA integrity_check");
    // Columns that are merged from two nodes may break a CHECK.
    integrity.removeIf(line -> line.startsWith("CHECK constraint failed") || line.equals("ok"));
    content.put("integrity", integrity);
    content.put(
        "marks",
        rows(connection, "SELECT node || ' ' || process_id || ' ' || n FROM ha_marks ORDER BY 1"));
    for (String table :
        rows(
            connection,
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name"
                + " NOT LIKE 'ha\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")) {
      content.put("table " + table, table(connection, table));
    }
    return content;
  }

  private static List<String> table(Connection connection, String table) throws SQLException {
    List<String> values = new ArrayList<>();
    boolean rowid = isIdentifiedByRowid(connection, table);
    if (rowid) {
      values.add("'rowid ' || _rowid_");
    }
    for (String column :
        rows(
            connection,
            "SELECT name FROM pragma_table_xinfo(" + literal(table) + ") ORDER BY cid")) {
      String c = quoted(column);
      values.add(
          "CASE typeof("
              + c
              + ") WHEN 'real' THEN printf('real %!.17g', "
              + c
              + ") WHEN 'text' THEN"
              + " 'text ' || hex(CAST("
              + c
              + " AS BLOB)) || ' ' || quote("
              + c
              + ") WHEN 'blob' THEN"
              + " 'blob ' || hex("
              + c
              + ") WHEN 'null' THEN 'null' ELSE 'integer ' || "
              + c
              + " END");
    }
    List<String> rows =
        rows(
            connection,
            "SELECT " + String.join(" || ', ' || ", values) + " FROM main." + quoted(table));
    Collections.sort(rows);
    return rows;
  }

  /** Elsewhere nodes may give a row different rowids. */
  private static boolean isIdentifiedByRowid(Connection connection, String table)
      throws SQLException {
    String sql =
        "SELECT count(*), sum(\"notnull\"), (SELECT wr FROM pragma_table_list("
            + literal(table)
            + ")), max(upper(type) = 'INTEGER') FROM pragma_table_info("
            + literal(table)
            + ") WHERE pk > 0";
    boolean rowidColumn =
        rows(
                connection,
                "SELECT 1 FROM pragma_index_list(" + literal(table) + ") WHERE origin = 'pk'")
            .isEmpty();
    boolean named =
        !rows(
                connection,
                "SELECT 1 FROM pragma_table_xinfo("
                    + literal(table)
                    + ") WHERE lower(name) = '_rowid_'")
            .isEmpty();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      boolean withoutRowid = row.getInt(3) != 0;
      boolean allNotNull = row.getInt(1) > 0 && row.getInt(1) == row.getInt(2);
      boolean integerKey = row.getInt(1) == 1 && row.getInt(4) == 1 && rowidColumn;
      return !withoutRowid && !named && (integerKey || !allNotNull);
    }
  }

  private static List<String> rows(Connection connection, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        rows.add(row.getString(1));
      }
    }
    return rows;
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static String literal(String text) {
    return '\'' + text.replace("'", "''") + '\'';
  }

  /** Says where two contents differ; empty where they do not. */
  static String difference(Map<String, List<String>> one, Map<String, List<String>> other) {
    StringBuilder text = new StringBuilder();
    for (String part : Collections.unmodifiableSet(union(one, other))) {
      List<String> left = new ArrayList<>(one.getOrDefault(part, List.of()));
      List<String> right = new ArrayList<>(other.getOrDefault(part, List.of()));
      if (!left.equals(right)) {
        List<String> common = new ArrayList<>(left);
        common.retainAll(right);
        left.removeAll(common);
        right.removeAll(common);
        text.append("\n    ")
            .append(part)
            .append(": ")
            .append(left)
            .append(" against ")
            .append(right);
      }
    }
    return text.toString();
  }

  private static java.util.Set<String> union(
      Map<String, List<String>> one, Map<String, List<String>> other) {
    java.util.Set<String> parts = new java.util.TreeSet<>(one.keySet());
    parts.addAll(other.keySet());
    return parts;
  }
}
