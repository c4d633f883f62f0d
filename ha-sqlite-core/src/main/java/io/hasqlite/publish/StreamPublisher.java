package io.hasqlite.publish;

import io.hasqlite.DatabaseName;
import io.hasqlite.MessageTracing;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.LargeChanges;
import io.hasqlite.changeset.SentMessages;
import io.hasqlite.changeset.StoredObject;
import io.hasqlite.changeset.TooLargeException;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.MessageHeaders;
import io.hasqlite.stream.PayloadStore;
import io.hasqlite.stream.PublishInDoubtException;
import io.hasqlite.stream.PublishResult;
import io.hasqlite.stream.StreamException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes to the stream of one database, in the form that go-ha reads, too. */
public final class StreamPublisher implements SequencedPublisher {

  /**
   * A message is read into memory as a whole, together with those that wait behind it. What is
   * larger than this is stored even where the server would take it in a message.
   */
  static final int MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

  private static final Logger log = LoggerFactory.getLogger(StreamPublisher.class);

  private final String name;
  private final String database;
  private final ChangeStream stream;
  private final PayloadStore payloads;
  private final ChangeSetCodec codec;
  private final SentMessages sent;
  private final Runnable beforePublishing;
  private final Duration timeout;
  private final MessageTracing tracing;

  /**
   * Creates a publisher. Stream and store stay the caller's: they are not closed here.
   *
   * @param payloads takes what is too large for a message
   * @param sent remembers what is sent
   * @param beforePublishing called each time before the stream is given a message; nothing is
   *     published if it fails
   * @param timeout how long {@link #publish(ChangeSet)} waits
   */
  public StreamPublisher(
      DatabaseName database,
      ChangeStream stream,
      PayloadStore payloads,
      ChangeSetCodec codec,
      SentMessages sent,
      Runnable beforePublishing,
      Duration timeout,
      MessageTracing tracing) {
    this.name = database.value();
    this.tracing = Objects.requireNonNull(tracing, "tracing");
    this.database = database.token();
    this.stream = Objects.requireNonNull(stream, "stream");
    this.payloads = Objects.requireNonNull(payloads, "payloads");
    this.codec = Objects.requireNonNull(codec, "codec");
    this.sent = Objects.requireNonNull(sent, "sent");
    this.beforePublishing = Objects.requireNonNull(beforePublishing, "beforePublishing");
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
  public Outgoing prepare(ChangeSet changeSet) {
    String messageId = messageId(changeSet);
    try (InputStream encoded = codec.encoded(changeSet)) {
      int max = (int) messageBytesMax();
      byte[] start = encoded.readNBytes(max + 1);
      if (start.length <= max) {
        sent.add(start, changeSet);
        return new Message(start, messageId);
      }
      if (changeSet.transactions().size() > 1) {
        throw new TooLargeException(
            "Transactions %s of %s are too large together for one message of at most %d bytes"
                .formatted(messageId, changeSet.origin(), max));
      }
      return store(
          changeSet, messageId, new SequenceInputStream(new ByteArrayInputStream(start), encoded));
    } catch (IOException e) {
      throw new LargeChanges.ReadFailedException(
          "The changes of " + messageId + " could not be read: " + e.getMessage(), e);
    }
  }

  private Outgoing store(ChangeSet changeSet, String messageId, InputStream encoded)
      throws IOException {
    // Another attempt has another name, since readers may be reading what this one stores.
    String name = database + "." + messageId + "." + UUID.randomUUID();
    Measured content = new Measured(encoded);
    payloads.put(name, content);
    Set<String> requires = new HashSet<>(changeSet.requires());
    requires.add(ChangeSet.REQUIRES_OBJECT);
    ChangeSet message =
        new ChangeSet(
            changeSet.origin(),
            changeSet.filename(),
            changeSet.timestampNs(),
            changeSet.transactions().stream()
                .map(t -> new Transaction(t.number(), t.baseSequence(), List.of()))
                .toList(),
            requires,
            new StoredObject(name, content.bytes(), content.sha256()),
            changeSet.fence());
    return new StoredMessage(codec.encode(message), messageId, name);
  }

  /** A message that says all itself. */
  private class Message implements Outgoing {

    private final byte[] bytes;
    private final String messageId;
    private @Nullable Object cause;

    Message(byte[] bytes, String messageId) {
      this.bytes = bytes;
      this.messageId = messageId;
    }

    @Override
    public void causedBy(Object cause) {
      this.cause = cause;
    }

    @Override
    public PublishResult publish(long expectedLast, Duration timeout) {
      beforePublishing.run();
      MessageHeaders headers = new MessageHeaders();
      try (MessageTracing.Step step = tracing.publishing(name, messageId, cause, headers::add)) {
        try {
          return stream.publish(bytes, messageId, expectedLast, timeout, headers);
        } catch (RuntimeException e) {
          step.failed(e);
          throw e;
        }
      }
    }

    @Override
    public void close() {}
  }

  /** A message that names what was stored before. */
  private final class StoredMessage extends Message {

    private final String payload;
    private boolean mayBePublished;

    StoredMessage(byte[] bytes, String messageId, String payload) {
      super(bytes, messageId);
      this.payload = payload;
    }

    @Override
    public PublishResult publish(long expectedLast, Duration timeout) {
      try {
        PublishResult result = super.publish(expectedLast, timeout);
        mayBePublished |= result instanceof PublishResult.Accepted;
        return result;
      } catch (PublishInDoubtException e) {
        mayBePublished = true;
        throw e;
      }
    }

    @Override
    public void close() {
      if (mayBePublished) {
        return;
      }
      try {
        payloads.delete(payload);
      } catch (StreamException e) {
        log.debug("Payload {} was not published and is left to expire", payload, e);
      }
    }
  }

  /** Counts and digests what is read through it. */
  private static final class Measured extends InputStream {

    private final InputStream content;
    private final MessageDigest digest;
    private long bytes;

    Measured(InputStream content) {
      this.content = content;
      try {
        this.digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("Every JVM has SHA-256", e);
      }
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int read = content.read(target, offset, length);
      if (read > 0) {
        digest.update(target, offset, read);
        bytes += read;
      }
      return read;
    }

    long bytes() {
      return bytes;
    }

    String sha256() {
      return HexFormat.of().formatHex(digest.digest());
    }
  }

  @Override
  public long messageBytesMax() {
    return Math.min(stream.messageBytesMax(), MESSAGE_BYTES_MAX);
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
