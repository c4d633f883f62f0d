package io.hasqlite.apply;

import io.hasqlite.changeset.ChangeSet;
import java.util.Map;

/**
 * A message that was read and understood.
 *
 * @param sequence its place in the stream
 * @param changeSet what it says
 * @param headers what came along; nothing rests on it
 */
public record IncomingMessage(long sequence, ChangeSet changeSet, Map<String, String> headers) {

  /** Creates a message without headers. */
  public IncomingMessage(long sequence, ChangeSet changeSet) {
    this(sequence, changeSet, Map.of());
  }
}
