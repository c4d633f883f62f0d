package io.hasqlite.apply;

import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.RawText;
import io.hasqlite.sqlite.TableSchema;
import io.hasqlite.sqlite.TableSchema.Column;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values of a change as the present table takes them, and how they are bound. */
final class RowImages {

  private RowImages() {}

  static Map<String, @Nullable Object> oldValues(TableSchema table, Change change) {
    return values(table, change, change.oldValues(), change.oldRowid());
  }

  static Map<String, @Nullable Object> newValues(TableSchema table, Change change) {
    return values(table, change, change.newValues(), change.newRowid());
  }

  /** Returns the values of the columns that the table has, the rowid included if it identifies. */
  private static Map<String, @Nullable Object> values(
      TableSchema table,
      Change change,
      @Nullable List<@Nullable Object> values,
      @Nullable Long rowid) {
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    String rowidName = identifyingRowid(table);
    if (rowidName != null && rowid != null) {
      result.put(rowidName, rowid);
    }
    for (int i = 0; values != null && i < change.columns().size(); i++) {
      Column column = column(table, change.columns().get(i), i);
      if (column != null) {
        Object value = values.get(i);
        result.put(column.name(), change.typed() ? value : untyped(column.isBlob(), value));
      }
    }
    return result;
  }

  /** Returns the name of a rowid that identifies rows and is no column; null if it is not so. */
  static @Nullable String identifyingRowid(TableSchema table) {
    return table.isIdentifiedByRowid() && table.rowidColumn() == null ? table.rowidName() : null;
  }

  /** Finds a column, which mostly is at the same place as where the row was written. */
  static @Nullable Column column(TableSchema table, String name, int place) {
    if (place < table.columns().size() && table.columns().get(place).name().equals(name)) {
      return table.columns().get(place);
    }
    return table.column(name).orElse(null);
  }

  /** go-ha sends a blob as text in base64; only the declared type tells. */
  static @Nullable Object untyped(boolean blob, @Nullable Object value) {
    if (blob && value instanceof String text) {
      try {
        return Base64.getDecoder().decode(text);
      } catch (IllegalArgumentException e) {
        return value; // text in a BLOB column
      }
    }
    return value;
  }

  static String slot(@Nullable Object value) {
    return value instanceof RawText ? "CAST(? AS TEXT)" : "?";
  }

  static void bind(PreparedStatement statement, List<@Nullable Object> arguments)
      throws SQLException {
    bind(statement, arguments.toArray());
  }

  static void bind(PreparedStatement statement, @Nullable Object[] arguments) throws SQLException {
    for (int i = 0; i < arguments.length; i++) {
      Object value = arguments[i];
      statement.setObject(i + 1, value instanceof RawText text ? text.bytes() : value);
    }
  }
}
