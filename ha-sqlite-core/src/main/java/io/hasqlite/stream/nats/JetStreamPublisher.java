package io.hasqlite.stream.nats;

import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.PublishInDoubtException;
import io.hasqlite.stream.PublishResult;
import io.hasqlite.stream.StreamException;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.api.MessageGetRequest;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import io.nats.client.support.NatsJetStreamConstants;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Stores messages of one subject, with or without an expectation about the one before.
 *
 * <p>What is surely not stored: messages that never left this process, for which the server had no
 * listener (status 503: the stream is gone or has no leader), or which the stream refused with one
 * of the errors that it finds before it stores. Everything else is in doubt, an error while storing
 * included: of several replicas some may have stored it.
 */
final class JetStreamPublisher {

  /** More than the expected sequence, the longest message id and other headers need. */
  private static final int HEADER_BYTES_RESERVED = 4_096;

  private static final int WRONG_LAST_SEQUENCE = 10071;
  private static final int WRONG_LAST_SEQUENCE_CONSTANT = 10164;

  /** Found before storing, and the same for the same message: size, header size, sealed, moved. */
  private static final Set<Integer> REFUSED_FOR_EVER = Set.of(10054, 10097, 10109, 10060);

  /**
   * Found before storing, and passing: account limits, no peers, no leader, JetStream going down,
   * resources, not enabled.
   */
  private static final Set<Integer> REFUSED_NOW =
      Set.of(10002, 10005, 10008, 10009, 10023, 10028, 10039, 10047, 10076);

  /**
   * Before this version, servers may accept two messages with the same expectation on a replicated
   * stream. It is looked up at the server that we are connected to: in a cluster of mixed versions
   * the stream's leader may be older.
   */
  private static final String RACE_FIXED = "2.9.21";

  private final NatsConnection connection;
  private final JetStreamApi api;
  private final String stream;
  private final String subject;
  private final BooleanSupplier replicated;

  /**
   * @param replicated whether the stream has several replicas, or that is not known
   */
  JetStreamPublisher(
      NatsConnection connection,
      JetStreamApi api,
      String stream,
      String subject,
      BooleanSupplier replicated) {
    this.connection = connection;
    this.api = api;
    this.stream = stream;
    this.subject = subject;
    this.replicated = replicated;
  }

  PublishResult publish(
      byte[] body,
      String messageId,
      long expectedLast,
      Duration timeout,
      Map<String, String> others) {
    Headers headers = new Headers();
    others.forEach(headers::add);
    headers.add(NatsJetStreamConstants.MSG_ID_HDR, messageId);
    headers.add(NatsJetStreamConstants.EXPECTED_STREAM_HDR, stream);
    if (expectedLast != ChangeStream.ANY) {
      headers.add(NatsJetStreamConstants.EXPECTED_LAST_SUB_SEQ_HDR, Long.toString(expectedLast));
    }
    Connection client = connection.client();
    checkSize(client, headers, body);
    Message answer = send(headers, body, messageId, timeout);
    try {
      PublishAck ack = new PublishAck(answer);
      return accepted(client, ack, expectedLast);
    } catch (JetStreamApiException e) {
      return refused(e, messageId);
    } catch (IOException e) {
      throw inDoubt(messageId, "the acknowledgement is not readable: " + e.getMessage(), e);
    }
  }

  long messageBytesMax() {
    long max = connection.client().getMaxPayload();
    return max > 0 ? max - HEADER_BYTES_RESERVED : ChangeStream.MESSAGE_BYTES_MAX_DEFAULT;
  }

  private void checkSize(Connection client, Headers headers, byte[] body) {
    long size = (long) body.length + headers.serializedLength();
    long max = client.getMaxPayload();
    if (max > 0 && size > max) {
      throw new StreamException(
          "A message of "
              + size
              + " bytes is too large for the NATS server, which takes "
              + max
              + " (subject "
              + subject
              + "). Change fewer rows in one transaction, or raise max_payload of the server",
          false,
          null);
    }
  }

  private Message send(Headers headers, byte[] body, String messageId, Duration timeout) {
    try {
      return connection.request(subject, headers, body, timeout);
    } catch (RequestFailedException e) {
      throw switch (e.reason()) {
        case NOT_SENT ->
            new StreamException(
                "Message " + messageId + " was not sent to " + subject + ": " + e.getMessage(),
                true,
                e);
        case NO_RESPONDERS ->
            new StreamException(
                "Message "
                    + messageId
                    + " was not stored: no server takes messages for "
                    + subject
                    + ". Stream "
                    + stream
                    + " is gone, has no leader at the moment, or JetStream is not enabled",
                true,
                e);
        case NO_ANSWER -> inDoubt(messageId, String.valueOf(e.getMessage()), e);
      };
    }
  }

  private PublishInDoubtException inDoubt(String messageId, String why, Exception cause) {
    return new PublishInDoubtException(
        "It is not known whether message "
            + messageId
            + " is or will be stored in stream "
            + stream
            + " (subject "
            + subject
            + "): "
            + why,
        cause);
  }

  private PublishResult accepted(Connection client, PublishAck ack, long expectedLast) {
    long sequence = ack.getSeqno();
    if (expectedLast == ChangeStream.ANY) {
      return new PublishResult.Accepted(sequence, false);
    }
    boolean sure =
        !ack.isDuplicate()
            && (!replicated.getAsBoolean()
                || client.getServerInfo().isSameOrNewerThanVersion(RACE_FIXED));
    return new PublishResult.Accepted(sequence, sure || follows(sequence, expectedLast));
  }

  private boolean follows(long sequence, long expectedLast) {
    try {
      Optional<MessageInfo> next =
          api.message(MessageGetRequest.nextForSubject(expectedLast + 1, subject));
      return next.isPresent() && next.get().getSeq() == sequence;
    } catch (StreamException notKnown) {
      // The message is stored all the same; only its place is not proven.
      return false;
    }
  }

  static boolean isWrongLastSequence(JetStreamApiException e) {
    int code = e.getApiErrorCode();
    return code == WRONG_LAST_SEQUENCE || code == WRONG_LAST_SEQUENCE_CONSTANT;
  }

  private PublishResult refused(JetStreamApiException e, String messageId) {
    int code = e.getApiErrorCode();
    if (isWrongLastSequence(e)) {
      return new PublishResult.Refused(lastSequence());
    }
    if (REFUSED_FOR_EVER.contains(code) || REFUSED_NOW.contains(code)) {
      throw new StreamException(
          "Stream "
              + stream
              + " refused message "
              + messageId
              + " (subject "
              + subject
              + "): "
              + e.getMessage(),
          REFUSED_NOW.contains(code),
          e);
    }
    throw inDoubt(messageId, "the server answered " + e.getMessage(), e);
  }

  long lastSequence() {
    return api.message(MessageGetRequest.lastForSubject(subject))
        .map(MessageInfo::getSeq)
        .orElse(0L);
  }
}
