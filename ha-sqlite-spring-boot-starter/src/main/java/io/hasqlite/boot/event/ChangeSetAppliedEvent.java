package io.hasqlite.boot.event;

import io.hasqlite.apply.ChangedTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What another node wrote is visible on this node: for evicting caches, pushing to browsers and the
 * like. Also published for a transaction of this node that was not committed in place because
 * another node's came first, and after the running database was brought to a snapshot.
 *
 * <p>Events of a database come in the order of the stream, outside of any transaction, on a thread
 * of their own ({@code ha-sqlite-events-<database>}), from when the application context is
 * refreshed until it is closed. Neither a slow nor a failing listener holds up replication: its
 * exception is logged, and when more than 1,000 messages or 10,000 keys wait, the newest are
 * combined into one event that knows no keys. So none is left out while the application runs; what
 * was applied before its start or after its end is not told.
 *
 * @param database the database, as all nodes know it
 * @param node who wrote; null if it is several nodes, or a snapshot
 * @param sequence the place in the stream up to which the event tells
 * @param tables the tables whose rows changed
 * @param everything whether anything may have changed, as after a change of the schema: then {@code
 *     tables} may lack some
 */
public record ChangeSetAppliedEvent(
    String database,
    @Nullable String node,
    long sequence,
    List<ChangedTable> tables,
    boolean everything) {

  /** Tells whether rows of a table may have changed. Names are compared as SQLite does. */
  public boolean mayHaveChanged(String table) {
    return everything || tables.stream().anyMatch(changed -> is(changed, table));
  }

  /**
   * Returns the keys of the rows of a table that changed, each as its columns and values; empty if
   * they are not all known, so that any row of the table may have changed.
   */
  public Optional<List<Map<String, @Nullable Object>>> keys(String table) {
    List<Map<String, @Nullable Object>> keys = new ArrayList<>();
    for (ChangedTable changed : tables) {
      if (is(changed, table)) {
        if (!changed.allKeys()) {
          return Optional.empty();
        }
        keys.addAll(changed.keys());
      }
    }
    return everything ? Optional.empty() : Optional.of(keys);
  }

  private static boolean is(ChangedTable changed, String table) {
    return changed.name().equalsIgnoreCase(table);
  }

  int keyCount() {
    return tables.stream().mapToInt(table -> table.keys().size()).sum();
  }

  /** Returns one event for this one and a later one, which knows no keys. */
  ChangeSetAppliedEvent and(ChangeSetAppliedEvent later) {
    List<ChangedTable> all = new ArrayList<>();
    for (ChangedTable table : tables) {
      all.add(new ChangedTable(table.name(), table.rows(), List.of(), false));
    }
    for (ChangedTable table : later.tables) {
      long before = 0;
      for (int i = all.size() - 1; i >= 0; i--) {
        if (is(all.get(i), table.name())) {
          before += all.remove(i).rows();
        }
      }
      all.add(new ChangedTable(table.name(), before + table.rows(), List.of(), false));
    }
    return new ChangeSetAppliedEvent(
        database,
        node != null && node.equals(later.node) ? node : null,
        later.sequence,
        List.copyOf(all),
        everything || later.everything);
  }
}
