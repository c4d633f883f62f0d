package io.hasqlite.testing;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All that applications have in a database, as text that tells every bit: the schema, and each
 * row's values with their types. What is the engine's or SQLite's own is left out.
 */
public final class Content {

  private static final String USERS =
      "name NOT LIKE 'ha\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

  private Content() {}

  /** Reads everything in one transaction: by object, its SQL and then its rows in order. */
  public static Map<String, List<String>> of(Connection connection) throws SQLException {
    boolean autoCommit = connection.getAutoCommit();
    connection.setReadOnly(true);
    connection.setAutoCommit(false);
    try {
      Map<String, List<String>> content = new TreeMap<>();
      List<String> tables = new ArrayList<>();
      try (Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT type, name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL AND "
                      + USERS)) {
        while (row.next()) {
          List<String> lines = new ArrayList<>(List.of(row.getString(3)));
          content.put(row.getString(1) + " " + row.getString(2), lines);
          if (row.getString(1).equals("table")) {
            tables.add(row.getString(2));
          }
        }
      }
      for (String table : tables) {
        List<String> rows = rows(connection, table);
        content.computeIfPresent(
            "table " + table,
            (name, lines) -> {
              lines.addAll(rows);
              return lines;
            });
      }
      return content;
    } finally {
      connection.rollback();
      connection.setAutoCommit(autoCommit);
      connection.setReadOnly(false);
    }
  }

  private static List<String> rows(Connection connection, String table) throws SQLException {
    List<String> columns = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA main.table_xinfo(" + quoted(table) + ")")) {
      while (row.next()) {
        columns.add(row.getString("name"));
      }
    }
    StringBuilder select = new StringBuilder("SELECT 0");
    for (String column : columns) {
      String name = quoted(column);
      select
          .append(", typeof(" + name + "), CASE typeof(" + name + ") WHEN 'text' THEN CAST(" + name)
          .append(" AS BLOB) ELSE " + name + " END");
    }
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(select + " FROM main." + quoted(table))) {
      while (row.next()) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < columns.size(); i++) {
          line.append(i == 0 ? "" : "|").append(value(row, 2 + 2 * i));
        }
        rows.add(line.toString());
      }
    }
    rows.sort(null);
    return rows;
  }

  private static String value(ResultSet row, int typeColumn) throws SQLException {
    String type = row.getString(typeColumn);
    return switch (type) {
      case "null" -> "null";
      case "integer" -> "i" + row.getLong(typeColumn + 1);
      case "real" ->
          "r" + Long.toHexString(Double.doubleToRawLongBits(row.getDouble(typeColumn + 1)));
      default -> {
        byte[] bytes = row.getBytes(typeColumn + 1);
        yield type.charAt(0) + (bytes == null ? "" : HexFormat.of().formatHex(bytes));
      }
    };
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
