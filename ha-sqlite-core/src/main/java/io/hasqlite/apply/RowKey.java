package io.hasqlite.apply;

import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.Operation;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.TableSchema;
import io.hasqlite.sqlite.TableSchema.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the row of a change is found: by the values that it had. */
record RowKey(List<String> columns, List<@Nullable Object> values, boolean unique) {

  private static final RowKey NONE = new RowKey(List.of(), List.of(), true);

  static @Nullable RowKey of(TableSchema table, Change change) {
    if (change.operation() == Operation.INSERT) {
      return NONE;
    }
    List<String> wanted = change.keyColumns().isEmpty() ? table.identity() : change.keyColumns();
    Map<String, @Nullable Object> old = RowImages.oldValues(table, change);
    List<String> columns = new ArrayList<>();
    List<@Nullable Object> values = new ArrayList<>();
    for (String name : wanted) {
      String column = table.column(name).map(Column::name).orElse(null);
      if (column == null || !old.containsKey(column)) {
        columns.clear();
        break;
      }
      columns.add(column);
      values.add(old.get(column));
    }
    if (!columns.isEmpty()) {
      return new RowKey(
          columns, values, table.identityIsUnique() && columns.equals(table.identity()));
    }
    if (table.rowidName() != null && change.oldRowid() != null) {
      return new RowKey(List.of(table.rowidName()), List.of(change.oldRowid()), true);
    }
    return null;
  }

  String where(TableSchema table) {
    StringBuilder found = new StringBuilder();
    for (int i = 0; i < columns.size(); i++) {
      found
          .append(i == 0 ? "" : " AND ")
          .append(SqliteSession.quoted(columns.get(i)))
          .append(" IS ")
          .append(RowImages.slot(values.get(i)));
    }
    if (unique || table.rowidName() == null) {
      return " WHERE " + found;
    }
    String rowid = SqliteSession.quoted(table.rowidName());
    return " WHERE "
        + rowid
        + " = (SELECT "
        + rowid
        + " FROM main."
        + SqliteSession.quoted(table.name())
        + " WHERE "
        + found
        + " ORDER BY "
        + rowid
        + " LIMIT 1)";
  }
}
