package io.hasqlite.apply;

import io.hasqlite.changeset.ChangeSet;

/**
 * A message that was read and understood.
 *
 * @param sequence its place in the stream
 * @param changeSet what it says
 */
public record IncomingMessage(long sequence, ChangeSet changeSet) {}
