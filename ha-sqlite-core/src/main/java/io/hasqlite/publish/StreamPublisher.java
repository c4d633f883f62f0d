package io.hasqlite.publish;

import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.PublishResult;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** Publishes to the stream of one database, in the form that go-ha reads, too. */
public final class StreamPublisher implements SequencedPublisher {

  private final ChangeStream stream;
  private final ChangeSetCodec codec;
  private final Duration timeout;

  /**
   * Creates a publisher. The stream stays the caller's: it is not closed here.
   *
   * @param timeout how long {@link #publish(ChangeSet)} waits
   */
  public StreamPublisher(ChangeStream stream, ChangeSetCodec codec, Duration timeout) {
    this.stream = Objects.requireNonNull(stream, "stream");
    this.codec = Objects.requireNonNull(codec, "codec");
    this.timeout = Objects.requireNonNull(timeout, "timeout");
  }

  /**
   * Returns the name by which the stream knows a repeated message: {@code node:process:first-last},
   * the process in hexadecimal and the node such that a header of NATS can hold it.
   *
   * @throws IllegalArgumentException if the changeset has no numbered transaction: all such
   *     messages of a process would be taken for repetitions of the first
   */
  public static String messageId(ChangeSet changeSet) {
    List<Transaction> transactions = changeSet.transactions();
    if (transactions.isEmpty() || transactions.get(0).number() == 0) {
      throw new IllegalArgumentException(
          "A changeset needs numbered transactions to be published, but "
              + changeSet.origin()
              + " has none in it");
    }
    return URLEncoder.encode(changeSet.origin().node().value(), StandardCharsets.UTF_8)
        + ":"
        + Long.toHexString(changeSet.origin().processId())
        + ":"
        + transactions.get(0).number()
        + "-"
        + transactions.get(transactions.size() - 1).number();
  }

  @Override
  public PublishResult publish(ChangeSet changeSet, long expectedLast, Duration timeout) {
    String messageId = messageId(changeSet);
    return stream.publish(codec.encode(changeSet), messageId, expectedLast, timeout);
  }

  @Override
  public long messageBytesMax() {
    return stream.messageBytesMax();
  }

  /** Publishes at the stream's end, wherever that is. */
  @Override
  public void publish(ChangeSet changeSet) {
    PublishResult result = publish(changeSet, ChangeStream.ANY, timeout);
    if (result instanceof PublishResult.Refused refused) {
      throw new IllegalStateException(
          "The stream refused "
              + messageId(changeSet)
              + " after message "
              + refused.last()
              + " although nothing was expected");
    }
  }
}
