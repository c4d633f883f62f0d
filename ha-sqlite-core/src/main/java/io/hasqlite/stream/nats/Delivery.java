package io.hasqlite.stream.nats;

import io.nats.client.Message;
import io.nats.client.impl.NatsJetStreamMetaData;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the server says of a message that it delivers, in the subject of the acknowledgement: {@code
 * $JS.ACK.stream.consumer.delivered.sequence.delivery.time.pending}. Read here, because the
 * client's own reader makes an array of texts and a date with a time zone for each message.
 *
 * @param deliveredCount how often the message was delivered
 * @param streamSequence its place in the stream
 * @param consumerSequence the number of this delivery
 * @param time when the stream stored it
 * @param pending how many more messages wait
 */
record Delivery(
    long deliveredCount, long streamSequence, long consumerSequence, Instant time, long pending) {

  private static final String PREFIX = "$JS.ACK.";
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final int DIGITS_MAX = 19;

  static Delivery of(Message message) {
    Delivery delivery = parse(message.getReplyTo());
    if (delivery != null) {
      return delivery;
    }
    NatsJetStreamMetaData meta = message.metaData(); // a newer form
    return new Delivery(
        meta.deliveredCount(),
        meta.streamSequence(),
        meta.consumerSequence(),
        meta.timestamp().toInstant(),
        meta.pendingCount());
  }

  /** Returns null for a subject that is not of that form. */
  static @Nullable Delivery parse(@Nullable String subject) {
    if (subject == null || !subject.startsWith(PREFIX)) {
      return null;
    }
    int consumer = subject.indexOf('.', PREFIX.length());
    int at = consumer < 0 ? -1 : subject.indexOf('.', consumer + 1);
    if (at < 0) {
      return null;
    }
    long deliveredCount = 0;
    long streamSequence = 0;
    long consumerSequence = 0;
    long nanos = 0;
    long pending = 0;
    for (int i = 0; i < 5; i++) {
      int from = at + 1;
      int to = i == 4 ? subject.length() : subject.indexOf('.', from);
      long number = number(subject, from, to);
      if (number < 0) {
        return null;
      }
      switch (i) {
        case 0 -> deliveredCount = number;
        case 1 -> streamSequence = number;
        case 2 -> consumerSequence = number;
        case 3 -> nanos = number;
        default -> pending = number;
      }
      at = to;
    }
    return new Delivery(
        deliveredCount,
        streamSequence,
        consumerSequence,
        Instant.ofEpochSecond(nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND),
        pending);
  }

  /** Returns something negative where there is no number. */
  private static long number(String text, int from, int to) {
    if (to <= from || to - from > DIGITS_MAX) {
      return -1;
    }
    long number = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = 10 * number + digit;
    }
    return number; // negative if it is too large
  }
}
