package io.hasqlite.commit;

/** Told on the committing thread what became of commits. For counters: no I/O. */
public interface CommitListener {

  /**
   * A transaction has its place in the stream.
   *
   * @param nanos how long the commit took
   * @param inPlace whether it was committed as it was written; false if another node's came first
   */
  default void committed(long nanos, boolean inPlace) {}

  /** A transaction was captured that is committed or will be: so many rows and statements. */
  default void captured(long changes) {}

  /** A transaction is committed and pending; the stream did not acknowledge it in time. */
  default void notAcknowledged() {}

  /** The stream did not answer. */
  default void inDoubt() {}
}
