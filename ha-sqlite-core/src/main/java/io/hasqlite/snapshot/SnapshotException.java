package io.hasqlite.snapshot;

import io.hasqlite.HaSqliteException;
import org.jspecify.annotations.Nullable;

/** A snapshot could not be taken, stored or restored. What was there before is still there. */
public final class SnapshotException extends HaSqliteException {

  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public SnapshotException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
