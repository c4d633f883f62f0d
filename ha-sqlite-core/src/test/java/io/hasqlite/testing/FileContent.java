package io.hasqlite.testing;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What a database file holds: its schema and all rows, with exact types. */
public final class FileContent {

  private FileContent() {}

  /** Reads the content through a plain connection; the engine's own tables are left out. */
  public static List<String> of(Path file) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      List<String> content =
          query(
              connection,
              "SELECT type || ' ' || name || ': ' || sql FROM sqlite_schema WHERE sql IS NOT NULL"
                  + " AND name NOT LIKE 'ha\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE"
                  + " '\\' ORDER BY type, name");
      for (String table :
          query(
              connection,
              "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND"
                  + " name NOT LIKE 'ha\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
                  + " ORDER BY name")) {
        List<String> rows = rows(connection, table);
        Collections.sort(rows);
        rows.forEach(row -> content.add(table + ": " + row));
      }
      return content;
    }
  }

  private static List<String> rows(Connection connection, String table) throws SQLException {
    String quoted = '"' + table.replace("\"", "\"\"") + '"';
    List<String> columns =
        query(
            connection, "SELECT name FROM pragma_table_xinfo('" + table.replace("'", "''") + "')");
    StringBuilder values = new StringBuilder("SELECT 0");
    for (String column : columns) {
      values.append(", quote(\"").append(column.replace("\"", "\"\"")).append("\")");
    }
    List<String> result = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(values + " FROM main." + quoted)) {
      while (row.next()) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < columns.size(); i++) {
          line.append(i == 0 ? "" : "|").append(row.getString(i + 2));
        }
        result.add(line.toString());
      }
    }
    return result;
  }

  private static List<String> query(Connection connection, String sql) throws SQLException {
    List<String> result = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        result.add(rows.getString(1));
      }
    }
    return result;
  }
}
