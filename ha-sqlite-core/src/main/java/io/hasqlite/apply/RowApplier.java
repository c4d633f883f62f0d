package io.hasqlite.apply;

import io.hasqlite.apply.Conflict.Kind;
import io.hasqlite.capture.TriggerCapture;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.Operation;
import io.hasqlite.changeset.Values;
import io.hasqlite.sqlite.SqliteErrors;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.TableSchema;
import io.hasqlite.sqlite.TableSchema.Column;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
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

  private static final int PLANS_MAX = 1_000;

  private final TriggerCapture capture;
  private final SqliteSession session;
  private final UsersTriggers usersTriggers;
  private final Conflicts conflicts;
  private final Map<String, InsertPlan> insertPlans = new HashMap<>(); // by the name in the change
  private boolean displacedRows;
  private @Nullable List<Change> effects;

  RowApplier(TriggerCapture capture, UsersTriggers usersTriggers, Conflicts conflicts) {
    this.capture = capture;
    this.session = capture.session();
    this.usersTriggers = usersTriggers;
    this.conflicts = conflicts;
  }

  /** From now on adds to a list all that is changed in the file; null to stop. */
  void recordEffects(@Nullable List<Change> sink) {
    effects = sink;
  }

  void apply(Change change) throws SQLException {
    TableSchema table = capture.currentSchema().table(change.table());
    if (table == null) {
      conflicts.add(Kind.DROPPED, change, "There is no table \"" + change.table() + '"', null);
      return;
    }
    RowKey identity = RowKey.of(table, change);
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
    InsertPlan plan = insertPlans.get(change.table());
    if (plan == null || !plan.fits(table, change)) {
      plan = InsertPlan.of(table, change);
      if (insertPlans.size() >= PLANS_MAX) {
        insertPlans.clear();
      }
      insertPlans.put(change.table(), plan);
    }
    @Nullable Object[] arguments = plan.arguments(change);
    run(plan.sql(arguments), arguments);
    recordDisplaced(table, change);
  }

  private void update(TableSchema table, RowKey identity, Change change) throws SQLException {
    Change present = present(table, identity, change);
    if (present == null) {
      conflicts.add(Kind.REVIVED, change, "The row to update was deleted", null);
      insert(table, change);
      return;
    }
    Map<String, @Nullable Object> oldValues = RowImages.oldValues(table, change);
    Map<String, @Nullable Object> sets = new LinkedHashMap<>();
    RowImages.newValues(table, change)
        .forEach(
            (column, value) -> {
              if (!oldValues.containsKey(column) || !Values.same(oldValues.get(column), value)) {
                sets.put(column, value);
              }
            });
    if (sets.isEmpty()) {
      touch(present);
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
                .map(
                    set ->
                        SqliteSession.quoted(set.getKey()) + "=" + RowImages.slot(set.getValue()))
                .collect(Collectors.joining(","))
            + identity.where(table),
        arguments.toArray());
    recordDisplaced(table, change);
  }

  private static void checkDefaults(TableSchema table, Map<String, @Nullable Object> values)
      throws SQLException {
    for (Column column : table.columns()) {
      if (values.containsKey(column.name())
          && values.get(column.name()) == null
          && InsertPlan.isRequired(column)) {
        throw InsertPlan.missing(column.name());
      }
    }
  }

  private void delete(TableSchema table, RowKey identity, Change change) throws SQLException {
    Change present = present(table, identity, change);
    if (present == null) {
      return;
    }
    recordOverwritten(table, change, present, List.copyOf(table.columnNames()));
    run(
        "DELETE FROM main." + SqliteSession.quoted(table.name()) + identity.where(table),
        identity.values().toArray());
    drain();
  }

  /** The keys of a row that is left as it is count all the same: later it may be another one. */
  private void touch(Change present) {
    if (effects != null) {
      effects.add(
          new Change(
              Operation.UPDATE,
              present.table(),
              present.columns(),
              present.keyColumns(),
              present.oldRowid(),
              present.oldRowid(),
              present.oldValues(),
              present.oldValues(),
              null,
              List.of(),
              present.timestampNs()));
    }
  }

  /** Returns what was captured of the last statement: what it deleted, or all its effects. */
  private List<Change> drain() throws SQLException {
    List<Change> captured = capture.drainEffects();
    if (effects != null) {
      effects.addAll(captured);
    }
    return captured;
  }

  /**
   * Returns the row that a change is about as it is now, as its deletion; null if there is none.
   */
  private @Nullable Change present(TableSchema table, RowKey identity, Change change)
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
    RowImages.bind(select, identity.values());
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
    Map<String, @Nullable Object> seen = RowImages.oldValues(table, change);
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
    for (Change lost : drain()) {
      if (lost.operation() == Operation.DELETE) {
        conflicts.add(
            Kind.DISPLACED, change, "The row took its place in \"" + table.name() + '"', lost);
      }
    }
  }

  private void run(String sql, @Nullable Object[] arguments) throws SQLException {
    PreparedStatement statement = session.prepared(sql);
    RowImages.bind(statement, arguments);
    long before = session.totalChanges();
    statement.execute();
    displacedRows = session.totalChanges() - before > 1;
  }
}
