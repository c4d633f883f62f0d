package io.hasqlite.engine;

import io.hasqlite.HaSqliteException;
import org.jspecify.annotations.Nullable;

/** The engine does not start, since data would be lost or nodes would differ. Says what to do. */
public final class StartRefusedException extends HaSqliteException {

  private static final long serialVersionUID = 1L;

  StartRefusedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
