package io.hasqlite.publish;

import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.LargeChanges;
import io.hasqlite.changeset.TooLargeException;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.PublishInDoubtException;
import io.hasqlite.stream.PublishResult;
import io.hasqlite.stream.StreamException;
import java.time.Duration;

/** A publisher that gives each changeset its place in the order that all nodes share. */
public interface SequencedPublisher extends CdcPublisher {

  /**
   * Makes a changeset ready to be published: what is too large for a message is stored now. The
   * changes are read once, and not any more after this call.
   *
   * @param changeSet numbered transactions, see {@link io.hasqlite.changeset.Transaction#number()}
   * @throws StreamException if it was to be stored and the store is away; it surely has no place
   * @throws TooLargeException if it, or a row of it, is larger than nodes read
   * @throws LargeChanges.ReadFailedException if its changes could not be read
   * @throws IllegalArgumentException if it has no numbered transaction
   */
  Outgoing prepare(ChangeSet changeSet);

  /**
   * Publishes a changeset and waits until it has its place; as {@link #prepare} and {@link
   * Outgoing#publish} do.
   *
   * @throws StreamException if it surely has no place
   * @throws PublishInDoubtException if it is not known whether it has or will have one
   */
  default PublishResult publish(ChangeSet changeSet, long expectedLast, Duration timeout) {
    try (Outgoing outgoing = prepare(changeSet)) {
      return outgoing.publish(expectedLast, timeout);
    }
  }

  /** Returns how many bytes a message may have; several transactions share one up to that. */
  default long messageBytesMax() {
    return ChangeStream.MESSAGE_BYTES_MAX_DEFAULT;
  }
}
