package io.hasqlite.engine;

import io.hasqlite.HaSqliteException;

/** A peer was not removed: it lives. */
public final class PeerInUseException extends HaSqliteException {

  PeerInUseException(String message) {
    super(message, null);
  }
}
