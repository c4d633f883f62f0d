package io.hasqlite.outbox;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The youngest transactions of an outbox as its last commit left them, so that whoever sends or
 * counts them need not look into the file: to find a row there, SQLite reads whole payloads. Each
 * pending transaction after the larger one of {@code completeAfter} and {@code removedUpTo} is
 * here. Safe for use by several threads.
 */
final class RecentTransactions {

  private static final int TRANSACTIONS_MAX = 10_000;
  private static final long BYTES_MAX = 8L * 1024 * 1024;

  /**
   * A transaction.
   *
   * @param payload its only piece; null where it may have several, or a file of its own
   * @param changes how many changes that has
   */
  record Recent(PendingTransaction transaction, byte @Nullable [] payload, int changes) {

    private int bytes() {
      return payload == null ? 0 : payload.length;
    }
  }

  // Guarded by this.
  private final NavigableMap<Long, Recent> byPlace = new TreeMap<>();
  private long bytes;
  private long removedUpTo;
  private long completeAfter = Long.MAX_VALUE; // until the outbox is loaded

  /**
   * Forgets all, because the file may hold anything up to a place; what is added later comes after
   * that.
   */
  synchronized void clear(long lastPlace) {
    byPlace.clear();
    bytes = 0;
    removedUpTo = 0;
    completeAfter = lastPlace;
  }

  /** Adds a transaction behind all others; forgets the oldest where there are too many. */
  synchronized void add(Recent added) {
    byPlace.put(added.transaction().place(), added);
    bytes += added.bytes();
    while (byPlace.size() > TRANSACTIONS_MAX || bytes > BYTES_MAX) {
      completeAfter = byPlace.firstKey();
      removeOldest();
    }
  }

  /** Removes those up to a place. */
  synchronized void remove(long upTo) {
    removedUpTo = Math.max(removedUpTo, upTo);
    while (!byPlace.isEmpty() && byPlace.firstKey() <= upTo) {
      removeOldest();
    }
  }

  private void removeOldest() {
    bytes -= byPlace.pollFirstEntry().getValue().bytes();
  }

  /**
   * Returns the transactions after a place, oldest first.
   *
   * @param bytesMax none comes after the one that goes beyond so many bytes
   * @return null where that is not known
   */
  synchronized @Nullable List<PendingTransaction> after(long place, int max, long bytesMax) {
    if (Math.max(place, removedUpTo) < completeAfter) {
      return null;
    }
    List<PendingTransaction> found = new ArrayList<>();
    long foundBytes = 0;
    for (Recent next : byPlace.tailMap(place, false).values()) {
      if (found.size() == max || foundBytes > bytesMax) {
        break;
      }
      found.add(next.transaction());
      foundBytes += next.transaction().bytes();
    }
    return found;
  }

  /** Returns a transaction with its payload; null where that is not known. */
  synchronized @Nullable Recent withPayload(PendingTransaction transaction) {
    Recent recent = byPlace.get(transaction.place());
    return recent != null && recent.payload() != null ? recent : null;
  }
}
