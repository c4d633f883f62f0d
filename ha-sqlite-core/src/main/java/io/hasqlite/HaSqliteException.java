package io.hasqlite;

import org.jspecify.annotations.Nullable;

/**
 * Root of this library's unchecked exceptions. What an application meets through JDBC is always a
 * {@link java.sql.SQLException}; these are thrown by the engine's own API.
 */
public abstract class HaSqliteException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message says what failed, on what, and what to do now. */
  protected HaSqliteException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
