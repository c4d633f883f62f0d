package io.hasqlite.subscribe;

import io.hasqlite.HaSqliteException;
import org.jspecify.annotations.Nullable;

/** Following the stream any further would lose something. The message says what to do. */
public final class HaltException extends HaSqliteException {

  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public HaltException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
