package io.hasqlite.apply;

import io.hasqlite.HaSqliteException;

/** A message from the stream asks for what no node may do. Nothing of it was applied. */
public final class ForbiddenChangeException extends HaSqliteException {

  private static final long serialVersionUID = 1L;

  ForbiddenChangeException(String message) {
    super(message, null);
  }
}
