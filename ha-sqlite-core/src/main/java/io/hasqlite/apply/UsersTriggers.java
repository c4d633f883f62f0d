package io.hasqlite.apply;

import io.hasqlite.capture.StatementPlan;
import io.hasqlite.capture.TriggerCapture;
import io.hasqlite.sql.Ascii;
import io.hasqlite.sql.SqlStatement;
import io.hasqlite.sqlite.Schema.Trigger;
import io.hasqlite.sqlite.SqliteErrors;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.TableSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Keeps users' triggers from firing while rows are applied: what they did at the origin was
 * captured and comes as rows of its own. AFTER triggers are silenced by ours; BEFORE triggers must
 * be away for the time of the transaction. Triggers that write virtual tables must fire, since the
 * rows of those are not captured.
 */
final class UsersTriggers {

  private final TriggerCapture capture;
  private final SqliteSession session;
  private final Set<String> prepared = new HashSet<>();
  private final Map<String, String> dropped = new LinkedHashMap<>();

  UsersTriggers(TriggerCapture capture) {
    this.capture = capture;
    this.session = capture.session();
  }

  /** Prepares a table for being written by apply; in the transaction. */
  void prepare(TableSchema table) throws SQLException {
    if (!prepared.add(Ascii.lower(table.name()))) {
      return;
    }
    List<Trigger> triggers =
        capture.currentSchema().triggers().stream()
            .filter(trigger -> Ascii.same(trigger.table(), table.name()))
            .toList();
    Set<String> firing = new HashSet<>();
    boolean silent =
        !triggers.isEmpty() && findWritersOfVirtualTables(table, firing) && firing.isEmpty();
    for (Trigger trigger : triggers) {
      if (!firing.contains(trigger.name())
          && !dropped.containsKey(trigger.name())
          && (!silent || isBefore(trigger))) {
        session.execute("DROP TRIGGER main." + SqliteSession.quoted(trigger.name()));
        dropped.put(trigger.name(), trigger.sql());
      }
    }
    capture.armForApply(table.name(), silent);
  }

  /** Puts back what was dropped: before DDL, which may rewrite triggers, and before the commit. */
  void restore() throws SQLException {
    for (String sql : dropped.values()) {
      session.execute(sql);
    }
    dropped.clear();
    prepared.clear();
  }

  /** Returns what is dropped now, for {@link #backTo}. */
  Map<String, String> dropped() {
    return Map.copyOf(dropped);
  }

  /** Tells that the transaction went back to when this was what was dropped. */
  void backTo(Map<String, String> droppedThen) {
    dropped.clear();
    dropped.putAll(droppedThen);
    prepared.clear();
  }

  /** Forgets everything, because the transaction was rolled back. */
  void forget() {
    dropped.clear();
    prepared.clear();
  }

  /**
   * Finds the triggers that have to fire.
   *
   * @return false if a trigger does not compile, as when it names a table that was dropped: then
   *     its event cannot have happened at the origin, but apply's own statements would fail over it
   */
  private boolean findWritersOfVirtualTables(TableSchema table, Set<String> writers)
      throws SQLException {
    String name = "main." + SqliteSession.quoted(table.name());
    String sets =
        table.columns().stream()
            .map(column -> SqliteSession.quoted(column.name()))
            .map(column -> column + "=" + column)
            .collect(Collectors.joining(","));
    boolean allCompile = true;
    for (String sql :
        List.of(
            "INSERT INTO " + name + " DEFAULT VALUES",
            "UPDATE " + name + " SET " + sets,
            "DELETE FROM " + name)) {
      try {
        StatementPlan plan = capture.plan(SqlStatement.scan(sql));
        writers.addAll(plan.virtualTriggers());
      } catch (SQLException e) {
        if (!SqliteErrors.isSameOnEveryNode(e)) {
          throw e;
        }
        allCompile = false;
      }
    }
    return allCompile;
  }

  /** Tells whether a trigger fires before the row is written: the default where nothing is said. */
  static boolean isBefore(Trigger trigger) {
    SqlStatement statement = SqlStatement.scan(trigger.sql());
    List<String> words = new ArrayList<>();
    statement.tokens().stream()
        .limit(12)
        .forEach(token -> words.add(statement.text().substring(token.start(), token.end())));
    int at = 1;
    while (!words.get(at - 1).equalsIgnoreCase("TRIGGER")) {
      at++;
    }
    if (words.get(at).equalsIgnoreCase("IF")) {
      at += 3;
    }
    at += words.get(at + 1).equals(".") ? 3 : 1;
    return !words.get(at).equalsIgnoreCase("AFTER");
  }
}
