package io.hasqlite.engine;

import io.hasqlite.HaSqliteException;
import org.jspecify.annotations.Nullable;

/** A fence could not be had: nothing was run under it. */
public final class FenceException extends HaSqliteException {

  private static final long serialVersionUID = 1L;

  FenceException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
