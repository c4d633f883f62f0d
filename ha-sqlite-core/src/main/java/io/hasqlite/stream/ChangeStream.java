package io.hasqlite.stream;

import io.hasqlite.NodeId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The ordered log that all nodes share, seen by one database: all messages are those of its
 * subject. Safe for use by several threads. Every method that asks the server waits for it at most
 * the stream's request time-out, and fails at once while there is no connection. A thread that is
 * interrupted meanwhile gets the exception of a missing answer and keeps its interrupt flag.
 */
public interface ChangeStream extends AutoCloseable {

  /** Expects nothing: the message is stored wherever the stream's end is. */
  long ANY = -1;

  /** What a NATS server takes by default, less some room for headers. */
  long MESSAGE_BYTES_MAX_DEFAULT = (1 << 20) - 1024;

  /**
   * Makes the stream if there is none, and checks all that can be wrong from the start. To be
   * called before anything else, and again if it failed. A stream that exists keeps its settings.
   *
   * @return one sentence for each setting of an existing stream that is not the wanted one; empty
   *     when all are
   * @throws StreamException if the server is away (retryable), or if the stream cannot hold this
   *     database's messages, or its name belongs to another database or to another live node
   */
  List<String> open();

  /**
   * Names the present connection to the server; another one after each reconnect, when the stream
   * may be another, too. Empty where there is nothing to tell apart. Never blocks.
   */
  default String connection() {
    return "";
  }

  /** Returns the address of the server, without a login; empty where unknown. Never blocks. */
  default String server() {
    return "";
  }

  /** Returns how often the connection was lost and made again. Never blocks. */
  default long reconnects() {
    return 0;
  }

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
   * <p>A refusal may name the expected message itself as the last one, while the message that came
   * first is not readable yet: the same call may then be made again.
   *
   * @param message its bytes; not kept
   * @param messageId the same for a repeated message, which is then not stored twice within the
   *     stream's duplicate window; the answer is that of the first
   * @param expectedLast the sequence that the last message of the subject must have, 0 for none, or
   *     {@link #ANY}
   * @param timeout how long to wait for the answer
   * @throws StreamException if the message surely was not and will not be stored: there is no
   *     connection (at once, without waiting for one), nobody listens to the stream's subject, the
   *     stream refused it, or it is too large (not retryable)
   * @throws PublishInDoubtException if it is not known whether it was or will be stored: no answer
   *     came in time, the connection broke after it was sent (at once, without waiting for the
   *     time-out), or the server failed while storing it
   */
  PublishResult publish(byte[] message, String messageId, long expectedLast, Duration timeout);

  /**
   * Publishes as {@link #publish(byte[], String, long, Duration)} does.
   *
   * @param headers what goes along; a stream may leave it out
   */
  default PublishResult publish(
      byte[] message,
      String messageId,
      long expectedLast,
      Duration timeout,
      MessageHeaders headers) {
    return publish(message, messageId, expectedLast, timeout);
  }

  /** Returns how many bytes a message may have. Never blocks. */
  default long messageBytesMax() {
    return MESSAGE_BYTES_MAX_DEFAULT;
  }

  /** Returns the sequence of the subject's last message; 0 when there is none. */
  long lastSequence();

  /** Reads the message of this subject at a sequence; empty if it expired or is another's. */
  Optional<StreamMessage> read(long sequence);

  /** Reads the first message of this subject after a sequence; empty if there is none yet. */
  Optional<StreamMessage> next(long afterSequence);

  /**
   * Returns the sequence from which a node without a position reads.
   *
   * @throws StreamException if the stream is away or gone
   */
  long firstSequence(DeliverPolicy policy);

  /**
   * Starts to read from a sequence on. The durable position on the server is for monitoring: it is
   * made anew each time. Only one consumer is open at a time; opening another closes it.
   *
   * <p>Messages that expired before they were read are left out without a sign: a caller that was
   * away compares its position with {@link StreamState#firstSequence()}.
   *
   * @param firstSequence the first message that is wanted
   * @throws StreamException if the stream is away (retryable), or the consumer belongs to another
   *     database or was taken over by another process (not retryable)
   */
  ChangeConsumer consume(long firstSequence);

  /** Returns how far a node has read, as the server knows it; empty if it knows no such node. */
  Optional<ConsumerPosition> consumer(NodeId node);

  /** Returns how far every node of this database has read, as the server knows it. */
  List<ConsumerPosition> consumers();

  /**
   * Asks whether a process lives that uses a node's name for this database. One that is connected
   * and does not answer within a second counts as gone.
   *
   * @throws StreamException if the stream is away
   */
  boolean isLive(NodeId node);

  /**
   * Removes the durable consumer of a node that is gone (or of this one); no error if there is
   * none.
   */
  void removeConsumer(NodeId node);

  /** Closes what was opened here. May be called twice. */
  @Override
  void close();
}
