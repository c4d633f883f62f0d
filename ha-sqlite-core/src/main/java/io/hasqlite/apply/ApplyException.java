package io.hasqlite.apply;

import io.hasqlite.HaSqliteException;
import io.hasqlite.sqlite.SqliteErrors;
import java.sql.SQLException;

/**
 * A batch could not be applied; nothing of it was. The message at {@link #sequence()} is the one
 * that failed.
 */
public final class ApplyException extends HaSqliteException {

  private static final long serialVersionUID = 1L;

  private final long sequence;

  ApplyException(long sequence, String message, Throwable cause) {
    super(message, cause);
    this.sequence = sequence;
  }

  /** Tells whether no node can apply the message, so that all may leave it out and still agree. */
  public boolean isSameOnEveryNode() {
    return getCause() instanceof ForbiddenChangeException;
  }

  /** Tells whether it is this machine's trouble, so that the same message may be applied later. */
  public boolean isRetryable() {
    return getCause() instanceof SQLException e && SqliteErrors.isLocal(e);
  }

  /** Returns the message that could not be applied. */
  public long sequence() {
    return sequence;
  }
}
