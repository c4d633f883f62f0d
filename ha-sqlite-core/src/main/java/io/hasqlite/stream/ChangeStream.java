package io.hasqlite.stream;

import java.time.Duration;
import java.util.Optional;

/**
 * The ordered log that all nodes share, seen by one database: all messages are those of its
 * subject. Safe for use by several threads. Every method that asks the server waits for it at most
 * the stream's request time-out.
 */
public interface ChangeStream extends AutoCloseable {

  /** Expects nothing: the message is stored wherever the stream's end is. */
  long ANY = -1;

  /** Tells whether the server can be reached now. Never blocks. */
  boolean isConnected();

  /**
   * Asks for the state of the whole stream, other subjects included.
   *
   * @throws StreamException if the stream is away or gone
   */
  StreamState state();

  /**
   * Stores a message and waits until the stream has it.
   *
   * @param message its bytes; not kept
   * @param messageId the same for a repeated message, which is then not stored twice within the
   *     stream's duplicate window; the answer is that of the first
   * @param expectedLast the sequence that the last message of the subject must have, 0 for none, or
   *     {@link #ANY}
   * @param timeout how long to wait for the answer
   * @throws StreamException if the message surely was not stored, as when there is no connection
   *     (at once, without waiting for one)
   * @throws PublishInDoubtException if it is not known whether it was or will be stored
   */
  PublishResult publish(byte[] message, String messageId, long expectedLast, Duration timeout);

  /** Returns the sequence of the subject's last message; 0 when there is none. */
  long lastSequence();

  /** Reads the message of this subject at a sequence; empty if it expired or is another's. */
  Optional<StreamMessage> read(long sequence);

  /**
   * Starts to read from a sequence on. The durable position on the server is for monitoring: where
   * it differs, it is made anew. Only one consumer is open at a time; opening another closes it.
   *
   * @param firstSequence the first message that is wanted
   * @throws StreamException if the stream is away, or the consumer belongs to another database or
   *     to another live node
   */
  ChangeConsumer consume(long firstSequence);

  /**
   * Removes the durable consumer of a node that is gone (or of this one); no error if there is
   * none.
   */
  void removeConsumer(String node);

  /** Closes what was opened here. May be called twice. */
  @Override
  void close();
}
