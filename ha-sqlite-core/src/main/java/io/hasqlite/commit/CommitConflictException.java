package io.hasqlite.commit;

import java.sql.SQLTransactionRollbackException;

/**
 * Another node's transaction came first, and this one must not be applied after it. SQLState 40001:
 * run the transaction again.
 */
public final class CommitConflictException extends SQLTransactionRollbackException {

  private static final long serialVersionUID = 1L;

  private final long sequence;

  /** Creates the exception; {@code sequence} is the message that came first. */
  public CommitConflictException(String message, long sequence) {
    super(message, "40001");
    this.sequence = sequence;
  }

  /** Returns the message of the stream that came first. */
  public long sequence() {
    return sequence;
  }
}
