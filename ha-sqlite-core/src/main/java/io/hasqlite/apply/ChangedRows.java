package io.hasqlite.apply;

import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.RawText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects what the messages of a batch change, with a limited number of keys. For one thread. */
final class ChangedRows {

  private static final int KEYS_PER_MESSAGE_MAX = 1_000;
  private static final int KEYS_PER_BATCH_MAX = 10_000;
  private static final int KEY_LENGTH_MAX = 1_000;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private static final class Table {
    private long rows;
    private final Set<Map<String, @Nullable Object>> keys = new LinkedHashSet<>();
    private boolean allKeys = true;
  }

  private final List<AppliedChanges> done = new ArrayList<>();
  private final Map<String, Table> tables = new LinkedHashMap<>();
  private final Set<String> redone = new LinkedHashSet<>();
  private boolean schemaChanged;
  private int messageKeys;
  private int batchKeys;

  void row(Change change) {
    Table table = tables.computeIfAbsent(change.table(), name -> new Table());
    table.rows++;
    if (change.oldValues() != null || change.oldRowid() != null) {
      key(table, change, change.oldValues(), change.oldRowid());
    }
    if (change.newValues() != null) {
      key(table, change, change.newValues(), change.newRowid());
    }
  }

  private void key(
      Table table, Change change, @Nullable List<@Nullable Object> values, @Nullable Long rowid) {
    if (!table.allKeys) {
      return;
    }
    if (messageKeys >= KEYS_PER_MESSAGE_MAX || batchKeys >= KEYS_PER_BATCH_MAX) {
      table.allKeys = false;
      return;
    }
    Map<String, @Nullable Object> key = key(change, values, rowid);
    table.allKeys = key != null;
    if (key != null && table.keys.add(key)) {
      messageKeys++;
      batchKeys++;
    }
  }

  /** Returns a row's key; null where it is not known or too long. */
  private static @Nullable Map<String, @Nullable Object> key(
      Change change, @Nullable List<@Nullable Object> values, @Nullable Long rowid) {
    List<String> columns = change.keyColumns();
    if (values == null || columns.isEmpty()) {
      return rowid == null ? null : Collections.singletonMap("rowid", rowid);
    }
    if (columns.size() == 1) { // takes a fifth of the memory
      Object value = value(change, values, columns.get(0));
      return isShort(value) ? Collections.singletonMap(columns.get(0), value) : null;
    }
    Map<String, @Nullable Object> key = new LinkedHashMap<>();
    for (String column : columns) {
      Object value = value(change, values, column);
      if (!isShort(value)) {
        return null;
      }
      key.put(column, value);
    }
    return Collections.unmodifiableMap(key);
  }

  private static @Nullable Object value(
      Change change, List<@Nullable Object> values, String column) {
    Object value = values.get(change.columns().indexOf(column));
    return value instanceof RawText text ? text.bytes() : value;
  }

  private static boolean isShort(@Nullable Object value) {
    return !(value instanceof String text && text.length() > KEY_LENGTH_MAX
        || value instanceof byte[] bytes && bytes.length > KEY_LENGTH_MAX);
  }

  void schema() {
    schemaChanged = true;
  }

  /** Forgets what the present message changed, because that is undone. */
  void discard() {
    tables.clear();
    schemaChanged = false;
    messageKeys = 0;
  }

  /** Ends a message. */
  void end(IncomingMessage message) {
    if (!tables.isEmpty() || schemaChanged) {
      List<ChangedTable> changed = new ArrayList<>();
      tables.forEach(
          (name, table) ->
              changed.add(
                  new ChangedTable(name, table.rows, List.copyOf(table.keys), table.allKeys)));
      ChangeSet changeSet = message.changeSet();
      Instant publishedAt =
          Instant.ofEpochSecond(
              changeSet.timestampNs() / NANOS_PER_SECOND,
              changeSet.timestampNs() % NANOS_PER_SECOND);
      done.add(
          new AppliedChanges(
              message.sequence(),
              changeSet.origin(),
              publishedAt,
              List.copyOf(changed),
              schemaChanged));
    }
    discard();
  }

  /** A row of a table went although no change says so. */
  void displaced(String table) {
    tables.computeIfAbsent(table, name -> new Table()).allKeys = false;
  }

  /** A pending transaction was done again, and may have made other rows than before. */
  void redone(String table) {
    redone.add(table);
  }

  /** Returns what the messages changed that were ended, and forgets them. */
  List<AppliedChanges> take() {
    if (!redone.isEmpty() && !done.isEmpty()) {
      done.add(withRedone(done.remove(done.size() - 1)));
    }
    List<AppliedChanges> taken = List.copyOf(done);
    forget();
    return taken;
  }

  private AppliedChanges withRedone(AppliedChanges last) {
    List<ChangedTable> all = new ArrayList<>();
    for (ChangedTable table : last.tables()) {
      all.add(
          redone.remove(table.name())
              ? new ChangedTable(table.name(), table.rows(), table.keys(), false)
              : table);
    }
    redone.forEach(table -> all.add(new ChangedTable(table, 0, List.of(), false)));
    return new AppliedChanges(
        last.sequence(), last.origin(), last.publishedAt(), all, last.schemaChanged());
  }

  /** Forgets the batch. */
  void forget() {
    done.clear();
    redone.clear();
    batchKeys = 0;
    discard();
  }
}
