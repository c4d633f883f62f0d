package io.hasqlite.snapshot;

import io.hasqlite.HaSqliteException;
import org.jspecify.annotations.Nullable;

/** A snapshot could not be taken, stored or restored. What was there before is still there. */
public final class SnapshotException extends HaSqliteException {

  private static final long serialVersionUID = 1L;

  private final boolean missing;

  /** Creates the exception. */
  public SnapshotException(String message, @Nullable Throwable cause) {
    this(message, cause, false);
  }

  private SnapshotException(String message, @Nullable Throwable cause, boolean missing) {
    super(message, cause);
    this.missing = missing;
  }

  static SnapshotException missing(String message) {
    return new SnapshotException(message, null, true);
  }

  /** Tells whether there is no usable snapshot, and nothing was downloaded to find that out. */
  public boolean isMissing() {
    return missing;
  }
}
