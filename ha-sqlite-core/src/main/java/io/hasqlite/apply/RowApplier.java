package io.hasqlite.apply;

import io.hasqlite.apply.Conflict.Kind;
import io.hasqlite.capture.TriggerCapture;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.RawText;
import io.hasqlite.changeset.Values;
import io.hasqlite.sqlite.SqliteErrors;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.TableSchema;
import io.hasqlite.sqlite.TableSchema.Column;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Applies the change of one row. Every node that has the same rows does the same: an insert
 * replaces what is in its way; an update writes the columns that changed, or the whole row where it
 * is gone; a delete that finds nothing is content.
 */
final class RowApplier {

  /** Told what a change met. */
  interface Conflicts {
    void add(Kind kind, Change change, String reason, @Nullable Change lost) throws SQLException;
  }

  private final TriggerCapture capture;
  private final SqliteSession session;
  private final UsersTriggers usersTriggers;
  private final Conflicts conflicts;
  private boolean displacedRows;

  RowApplier(TriggerCapture capture, UsersTriggers usersTriggers, Conflicts conflicts) {
    this.capture = capture;
    this.session = capture.session();
    this.usersTriggers = usersTriggers;
    this.conflicts = conflicts;
  }

  void apply(Change change) throws SQLException {
    TableSchema table = capture.currentSchema().table(change.table());
    if (table == null) {
      conflicts.add(Kind.DROPPED, change, "There is no table \"" + change.table() + '"', null);
      return;
    }
    Identity identity = Identity.of(table, change);
    if (identity == null) {
      conflicts.add(Kind.DROPPED, change, "It does not say which row", null);
      return;
    }
    usersTriggers.prepare(table);
    try {
      switch (change.operation()) {
        case INSERT -> insert(table, change);
        case UPDATE -> update(table, identity, change);
        case DELETE -> delete(table, identity, change);
        default -> throw new IllegalArgumentException("Not a change of a row: " + change);
      }
    } catch (SQLException e) {
      if (!SqliteErrors.isSameOnEveryNode(e)) {
        throw e;
      }
      conflicts.add(Kind.DROPPED, change, String.valueOf(e.getMessage()), null);
    }
  }

  private void insert(TableSchema table, Change change) throws SQLException {
    Map<String, @Nullable Object> values = newValues(table, change);
    for (Column column : table.columns()) {
      if (!values.containsKey(column.name()) && !isLiteral(column.defaultSql())) {
        values.put(column.name(), null); // a default that each node would compute differently
      }
    }
    checkDefaults(table, values);
    run(
        "INSERT OR REPLACE INTO main."
            + SqliteSession.quoted(table.name())
            + "("
            + values.keySet().stream().map(SqliteSession::quoted).collect(Collectors.joining(","))
            + ") VALUES("
            + values.values().stream().map(RowApplier::slot).collect(Collectors.joining(","))
            + ")",
        new ArrayList<>(values.values()));
    recordDisplaced(table, change);
  }

  private void update(TableSchema table, Identity identity, Change change) throws SQLException {
    Change present = present(table, identity, change);
    if (present == null) {
      conflicts.add(Kind.REVIVED, change, "The row to update was deleted", null);
      insert(table, change);
      return;
    }
    Map<String, @Nullable Object> oldValues = oldValues(table, change);
    Map<String, @Nullable Object> sets = new LinkedHashMap<>();
    newValues(table, change)
        .forEach(
            (column, value) -> {
              if (!oldValues.containsKey(column) || !Values.same(oldValues.get(column), value)) {
                sets.put(column, value);
              }
            });
    if (sets.isEmpty()) {
      return;
    }
    checkDefaults(table, sets);
    recordOverwritten(table, change, present, sets.keySet());
    List<@Nullable Object> arguments = new ArrayList<>(sets.values());
    arguments.addAll(identity.values());
    run(
        "UPDATE OR REPLACE main."
            + SqliteSession.quoted(table.name())
            + " SET "
            + sets.entrySet().stream()
                .map(set -> SqliteSession.quoted(set.getKey()) + "=" + slot(set.getValue()))
                .collect(Collectors.joining(","))
            + identity.where(table),
        arguments);
    recordDisplaced(table, change);
  }

  /**
   * REPLACE puts a column's default where NULL may not stand. One that is no literal (a time, a
   * random number) would be another value on each node.
   */
  private static void checkDefaults(TableSchema table, Map<String, @Nullable Object> values)
      throws SQLException {
    for (Column column : table.columns()) {
      if (column.notNull()
          && !isLiteral(column.defaultSql())
          && values.containsKey(column.name())
          && values.get(column.name()) == null) {
        throw new SQLIntegrityConstraintViolationException(
            "There is no value for column \""
                + column.name()
                + "\", and its default would be another one on each node",
            "23502",
            SqliteErrors.CONSTRAINT);
      }
    }
  }

  private void delete(TableSchema table, Identity identity, Change change) throws SQLException {
    Change present = present(table, identity, change);
    if (present == null) {
      return;
    }
    recordOverwritten(table, change, present, List.copyOf(table.columnNames()));
    run(
        "DELETE FROM main." + SqliteSession.quoted(table.name()) + identity.where(table),
        identity.values());
    capture.drain();
  }

