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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
  private @Nullable TableSchema lastPrepared; // mostly it is the next one's, too
  private final Map<String, String> dropped = new LinkedHashMap<>();

  UsersTriggers(TriggerCapture capture) {
    this.capture = capture;
    this.session = capture.session();
  }

  /** Prepares a table for being written by apply; in the transaction. */
  void prepare(TableSchema table) throws SQLException {
    if (table == lastPrepared || !prepared.add(Ascii.lower(table.name()))) {
      return;
    }
    List<Trigger> triggers =
        capture.currentSchema().triggers().stream()
            .filter(trigger -> Ascii.same(trigger.table(), table.name()))
            .toList();
    Set<String> firing = triggers.isEmpty() ? Set.of() : thatMustFire(table, triggers);
    boolean silent = !triggers.isEmpty() && firing.isEmpty();
    for (Trigger trigger : triggers) {
      if (!firing.contains(trigger.name()) && (!silent || trigger.isBefore())) {
        drop(trigger);
      }
    }
    capture.armForApply(table.name(), silent);
    lastPrepared = table;
  }

  /** Puts back what was dropped: before DDL, which may rewrite triggers, and before the commit. */
  void restore() throws SQLException {
    for (String sql : dropped.values()) {
      session.execute(sql);
    }
    dropped.clear();
    forgetPrepared();
  }

  private void forgetPrepared() {
    prepared.clear();
    lastPrepared = null;
  }

  /** Returns what is dropped now, for {@link #backTo}. */
  Map<String, String> dropped() {
    return Map.copyOf(dropped);
  }

  /** Tells that the transaction went back to when this was what was dropped. */
  void backTo(Map<String, String> droppedThen) {
    dropped.clear();
    dropped.putAll(droppedThen);
    forgetPrepared();
  }

  /** Forgets everything, because the transaction was rolled back. */
  void forget() {
    dropped.clear();
    forgetPrepared();
  }

  /**
   * Returns the triggers that write virtual tables. Those that cannot be compiled, because what
   * they name is gone, are dropped on the way, and with them all others that need not fire: the
   * change did not fire them where it was made, but compiling it here would fail.
   */
  private Set<String> thatMustFire(TableSchema table, List<Trigger> triggers) throws SQLException {
    try {
      return writersOfVirtualTables(table, capture::plan);
    } catch (SQLException e) {
      if (!SqliteErrors.isSameOnEveryNode(e)) {
        throw e;
      }
    }
    for (Trigger trigger : triggers) {
      drop(trigger);
    }
    Set<String> writers = new HashSet<>();
    for (Trigger trigger : triggers) {
      session.execute(trigger.sql());
      dropped.remove(trigger.name());
      if (compiles(table) && !writersOfVirtualTables(table, capture::explain).isEmpty()) {
        writers.add(trigger.name());
      } else {
        drop(trigger);
      }
    }
    return writers;
  }

  private boolean compiles(TableSchema table) throws SQLException {
    try {
      writersOfVirtualTables(table, capture::explain);
      return true;
    } catch (SQLException e) {
      if (!SqliteErrors.isSameOnEveryNode(e)) {
        throw e;
      }
      return false;
    }
  }

  private void drop(Trigger trigger) throws SQLException {
    if (!dropped.containsKey(trigger.name())) {
      session.execute("DROP TRIGGER main." + SqliteSession.quoted(trigger.name()));
      dropped.put(trigger.name(), trigger.sql());
    }
  }

  private interface Plans {
    StatementPlan of(SqlStatement statement) throws SQLException;
  }

  private static Set<String> writersOfVirtualTables(TableSchema table, Plans plans)
      throws SQLException {
    Set<String> writers = new HashSet<>();
    for (String sql : table.changes().values()) {
      writers.addAll(plans.of(SqlStatement.scan(sql)).virtualTriggers());
    }
    return writers;
  }
}
