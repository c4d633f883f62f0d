package io.hasqlite.sqlite;

import io.hasqlite.sql.Ascii;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What capture and apply must know of a table.
 *
 * @param name its name as declared
 * @param columns the columns that can be written, in order
 * @param generated the names of the generated columns
 * @param identity the columns that identify a row; empty where the rowid does
 * @param identityIsUnique whether no two rows can share the identity
 * @param rowidName a name under which the rowid can be used: null for WITHOUT ROWID tables and
 *     where columns have all three names
 * @param rowidColumn the INTEGER PRIMARY KEY column, which is the rowid; null where there is none
 * @param uniqueKeys what must be unique, the identity included
 * @param foreignKeyActions whether a change of another row may change a row of this table
 * @param withoutRowid whether it is a WITHOUT ROWID table
 */
public record TableSchema(
    String name,
    List<Column> columns,
    List<String> generated,
    List<String> identity,
    boolean identityIsUnique,
    @Nullable String rowidName,
    @Nullable String rowidColumn,
    List<UniqueKey> uniqueKeys,
    boolean foreignKeyActions,
    boolean withoutRowid) {

  /**
   * A column.
   *
   * @param name its name
   * @param declaredType its declared type; empty if none
   * @param notNull whether it is declared NOT NULL
   * @param defaultSql the text of its default, or null
   */
  public record Column(
      String name, String declaredType, boolean notNull, @Nullable String defaultSql) {

    /** Tells whether the declared type gives the affinity BLOB by name, as go-ha sees it. */
    public boolean isBlob() {
      return declaredType.toUpperCase(java.util.Locale.ROOT).contains("BLOB");
    }
  }

  /**
   * A key that no two rows share.
   *
   * @param terms its columns and expressions
   */
  public record UniqueKey(List<Term> terms) {

    /** Tells whether it compares values of plain columns byte by byte. */
    public boolean isPlain() {
      return terms.stream()
          .allMatch(term -> term.column() != null && term.collation().equalsIgnoreCase("BINARY"));
    }
  }

  /**
   * A part of a unique key.
   *
   * @param sql the column quoted, or the expression
   * @param collation how it is compared
   * @param column the column's name; null for an expression
   */
  public record Term(String sql, String collation, @Nullable String column) {}

  /** Copies the lists. */
  public TableSchema {
    columns = List.copyOf(columns);
    generated = List.copyOf(generated);
    identity = List.copyOf(identity);
    uniqueKeys = List.copyOf(uniqueKeys);
  }

  /** Tells whether the rowid identifies a row. */
  public boolean isIdentifiedByRowid() {
    return identity.isEmpty();
  }

  /** Returns the names of the columns that can be written. */
  public List<String> columnNames() {
    return columns.stream().map(Column::name).toList();
  }

  /**
   * Returns a statement for each event that fires triggers, INSERT, UPDATE (of all columns) and
   * DELETE: to learn what they do.
   */
  public Map<String, String> changes() {
    String table = "main." + SqliteSession.quoted(name);
    String sets =
        columnNames().stream()
            .map(SqliteSession::quoted)
            .map(column -> column + "=" + column)
            .collect(Collectors.joining(","));
    return Map.of(
        "INSERT",
        "INSERT INTO " + table + " DEFAULT VALUES",
        "UPDATE",
        "UPDATE " + table + " SET " + sets,
        "DELETE",
        "DELETE FROM " + table);
  }

  /** Finds a column by its name as SQLite does, without regard to ASCII case. */
  public Optional<Column> column(String wanted) {
    return columns.stream().filter(column -> Ascii.same(column.name(), wanted)).findFirst();
  }
}
