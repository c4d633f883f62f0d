package io.hasqlite.stream;

import io.hasqlite.HaSqliteException;
import org.jspecify.annotations.Nullable;

/** The stream could not be asked, or answered no. What was asked for was not done. */
public class StreamException extends HaSqliteException {

  private static final long serialVersionUID = 1L;

  private final boolean retryable;

  /** Creates an exception; {@code retryable} tells whether the same call may succeed later. */
  public StreamException(String message, boolean retryable, @Nullable Throwable cause) {
    super(message, cause);
    this.retryable = retryable;
  }

  /** Tells whether the same call may succeed later, as when the server is away. */
  public boolean isRetryable() {
    return retryable;
  }
}
