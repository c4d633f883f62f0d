package io.hasqlite.apply;

/** Told, after the commit and on the applying thread, what a batch did. For counters: no I/O. */
public interface ApplyListener {

  /** A batch was committed. */
  default void applied(long messages, long transactions, long rows, long nanos) {}

  /**
   * A message is visible here that changed something: another node's, or one of this node that
   * could not be committed in place. Not told of messages that were committed as they were written.
   */
  default void visible(AppliedChanges changes) {}

  /** A batch was applied below this node's pending transactions, which were done again on top. */
  default void rebased(long transactions) {}

  /** A conflict was recorded in the table {@code ha_conflicts}. */
  default void conflict(Conflict conflict) {}

  /** So many more were, of a batch that had too many to tell of each. */
  default void moreConflicts(Conflict.Kind kind, long count) {}

  /** A message was left out and recorded in the table {@code ha_dead_letters}. */
  default void deadLetter(DeadLetter letter) {}
}
