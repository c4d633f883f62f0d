package io.hasqlite.apply;

import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.RawText;
import io.hasqlite.sqlite.SqliteErrors;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.TableSchema;
import io.hasqlite.sqlite.TableSchema.Column;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How rows of a change's columns are inserted into a table: what is the same for all of them is
 * found out once.
 */
final class InsertPlan {

  /** A bare word is text. */
  private static final Pattern LITERAL =
      Pattern.compile(
          "(?is)[-+]?\\.?\\d[\\d.eE+_-]*|0x[0-9a-f]+|x?'([^']|'')*'|\"[^\"]*\""
              + "|(?!current_(date|time|timestamp)$)[a-z_]\\w*");

  private static final int ROWID = -1;
  private static final int NOTHING = -2;

  /**
   * A column that is written.
   *
   * @param source where the change has its value; {@link #ROWID} or {@link #NOTHING}
   * @param blob whether it is declared as one
   * @param required see {@link #isRequired}
   */
  private record Target(String name, int source, boolean blob, boolean required) {

    Target(Column column, int source) {
      this(column.name(), source, column.isBlob(), isRequired(column));
    }
  }

  private final TableSchema table;
  private final List<String> columns;
  private final boolean withRowid;
  private final Target[] targets;
  private final String sql;

  private InsertPlan(TableSchema table, List<String> columns, boolean withRowid) {
    this.table = table;
    this.columns = columns;
    this.withRowid = withRowid;
    this.targets = targets(table, columns, withRowid);
    this.sql = text(null);
  }

  static InsertPlan of(TableSchema table, Change change) {
    return new InsertPlan(table, change.columns(), change.newRowid() != null);
  }

  /** Tells whether it is the plan for another change. */
  boolean fits(TableSchema otherTable, Change change) {
    return table == otherTable
        && withRowid == (change.newRowid() != null)
        && columns.equals(change.columns());
  }

  private static Target[] targets(TableSchema table, List<String> columns, boolean withRowid) {
    Map<String, Target> targets = new LinkedHashMap<>();
    String rowidName = RowImages.identifyingRowid(table);
    if (withRowid && rowidName != null) {
      targets.put(rowidName, new Target(rowidName, ROWID, false, false));
    }
    for (int i = 0; i < columns.size(); i++) {
      Column column = RowImages.column(table, columns.get(i), i);
      if (column != null) {
        targets.put(column.name(), new Target(column, i));
      }
    }
    for (Column column : table.columns()) {
      if (!targets.containsKey(column.name()) && !isLiteral(column.defaultSql())) {
        // a default that each node would compute differently
        targets.put(column.name(), new Target(column, NOTHING));
      }
    }
    return targets.values().toArray(Target[]::new);
  }

  /** Returns the values to insert, in the order of the statement. */
  @Nullable Object[] arguments(Change change) throws SQLException {
    List<@Nullable Object> values = change.newValues();
    @Nullable Object[] arguments = new Object[targets.length];
    for (int i = 0; i < targets.length; i++) {
      Target target = targets[i];
      Object value = null;
      if (target.source() == ROWID) {
        value = change.newRowid();
      } else if (target.source() >= 0 && values != null) {
        value = values.get(target.source());
        value = change.typed() ? value : RowImages.untyped(target.blob(), value);
      }
      if (value == null && target.required()) {
        throw missing(target.name());
      }
      arguments[i] = value;
    }
    return arguments;
  }

  /** Returns the statement for arguments. */
  String sql(@Nullable Object[] arguments) {
    for (Object argument : arguments) {
      if (argument instanceof RawText) {
        return text(arguments);
      }
    }
    return sql;
  }

  private String text(@Nullable Object @Nullable [] arguments) {
    StringBuilder slots = new StringBuilder();
    for (int i = 0; i < targets.length; i++) {
      slots
          .append(i == 0 ? "" : ",")
          .append(RowImages.slot(arguments == null ? null : arguments[i]));
    }
    return "INSERT OR REPLACE INTO main."
        + SqliteSession.quoted(table.name())
        + "("
        + Stream.of(targets)
            .map(target -> SqliteSession.quoted(target.name()))
            .collect(Collectors.joining(","))
        + ") VALUES("
        + slots
        + ")";
  }

  /**
   * Tells whether NULL must not be written to a column: REPLACE puts the column's default where
   * NULL may not stand, and one that is no literal (a time, a random number) would be another value
   * on each node.
   */
  static boolean isRequired(Column column) {
    return column.notNull() && !isLiteral(column.defaultSql());
  }

  private static boolean isLiteral(@Nullable String defaultSql) {
    return defaultSql == null || LITERAL.matcher(defaultSql).matches();
  }

  /** Returns the exception for NULL in a column that is required. */
  static SQLException missing(String column) {
    return new SQLIntegrityConstraintViolationException(
        "There is no value for column \""
            + column
            + "\", and its default would be another one on each node",
        "23502",
        SqliteErrors.CONSTRAINT);
  }
}
