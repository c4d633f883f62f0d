package io.hasqlite.publish;

import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.PublishInDoubtException;
import io.hasqlite.stream.PublishResult;
import io.hasqlite.stream.StreamException;
import java.time.Duration;

/** A changeset that is ready to be published, as often as that takes. For one thread. */
public interface Outgoing extends AutoCloseable {

  /**
   * Publishes the changeset and waits until it has its place. Within the stream's duplicate window
   * it keeps its first place.
   *
   * @param expectedLast the sequence that the database's last message must have, 0 for none, or
   *     {@link ChangeStream#ANY}
   * @param timeout how long to wait for the answer
   * @throws StreamException if it surely has no place, as when there is no connection (at once)
   * @throws PublishInDoubtException if it is not known whether it has or will have one
   */
  PublishResult publish(long expectedLast, Duration timeout);

  /**
   * Tells what its trace is, where it is published by another thread than the one that committed.
   *
   * @param cause what {@link io.hasqlite.MessageTracing#cause} returned then
   */
  default void causedBy(Object cause) {}

  /**
   * Frees what was stored for it, unless it is published or may be. Throws nothing: what cannot be
   * freed now is freed by its age.
   */
  @Override
  void close();
}
