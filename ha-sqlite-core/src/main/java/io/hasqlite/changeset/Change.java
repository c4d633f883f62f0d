package io.hasqlite.changeset;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One change of a transaction. A value is {@code null}, a {@link Long}, a {@link Double}, a {@link
 * String}, a {@code byte[]} or a {@link RawText}: exactly SQLite's types.
 *
 * @param operation what is done
 * @param table the table; empty for {@link Operation#SQL} and {@link Operation#CUSTOM}
 * @param columns the table's columns without generated ones, in the order of both lists of values
 * @param keyColumns the columns that identify a row; empty where the rowid does
 * @param oldRowid the rowid before the change, if the table has one
 * @param newRowid the rowid after the change, if the table has one
 * @param oldValues the row before the change; null for an insert
 * @param newValues the row after the change; null for a delete
 * @param command the statement of {@link Operation#SQL}, or the name of {@link Operation#CUSTOM}
 * @param args the statement's arguments
 * @param timestampNs when it was captured, in nanoseconds since 1970; nothing is decided by it
 */
public record Change(
    Operation operation,
    String table,
    List<String> columns,
    List<String> keyColumns,
    @Nullable Long oldRowid,
    @Nullable Long newRowid,
    @Nullable List<@Nullable Object> oldValues,
    @Nullable List<@Nullable Object> newValues,
    @Nullable String command,
    List<@Nullable Object> args,
    long timestampNs) {

  /** Validates that the lists fit each other. */
  public Change {
    Objects.requireNonNull(operation, "operation");
    Objects.requireNonNull(table, "table");
    Objects.requireNonNull(columns, "columns");
    Objects.requireNonNull(keyColumns, "keyColumns");
    Objects.requireNonNull(args, "args");
  }

  /** Returns the insertion of a row. */
  public static Change insert(
      String table,
      List<String> columns,
      List<String> keyColumns,
      @Nullable Long rowid,
      List<@Nullable Object> values,
      long timestampNs) {
    return new Change(
        Operation.INSERT,
        table,
        columns,
        keyColumns,
        null,
        rowid,
        null,
        values,
        null,
        List.of(),
        timestampNs);
  }

  /** Returns the removal of a row. */
  public static Change delete(
      String table,
      List<String> columns,
      List<String> keyColumns,
      @Nullable Long rowid,
      List<@Nullable Object> values,
      long timestampNs) {
    return new Change(
        Operation.DELETE,
        table,
        columns,
        keyColumns,
        rowid,
        null,
        values,
        null,
        null,
        List.of(),
        timestampNs);
  }

  /** Returns a statement that every node runs. */
  public static Change sql(String command, List<@Nullable Object> args, long timestampNs) {
    return new Change(
        Operation.SQL,
        "",
        List.of(),
        List.of(),
        null,
        null,
        null,
        null,
        command,
        args,
        timestampNs);
  }
}
