package io.hasqlite.server;

import io.hasqlite.HaSqliteException;
import org.jspecify.annotations.Nullable;

/**
 * The embedded nats-server could not be found, configured or started. The message names the
 * property to look at.
 */
public final class EmbeddedServerException extends HaSqliteException {

  private static final long serialVersionUID = 1L;

  EmbeddedServerException(String message) {
    this(message, null);
  }

  EmbeddedServerException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
