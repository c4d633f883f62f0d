package io.hasqlite.apply;

import io.hasqlite.HaSqliteException;
import org.jspecify.annotations.Nullable;

/**
 * A batch could not be applied; nothing of it was. The message at {@link #sequence()} is the one
 * that failed.
 */
public final class ApplyException extends HaSqliteException {

  private static final long serialVersionUID = 1L;

  private final long sequence;

  ApplyException(long sequence, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.sequence = sequence;
  }

  /** Returns the message that could not be applied. */
  public long sequence() {
    return sequence;
  }
}