  /**
   * Returns the row that a change is about as it is now, as its deletion; null if there is none.
   */
  private @Nullable Change present(TableSchema table, Identity identity, Change change)
      throws SQLException {
    PreparedStatement select =
        session.prepared(
            "SELECT "
                + (table.rowidName() == null ? "NULL" : SqliteSession.quoted(table.rowidName()))
                + table.columns().stream()
                    .map(column -> "," + SqliteSession.quoted(column.name()))
                    .collect(Collectors.joining())
                + " FROM main."
                + SqliteSession.quoted(table.name())
                + identity.where(table));
    bind(select, identity.values());
    try (ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        return null;
      }
      List<@Nullable Object> values = new ArrayList<>();
      for (int i = 0; i < table.columns().size(); i++) {
        values.add(TriggerCapture.value(row, i + 2));
      }
      return Change.delete(
          table.name(),
          table.columnNames(),
          table.identity(),
          (Long) TriggerCapture.value(row, 1),
          values,
          change.timestampNs());
    }
  }

  /** Records that a change met another value than its writer saw, in a column that it writes. */
  private void recordOverwritten(
      TableSchema table, Change change, Change present, Iterable<String> written)
      throws SQLException {
    if (change.oldValues() == null || !change.typed()) {
      return;
    }
    Map<String, @Nullable Object> seen = oldValues(table, change);
    List<@Nullable Object> values = present.oldValues();
    for (String column : written) {
      int at = present.columns().indexOf(column);
      if (at >= 0
          && values != null
          && seen.containsKey(column)
          && !Values.same(seen.get(column), values.get(at))) {
        conflicts.add(
            Kind.OVERWRITTEN,
            change,
            "Column \""
                + column
                + "\" was "
                + Values.describe(values.get(at))
                + ", its writer had seen "
                + Values.describe(seen.get(column)),
            present);
        return;
      }
    }
  }

  private void recordDisplaced(TableSchema table, Change change) throws SQLException {
    if (!displacedRows) {
      return;
    }
    for (Change lost : capture.drain()) {
      conflicts.add(
          Kind.DISPLACED, change, "The row took its place in \"" + table.name() + '"', lost);
    }
  }

  private static Map<String, @Nullable Object> oldValues(TableSchema table, Change change) {
    return values(table, change, change.oldValues(), change.oldRowid());
  }

  private static Map<String, @Nullable Object> newValues(TableSchema table, Change change) {
    return values(table, change, change.newValues(), change.newRowid());
  }

  /** Returns the values of the columns that the table has, the rowid included if it identifies. */
  private static Map<String, @Nullable Object> values(
      TableSchema table,
      Change change,
      @Nullable List<@Nullable Object> values,
      @Nullable Long rowid) {
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    String rowidName = table.rowidName();
    if (table.isIdentifiedByRowid()
        && rowidName != null
        && rowid != null
        && table.rowidColumn() == null) {
      result.put(rowidName, rowid);
    }
    for (int i = 0; values != null && i < change.columns().size(); i++) {
      Column column = table.column(change.columns().get(i)).orElse(null);
      if (column != null) {
        Object value = values.get(i);
        result.put(column.name(), change.typed() ? value : untyped(column, value));
      }
    }
    return result;
  }

  /** go-ha sends a blob as text in base64; only the declared type tells. */
  private static @Nullable Object untyped(Column column, @Nullable Object value) {
    if (column.isBlob() && value instanceof String text) {
      try {
        return Base64.getDecoder().decode(text);
      } catch (IllegalArgumentException e) {
        return value; // text in a BLOB column
      }
    }
    return value;
  }

  private static boolean isLiteral(@Nullable String defaultSql) {
    return defaultSql == null
        || defaultSql.matches(
            "(?is)[-+]?\\.?\\d[\\d.eE+_-]*|0x[0-9a-f]+|x?'([^']|'')*'|\"[^\"]*\""
                + "|(?!current_(date|time|timestamp)$)[a-z_]\\w*"); // a bare word is text
  }

  private static String slot(@Nullable Object value) {
    return value instanceof RawText ? "CAST(? AS TEXT)" : "?";
  }

  private void run(String sql, List<@Nullable Object> arguments) throws SQLException {
    PreparedStatement statement = session.prepared(sql);
    bind(statement, arguments);
    long before = session.totalChanges();
    statement.execute();
    displacedRows = session.totalChanges() - before > 1;
  }

  private static void bind(PreparedStatement statement, List<@Nullable Object> arguments)
      throws SQLException {
    for (int i = 0; i < arguments.size(); i++) {
      Object value = arguments.get(i);
      statement.setObject(i + 1, value instanceof RawText text ? text.bytes() : value);
    }
  }

  /** How the row of a change is found: by the values that it had. */
  private record Identity(List<String> columns, List<@Nullable Object> values, boolean unique) {

    static @Nullable Identity of(TableSchema table, Change change) {
      if (change.operation() == io.hasqlite.changeset.Operation.INSERT) {
        return new Identity(List.of(), List.of(), true);
      }
      List<String> wanted = change.keyColumns().isEmpty() ? table.identity() : change.keyColumns();
      Map<String, @Nullable Object> old = oldValues(table, change);
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
        return new Identity(
            columns, values, table.identityIsUnique() && columns.equals(table.identity()));
      }
      if (table.rowidName() != null && change.oldRowid() != null) {
        return new Identity(List.of(table.rowidName()), List.of(change.oldRowid()), true);
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
            .append(slot(values.get(i)));
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
}
