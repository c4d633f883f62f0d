package io.hasqlite.changeset;

import java.util.List;
import java.util.Objects;

/**
 * The changes of one transaction, applied whole or not at all.
 *
 * @param number grows within an {@link io.hasqlite.Origin}; 0 for a message of go-ha, which has no
 *     numbers: its sequence in the stream is its identity
 * @param baseSequence the position on which it was written
 * @param changes what it changed, in order. Those of a large transaction are not held in memory:
 *     see {@link LargeChanges}. Iterate over them, and do not keep them beyond the call that gave
 *     them
 */
public record Transaction(long number, long baseSequence, List<Change> changes) {

  /** Validates the transaction. */
  public Transaction {
    Objects.requireNonNull(changes, "changes");
    if (number < 0 || baseSequence < 0) {
      throw new IllegalArgumentException(
          "A transaction's number and base sequence must not be negative, but are %d and %d"
              .formatted(number, baseSequence));
    }
  }

  /** Tells whether the changes still are the encoded piece of this node's outbox. */
  public boolean isEncoded() {
    return changes instanceof EncodedPiece;
  }

  /**
   * Tells whether one of the changes may be of an operation. Does not decode them for that.
   *
   * @return false only if surely none is
   */
  public boolean mayHold(Operation operation) {
    return !(changes instanceof EncodedPiece piece) || piece.mayHold(operation);
  }
}
