package io.hasqlite.apply;

import io.hasqlite.capture.TriggerCapture;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.Operation;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.TableSchema;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes back what a pending transaction changed in the file. Nothing but that transaction has
 * touched those rows since, so each change must be found exactly as it was made: anything else is a
 * broken invariant. With one exception: where a statement displaced a row that its own BEFORE
 * trigger had just written, the log of the application's connection has only the latter.
 */
final class RowUndo {

  private final TriggerCapture capture;
  private final SqliteSession session;
  private final UsersTriggers usersTriggers;

  RowUndo(TriggerCapture capture, UsersTriggers usersTriggers) {
    this.capture = capture;
    this.session = capture.session();
    this.usersTriggers = usersTriggers;
  }

  /**
   * Undoes one effect; to be called from the last to the first.
   *
   * @param exact whether the row must be there as the effect left it
   */
  void undo(Change effect, boolean exact) throws SQLException {
    if (effect.operation() == Operation.CUSTOM) {
      return; // it changed nothing
    }
    TableSchema table = capture.currentSchema().table(effect.table());
    if (table == null) {
      throw broken(effect, "its table is gone");
    }
    usersTriggers.prepare(table);
    Change inverse = effect.inverse();
    RowKey key = RowKey.of(table, inverse);
    if (key == null) {
      throw broken(effect, "it does not say which row");
    }
    Map<String, @Nullable Object> values = RowImages.newValues(table, inverse);
    long rows = run(table, inverse, key, values);
    if (rows == 0 && !exact) {
      rows = bringBack(table, inverse, values);
    }
    if (rows != 1) {
      throw broken(effect, rows + " rows were changed instead of one");
    }
  }

  /** Makes that the row that is not there is as it was before it was written. */
  private long bringBack(TableSchema table, Change inverse, Map<String, @Nullable Object> values)
      throws SQLException {
    return inverse.operation() == Operation.DELETE ? 1 : insert(table, values);
  }

  private long run(
      TableSchema table, Change inverse, RowKey key, Map<String, @Nullable Object> values)
      throws SQLException {
    String name = " main." + SqliteSession.quoted(table.name());
    return switch (inverse.operation()) {
      case INSERT -> insert(table, values);
      case UPDATE -> {
        List<@Nullable Object> arguments = new ArrayList<>(values.values());
        arguments.addAll(key.values());
        yield execute("UPDATE" + name + sets(values) + key.where(table), arguments);
      }
      case DELETE -> execute("DELETE FROM" + name + key.where(table), key.values());
      default -> throw broken(inverse, "it is no change of a row");
    };
  }

  private long insert(TableSchema table, Map<String, @Nullable Object> values) throws SQLException {
    return execute(
        "INSERT INTO main." + SqliteSession.quoted(table.name()) + columnsAndValues(values),
        new ArrayList<>(values.values()));
  }

  private long execute(String sql, List<@Nullable Object> arguments) throws SQLException {
    PreparedStatement statement = session.prepared(sql);
    RowImages.bind(statement, arguments);
    statement.execute();
    return statement.getLargeUpdateCount();
  }

  private static String columnsAndValues(Map<String, @Nullable Object> values) {
    return "("
        + values.keySet().stream().map(SqliteSession::quoted).collect(Collectors.joining(","))
        + ") VALUES("
        + values.values().stream().map(RowImages::slot).collect(Collectors.joining(","))
        + ")";
  }

  private static String sets(Map<String, @Nullable Object> values) {
    return " SET "
        + values.entrySet().stream()
            .map(set -> SqliteSession.quoted(set.getKey()) + "=" + RowImages.slot(set.getValue()))
            .collect(Collectors.joining(","));
  }

  private static IllegalStateException broken(Change effect, String how) {
    return new IllegalStateException(
        "A pending transaction of this node cannot be undone, " + how + ": " + effect);
  }
}
