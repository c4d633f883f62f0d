package io.hasqlite.subscribe;

import io.hasqlite.NodeId;
import io.hasqlite.stream.ConsumerPosition;
import java.util.Optional;

/** Follows the stream. All methods may be called by any thread. */
public interface CdcSubscriber extends AutoCloseable {

  /** Starts to follow the stream from the node's position on; returns at once. */
  void start();

  /** Returns the sequence of the last message that this node has counted; 0 for none. */
  long latestSeq();

  /**
   * Returns what the server knows of this node's reading; empty if it knows nothing.
   *
   * @throws io.hasqlite.stream.StreamException if the stream is away
   */
  Optional<ConsumerPosition> deliveredInfo();

  /**
   * Removes what the server keeps for a node that is gone.
   *
   * @throws io.hasqlite.stream.StreamException if the stream is away
   */
  void removeConsumer(NodeId node);

  /**
   * Lets this node stand still: it goes on reading its file and applies nothing until {@link
   * #resume}, or until it is started again. Returns at once; a batch that is being applied is
   * finished, and {@link #status} is {@code PAUSED} when nothing is applied any more. Done already:
   * no effect.
   *
   * @throws UnsupportedOperationException if it cannot
   */
  default void pause() {
    throw new UnsupportedOperationException(getClass().getName() + " cannot be paused");
  }

  /**
   * Ends a pause; returns at once. No effect without one.
   *
   * @throws UnsupportedOperationException if it cannot be paused
   */
  default void resume() {
    throw new UnsupportedOperationException(getClass().getName() + " cannot be paused");
  }

  /** Returns what it is doing. Never blocks. */
  SubscriberStatus status();

  /** Stops, and waits for the batch that is being applied. May be called twice. */
  @Override
  void close();
}
