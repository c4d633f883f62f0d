package io.hasqlite.changeset;

import org.jspecify.annotations.Nullable;

/**
 * The message may be in order, but this node cannot read it: it has an operation or requires an
 * ability that this version lacks, or is longer than this node's limit. Another node may have
 * applied it, so it must never be skipped: halt, and update this node or raise its limit.
 */
public final class UnsupportedMessageException extends UnreadableMessageException {

  private static final long serialVersionUID = 1L;

  UnsupportedMessageException(String message, long offset, String path, @Nullable Throwable cause) {
    super(message, offset, path, cause);
  }

  @Override
  public boolean isSameOnEveryNode() {
    return false;
  }
}
