package io.hasqlite.apply;

import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.Operation;
import io.hasqlite.sqlite.Schema;
import io.hasqlite.sqlite.TableSchema;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The keys of all rows that a transaction wrote. For one thread. */
public final class WriteSet {

  /** About 50 MB. With more keys everything counts as overlapping. */
  private static final int KEYS_MAX = 500_000;

  private final Schema schema;
  private final Set<Long> keys = new HashSet<>();
  private boolean everything;

  private WriteSet(Schema schema) {
    this.schema = schema;
  }

  /** Reads the keys of a transaction's changes. */
  public static WriteSet of(Schema schema, List<Change> changes) throws SQLException {
    WriteSet set = new WriteSet(schema);
    for (Change change : changes) {
      set.add(change);
      if (set.everything) {
        break;
      }
    }
    return set;
  }

  private void add(Change change) throws SQLException {
    RowKeys row = keysOf(change);
    if (row != null) {
      keys.add(row.table());
      if (row.isWhole()) {
        keys.add(row.wholeTable());
      }
      keys.addAll(row.keys());
    }
    if (change.operation() == Operation.SQL || keys.size() > KEYS_MAX) {
      keys.clear();
      everything = true;
    }
  }

  private @Nullable RowKeys keysOf(Change change) throws SQLException {
    if (change.operation() == Operation.SQL || change.operation() == Operation.CUSTOM) {
      return null;
    }
    TableSchema table = schema.table(change.table());
    return table == null ? null : RowKeys.of(table, change);
  }

  /** Tells whether a message of another node may have written the same rows, or the schema. */
  public boolean overlaps(ChangeSet other) throws SQLException {
    if (!other.requires().isEmpty()) {
      return true;
    }
    for (Change change : other.changes()) {
      if (change.operation() != Operation.CUSTOM && (everything || meets(change))) {
        return true;
      }
    }
    return false;
  }

  private boolean meets(Change change) throws SQLException {
    if (change.operation() == Operation.SQL) {
      return true;
    }
    RowKeys row = keysOf(change);
    return row != null
        && (keys.contains(row.wholeTable())
            || row.isWhole() && keys.contains(row.table())
            || row.keys().stream().anyMatch(keys::contains));
  }
}
