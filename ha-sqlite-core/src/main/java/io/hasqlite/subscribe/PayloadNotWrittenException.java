package io.hasqlite.subscribe;

import io.hasqlite.HaSqliteException;

/** This machine could not write the file of a payload, for want of room perhaps. */
final class PayloadNotWrittenException extends HaSqliteException {

  private static final long serialVersionUID = 1L;

  PayloadNotWrittenException(String message, Throwable cause) {
    super(message, cause);
  }
}
