package io.hasqlite.changeset;

import io.hasqlite.Origin;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * One message of the stream: transactions of one origin, in order.
 *
 * @param origin who committed them
 * @param filename the name of the database file at the origin; informative
 * @param timestampNs when it was published, in nanoseconds since 1970; nothing is decided by it
 * @param transactions the transactions, oldest first
 * @param requires what a reader must be able to do; one that cannot must halt
 */
public record ChangeSet(
    Origin origin,
    String filename,
    long timestampNs,
    List<Transaction> transactions,
    Set<String> requires) {

  /** Validates the message. */
  public ChangeSet {
    Objects.requireNonNull(origin, "origin");
    Objects.requireNonNull(filename, "filename");
    transactions = List.copyOf(transactions);
    requires = Set.copyOf(requires);
  }
}
