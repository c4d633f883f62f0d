package io.hasqlite.subscribe;

import io.hasqlite.HaSqliteException;

/** The stream alone does not lead from the position on: a snapshot is needed. */
public final class MessagesMissingException extends HaSqliteException {

  private static final long serialVersionUID = 1L;

  private final long snapshotMin;

  private MessagesMissingException(String message, long snapshotMin) {
    super(message, null);
    this.snapshotMin = snapshotMin;
  }

  /** The messages after a position and before another one expired. */
  static MessagesMissingException expired(long position, long next) {
    return new MessagesMissingException(
        "Messages "
            + (position + 1)
            + " to "
            + (next - 1)
            + " of the stream expired before this node read them; its position is "
            + position,
        next - 1);
  }

  /** What a message only names cannot be had. */
  static MessagesMissingException payload(long sequence, String name, String how) {
    return new MessagesMissingException(
        "The message at sequence "
            + sequence
            + " of the stream names the payload "
            + name
            + ", which "
            + how
            + "; nothing after the message is applied",
        sequence);
  }

  /** A message says that the database begins anew with a snapshot. */
  static MessagesMissingException replaced(long sequence, String node) {
    return new MessagesMissingException(
        "Node "
            + node
            + " made its file the database of all nodes, at message "
            + sequence
            + " of the stream (ha.sqlite.bootstrap=local)",
        sequence);
  }

  /** Returns the position that a snapshot must show at least. */
  public long snapshotMin() {
    return snapshotMin;
  }
}
