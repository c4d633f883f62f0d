package io.hasqlite.outbox;

import io.hasqlite.Origin;

/**
 * A transaction that waits in the outbox.
 *
 * @param place its place in the outbox; grows
 * @param origin who committed it: this node, in this or an earlier life of its engine
 * @param number its number within the origin
 * @param baseSequence the position on which it was written
 * @param bytes how many bytes its changes have in the outbox
 */
public record PendingTransaction(
    long place, Origin origin, long number, long baseSequence, long bytes) {

  /** Returns the transaction with another piece counted. */
  PendingTransaction withMoreBytes(long moreBytes) {
    return new PendingTransaction(place, origin, number, baseSequence, bytes + moreBytes);
  }
}
