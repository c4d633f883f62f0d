package io.hasqlite.changeset;

import io.hasqlite.HaSqliteException;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a message are not a changeset: not JSON, cut off, or fields that do not fit each
 * other. Its message says where, but quotes nothing longer than a few words of what arrived.
 */
public class UnreadableMessageException extends HaSqliteException {

  private static final long serialVersionUID = 1L;

  private final long offset;
  private final String path;

  UnreadableMessageException(String message, long offset, String path, @Nullable Throwable cause) {
    super(message, cause);
    this.offset = offset;
    this.path = path;
  }

  /** Returns how many bytes of the message precede the fault; -1 where that says nothing. */
  public long offset() {
    return offset;
  }

  /** Returns the field as a JSON pointer, like {@code /changes/3/types}; empty for the message. */
  public String path() {
    return path;
  }

  /**
   * Tells whether every node finds the same, so that all may skip the message and still agree.
   * False for an {@link UnsupportedMessageException}.
   */
  public boolean isSameOnEveryNode() {
    return true;
  }
}
