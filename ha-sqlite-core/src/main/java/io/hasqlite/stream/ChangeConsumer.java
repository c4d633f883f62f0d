package io.hasqlite.stream;

import java.time.Duration;
import java.util.List;

/**
 * Reads the messages of one subject, strictly ascending in their sequence. For one thread; {@link
 * #close} for any.
 */
public interface ChangeConsumer extends AutoCloseable {

  /**
   * Waits for messages and returns as many as wait already, in order, without a gap.
   *
   * <p>After an exception this consumer is of no use any more. Messages that it had received and
   * not returned are not lost: they come again from the next consumer.
   *
   * @param max the most messages to return
   * @param wait how long to wait for the first
   * @return the messages; empty when none came in time
   * @throws StreamException if the connection broke, the consumer or the stream is gone, the server
   *     fell silent or a message was missed (retryable: open another consumer at position + 1), or
   *     if another process took over the consumer's name, or this consumer was closed (not
   *     retryable)
   * @throws InterruptedException if the thread was interrupted
   */
  List<StreamMessage> next(int max, Duration wait) throws InterruptedException;

  /**
   * Tells the server, without waiting, that everything up to a sequence is applied. It may never
   * hear of it: what it knows is for monitoring only.
   */
  void acknowledge(long sequence);

  /** Stops reading; a thread in {@link #next} gets an exception. May be called twice. */
  @Override
  void close();
}
