package io.hasqlite.stream;

import java.time.Duration;
import java.util.List;

/** Reads the messages of one subject in order. For one thread; {@link #close} for any. */
public interface ChangeConsumer extends AutoCloseable {

  /**
   * Waits for messages and returns as many as wait already, in order, without a gap.
   *
   * @param max the most messages to return
   * @param wait how long to wait for the first
   * @return the messages; empty when none came in time
   * @throws StreamException if the consumer or the stream is gone or a message was missed
   *     (retryable: open another consumer at position + 1), or if another process took over the
   *     consumer's name (not retryable)
   * @throws InterruptedException if the thread was interrupted
   */
  List<StreamMessage> next(int max, Duration wait) throws InterruptedException;

  /** Tells the server, without waiting, that everything up to a sequence is applied. */
  void acknowledge(long sequence);

  @Override
  void close();
}
