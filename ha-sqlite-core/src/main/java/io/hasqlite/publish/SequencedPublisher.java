package io.hasqlite.publish;

import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.PublishInDoubtException;
import io.hasqlite.stream.PublishResult;
import io.hasqlite.stream.StreamException;
import java.time.Duration;

/** A publisher that gives each changeset its place in the order that all nodes share. */
public interface SequencedPublisher extends CdcPublisher {

  /**
   * Publishes a changeset and waits until it has its place. The same changeset may be published
   * again: within the stream's duplicate window it keeps its first place.
   *
   * @param changeSet numbered transactions, see {@link io.hasqlite.changeset.Transaction#number()}
   * @param expectedLast the sequence that the database's last message must have, 0 for none, or
   *     {@link ChangeStream#ANY}
   * @param timeout how long to wait for the answer
   * @throws StreamException if it surely has no place, as when there is no connection (at once)
   * @throws PublishInDoubtException if it is not known whether it has or will have one
   * @throws IllegalArgumentException if it has no numbered transaction
   */
  PublishResult publish(ChangeSet changeSet, long expectedLast, Duration timeout);

  /** Returns how many bytes a message may have; several transactions share one up to that. */
  default long messageBytesMax() {
    return ChangeStream.MESSAGE_BYTES_MAX_DEFAULT;
  }
}
