package io.hasqlite.engine;

import io.hasqlite.HaSqliteException;
import org.jspecify.annotations.Nullable;

/** A dead letter could not be applied or dropped. It is still there, if it was. */
public final class DeadLetterException extends HaSqliteException {

  private static final long serialVersionUID = 1L;

  DeadLetterException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
