package io.hasqlite.changeset;

import io.hasqlite.HaSqliteException;

/** A transaction, or a row of one, is larger than other nodes could read. */
public final class TooLargeException extends HaSqliteException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception that says what is too large, how large it is, and what is the limit. */
  public TooLargeException(String message) {
    super(message, null);
  }
}
