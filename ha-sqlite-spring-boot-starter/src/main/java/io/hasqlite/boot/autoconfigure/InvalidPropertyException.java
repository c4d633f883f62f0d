package io.hasqlite.boot.autoconfigure;

import org.jspecify.annotations.Nullable;

/** A property has a value that cannot work. The message names it and holds no secret. */
final class InvalidPropertyException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  InvalidPropertyException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
