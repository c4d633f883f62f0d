package io.hasqlite.changeset;

import io.hasqlite.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One message of the stream: transactions of one origin, in order.
 *
 * @param origin who committed them
 * @param filename the name of the database file at the origin; informative
 * @param timestampNs when it was published, in nanoseconds since 1970; nothing is decided by it
 * @param transactions the transactions, oldest first; their numbers grow, and 0 stands alone
 * @param requires what a reader must be able to do; one that cannot must halt
 * @param object where the complete changeset lies if it is too large for a message; then the
 *     transactions here have their numbers but no changes
 * @param fence the fence that must be open at the message's place for it to have an effect, by the
 *     sequence of the message that opened it; 0 where it needs none
 */
public record ChangeSet(
    Origin origin,
    String filename,
    long timestampNs,
    List<Transaction> transactions,
    Set<String> requires,
    @Nullable StoredObject object,
    long fence) {

  /** {@link #requires()}: writes to virtual tables travel as statements. */
  public static final String REQUIRES_VIRTUAL = "virtual";

  /**
   * {@link #requires()}: the database begins anew here. Its state is a snapshot at this message's
   * sequence or later; the changeset has no changes.
   */
  public static final String REQUIRES_SNAPSHOT = "snapshot";

  /** {@link #requires()}: the changes are in {@link #object()}. */
  public static final String REQUIRES_OBJECT = "object";

  /** {@link #requires()}: it opens or ends a fence, or depends on one. */
  public static final String REQUIRES_FENCE = "fence";

  /** Validates the message. */
  public ChangeSet {
    Objects.requireNonNull(origin, "origin");
    Objects.requireNonNull(filename, "filename");
    transactions = List.copyOf(transactions);
    requires = Set.copyOf(requires);
    for (int i = 1; i < transactions.size(); i++) {
      long before = transactions.get(i - 1).number();
      long number = transactions.get(i).number();
      if (before == 0 || number <= before) {
        throw new IllegalArgumentException(
            "The numbers of transactions must grow from 1, but %d follows %d"
                .formatted(number, before));
      }
    }
    if (object != null != requires.contains(REQUIRES_OBJECT)) {
      throw new IllegalArgumentException(
          object != null
              ? "A changeset with an object must require it"
              : "A changeset requires an object but names none");
    }
    if (fence < 0 || fence > 0 && !requires.contains(REQUIRES_FENCE)) {
      throw new IllegalArgumentException(
          "A changeset depends on fence " + fence + " and does not require one, or it is negative");
    }
    if (object != null && transactions.stream().anyMatch(t -> !t.changes().isEmpty())) {
      throw new IllegalArgumentException("A changeset has changes although an object holds them");
    }
  }

  /** Creates a changeset that is complete in itself. */
  public ChangeSet(
      Origin origin,
      String filename,
      long timestampNs,
      List<Transaction> transactions,
      Set<String> requires) {
    this(origin, filename, timestampNs, transactions, requires, null, 0);
  }

  /** Returns the changes of all transactions, in order. */
  public List<Change> changes() {
    if (transactions.size() == 1) {
      return transactions.get(0).changes();
    }
    List<Change> changes = new ArrayList<>();
    transactions.forEach(transaction -> changes.addAll(transaction.changes()));
    return changes;
  }

  /** Returns the same message with other transactions. */
  public ChangeSet withTransactions(List<Transaction> others) {
    return new ChangeSet(origin, filename, timestampNs, others, requires, object, fence);
  }
}
