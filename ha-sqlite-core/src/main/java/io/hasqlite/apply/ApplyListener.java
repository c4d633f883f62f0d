package io.hasqlite.apply;

/** Told, after the commit and on the applying thread, what a batch did. For counters: no I/O. */
public interface ApplyListener {

  /** A batch was committed. */
  default void applied(long messages, long transactions, long rows, long nanos) {}

  /** Conflicts were recorded in the table {@code ha_conflicts}. */
  default void conflict(Conflict conflict) {}

  /** A message was left out and recorded in the table {@code ha_dead_letters}. */
  default void deadLetter(DeadLetter letter) {}
}
