package io.hasqlite.changeset;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One change of a transaction. A value is {@code null}, a {@link Long}, a {@link Double}, a {@link
 * String}, a {@code byte[]} or a {@link RawText}: exactly SQLite's types. Two changes are equal if
 * they hold the same values in the sense of {@link Values#same}. The lists are not copied and must
 * not be modified afterwards.
 *
 * @param operation what is done
 * @param table the table; empty for {@link Operation#SQL} and {@link Operation#CUSTOM}
 * @param columns the table's columns without generated ones, in the order of both lists of values
 * @param keyColumns the columns that identify a row; empty where the rowid does, or where the
 *     sender did not say
 * @param oldRowid the rowid before the change, if the table has one and the sender gave it
 * @param newRowid the rowid after the change, if the table has one and the sender gave it
 * @param oldValues the row before the change; null for an insert, and where the sender identifies
 *     the row by {@code oldRowid} alone
 * @param newValues the row after the change; null for a delete
 * @param command the statement of {@link Operation#SQL}, or the name of {@link Operation#CUSTOM}
 * @param args the statement's arguments
 * @param timestampNs when it was captured, in nanoseconds since 1970; nothing is decided by it
 * @param typed whether the values have their exact types. False for a message of go-ha: there a
 *     whole REAL may have become an integer, and a blob is text in base64
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
    long timestampNs,
    boolean typed) {

  /** Validates that the parts fit the operation and the lists fit each other. */
  public Change {
    Objects.requireNonNull(operation, "operation");
    Objects.requireNonNull(table, "table");
    Objects.requireNonNull(columns, "columns");
    Objects.requireNonNull(keyColumns, "keyColumns");
    Objects.requireNonNull(args, "args");
    switch (operation) {
      case INSERT, UPDATE, DELETE -> {
        require(!table.isEmpty(), operation, "names no table");
        require(!columns.isEmpty(), operation, "names no columns");
        require(isAmong(columns, keyColumns), operation, "has a key column that is no column");
        require(
            oldValues == null || oldValues.size() == columns.size(),
            operation,
            "has old values that do not fit its columns");
        require(
            newValues == null || newValues.size() == columns.size(),
            operation,
            "has new values that do not fit its columns");
        require(
            (newValues == null) == (operation == Operation.DELETE),
            operation,
            operation == Operation.DELETE ? "has new values" : "has no new values");
        require(
            operation == Operation.INSERT
                ? oldValues == null
                : oldValues != null || oldRowid != null,
            operation,
            operation == Operation.INSERT ? "has old values" : "does not say which row");
      }
      case SQL -> require(command != null && !command.isBlank(), operation, "has no command");
      case CUSTOM -> {}
    }
  }

  /** Without an iterator: this runs for each row. */
  private static boolean isAmong(List<String> columns, List<String> wanted) {
    for (int i = 0; i < wanted.size(); i++) {
      if (!columns.contains(wanted.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** Creates a change whose values have their exact types. */
  public Change(
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
    this(
        operation,
        table,
        columns,
        keyColumns,
        oldRowid,
        newRowid,
        oldValues,
        newValues,
        command,
        args,
        timestampNs,
        true);
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

  /**
   * Returns the change that undoes this one.
   *
   * @throws IllegalStateException if it does not hold the whole row that it changed
   */
  public Change inverse() {
    return switch (operation) {
      case INSERT -> delete(table, columns, keyColumns, newRowid, known(newValues), timestampNs);
      case DELETE -> insert(table, columns, keyColumns, oldRowid, known(oldValues), timestampNs);
      case UPDATE ->
          new Change(
              operation,
              table,
              columns,
              keyColumns,
              newRowid,
              oldRowid,
              known(newValues),
              known(oldValues),
              null,
              List.of(),
              timestampNs);
      case SQL, CUSTOM -> throw new IllegalStateException("Nothing undoes " + this);
    };
  }

  private List<@Nullable Object> known(@Nullable List<@Nullable Object> values) {
    if (values == null) {
      throw new IllegalStateException("Nothing undoes a change without the row: " + this);
    }
    return values;
  }

  private static void require(boolean condition, Operation operation, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException("The " + operation + " " + otherwise);
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Change change
        && operation == change.operation
        && table.equals(change.table)
        && columns.equals(change.columns)
        && keyColumns.equals(change.keyColumns)
        && Objects.equals(oldRowid, change.oldRowid)
        && Objects.equals(newRowid, change.newRowid)
        && Values.sameAll(oldValues, change.oldValues)
        && Values.sameAll(newValues, change.newValues)
        && Objects.equals(command, change.command)
        && Values.sameAll(args, change.args)
        && timestampNs == change.timestampNs
        && typed == change.typed;
  }

  /** Leaves the values out: they may be large, and equal arrays have different hash codes. */
  @Override
  public int hashCode() {
    return Objects.hash(operation, table, oldRowid, newRowid, command, timestampNs);
  }

  /** Describes the change for a log or a message; long values are cut. */
  @Override
  public String toString() {
    return switch (operation) {
      case INSERT -> "INSERT " + table + " " + Values.describeAll(newValues);
      case UPDATE ->
          "UPDATE "
              + table
              + " "
              + (oldValues == null ? "rowid " + oldRowid : Values.describeAll(oldValues))
              + " to "
              + Values.describeAll(newValues);
      case DELETE ->
          "DELETE "
              + table
              + " "
              + (oldValues == null ? "rowid " + oldRowid : Values.describeAll(oldValues));
      case SQL, CUSTOM ->
          operation + " " + Values.describe(command) + " " + Values.describeAll(args);
    };
  }
}
