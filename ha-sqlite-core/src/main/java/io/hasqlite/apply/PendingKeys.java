package io.hasqlite.apply;

import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.Operation;
import io.hasqlite.outbox.Outbox;
import io.hasqlite.outbox.PendingTransaction;
import io.hasqlite.sqlite.Schema;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.TableSchema;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys of all pending transactions, of what they published and of what they did here. Learned
 * from the outbox when a transaction of another node asks, forgotten with each rebase.
 */
final class PendingKeys {

  /** About 50 MB. With more keys pending everything counts as overlapping. */
  static final int KEYS_MAX = 500_000;

  private static final int TRANSACTIONS_AT_ONCE = 100;

  private final Outbox outbox;
  private final Map<Long, Long> youngest = new HashMap<>(); // of a key: the last place that has it
  private long knownUpTo;
  private boolean tooMany;
  private int loads;

  PendingKeys(Outbox outbox) {
    this.outbox = outbox;
  }

  /** Forgets everything: the effects, or what the schema says of keys, may be others now. */
  void forget() {
    youngest.clear();
    knownUpTo = 0;
    tooMany = false;
  }

  /**
   * Tells whether changes may see or be seen by what is pending from a place on.
   *
   * @param head the place of the oldest pending transaction
   */
  boolean overlap(SqliteSession session, Schema schema, long head, List<Change> changes)
      throws SQLException {
    if (loads != outbox.loads()) {
      forget();
      loads = outbox.loads();
    }
    learn(session, schema, head);
    if (tooMany) {
      return true;
    }
    for (Change change : changes) {
      if (change.operation() == Operation.SQL || isPending(schema, head, change)) {
        return true;
      }
    }
    return false;
  }

  private boolean isPending(Schema schema, long head, Change change) throws SQLException {
    TableSchema table =
        change.operation() == Operation.CUSTOM ? null : schema.table(change.table());
    if (table == null) {
      return false;
    }
    RowKeys keys = RowKeys.of(table, change);
    // What is pending may lack the columns of a key that another node made since.
    return isPending(keys.wholeTable(), head)
        || (keys.isWhole() && isPending(keys.table(), head))
        || keys.keys().stream().anyMatch(key -> isPending(key, head));
  }

  private boolean isPending(long key, long head) {
    return youngest.getOrDefault(key, 0L) >= head;
  }

  private void learn(SqliteSession session, Schema schema, long head) throws SQLException {
    List<PendingTransaction> next;
    while (!tooMany && !(next = outbox.after(session, knownUpTo, TRANSACTIONS_AT_ONCE)).isEmpty()) {
      for (PendingTransaction transaction : next) {
        add(schema, head, transaction.place(), outbox.payload(session, transaction));
        if (outbox.isRedone(session, transaction)) {
          add(schema, head, transaction.place(), outbox.effects(session, transaction));
        }
        knownUpTo = transaction.place();
      }
    }
  }

  private void add(Schema schema, long head, long place, List<Change> changes) throws SQLException {
    for (Change change : changes) {
      if (tooMany) {
        return;
      }
      TableSchema table = schema.table(change.table());
      if (table != null) {
        RowKeys keys = RowKeys.of(table, change);
        youngest.put(keys.table(), place);
        if (keys.isWhole()) {
          youngest.put(keys.wholeTable(), place);
        }
        keys.keys().forEach(key -> youngest.put(key, place));
        makeRoom(head); // here, since one transaction alone may have too many
      }
    }
  }

  private void makeRoom(long head) {
    if (youngest.size() > KEYS_MAX) {
      youngest.values().removeIf(place -> place < head);
      tooMany = youngest.size() > KEYS_MAX;
      if (tooMany) {
        youngest.clear();
      }
    }
  }
}
