package io.hasqlite.stream.nats;

import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.nats.RequestFailedException.Reason;
import io.nats.client.Message;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure that a node's name is used by one live process only: whoever uses it answers on a
 * subject of that name. A question may name a process; then only that one answers. Two processes
 * that start in the same instant may miss each other here; then the one whose consumer is taken
 * over notices.
 */
final class NodePresence implements AutoCloseable {

  private static final Duration ANSWER_WAIT = Duration.ofSeconds(1);
  private static final int ANSWER_LENGTH_MAX = 16;

  private final NatsConnection connection;
  private final String subject;
  private final String process;
  private @Nullable AutoCloseable answering;

  NodePresence(NatsConnection connection, String stream, String durable, String process) {
    this.connection = connection;
    this.subject = subject(stream, durable);
    this.process = process;
  }

  private static String subject(String stream, String durable) {
    return "ha_sqlite.presence." + stream + "." + durable;
  }

  /**
   * Asks whether any process uses a name.
   *
   * @throws StreamException if NATS is away
   */
  static boolean isUsed(NatsConnection connection, String stream, String durable) {
    return user(connection, subject(stream, durable), null) != null;
  }

  /**
   * Asks whether a process lives and uses this name, too. Who does not answer within a second
   * counts as dead.
   *
   * @param other the process, as its consumer is labelled
   * @throws StreamException if NATS is away, or the thread was interrupted
   */
  boolean isUsedBy(String other) {
    return other.equals(user(connection, subject, other));
  }

  /**
   * Asks who uses the name, and from then on answers for it. Does nothing if it did already.
   *
   * @param whose the node and its database, for the message
   * @throws StreamException if another process uses it (not retryable) or NATS is away (retryable)
   */
  synchronized void claim(String whose) {
    if (answering != null) {
      return;
    }
    String other = user(connection, subject, null);
    if (other != null && !other.equals(process)) {
      throw new StreamException(
          whose
              + ": the name is used by another live process ("
              + other
              + "). Every instance needs a node name of its own: set ha.sqlite.node-name",
          false,
          null);
    }
    answering =
        connection.answer(
            subject,
            request -> {
              String asked = new String(request.getData(), StandardCharsets.US_ASCII);
              if (request.getReplyTo() != null && (asked.isEmpty() || asked.equals(process))) {
                request
                    .getConnection()
                    .publish(request.getReplyTo(), process.getBytes(StandardCharsets.US_ASCII));
              }
            });
  }

  private static @Nullable String user(
      NatsConnection connection, String subject, @Nullable String whom) {
    try {
      byte[] question = whom == null ? null : whom.getBytes(StandardCharsets.US_ASCII);
      Message answer = connection.request(subject, null, question, ANSWER_WAIT);
      String text = new String(answer.getData(), StandardCharsets.US_ASCII);
      String shown = text.replaceAll("[^0-9a-f]", "?");
      return shown.substring(0, Math.min(ANSWER_LENGTH_MAX, shown.length()));
    } catch (RequestFailedException e) {
      if (e.reason() == Reason.NOT_SENT
          || !connection.isConnected()
          || Thread.currentThread().isInterrupted()) {
        throw new StreamException(
            "Asking for the node's name on " + subject + ": " + e.getMessage(), true, e);
      }
      // Nobody listens, or who does gives no answer and is as good as dead.
      return null;
    }
  }

  @Override
  public synchronized void close() {
    AutoCloseable current = answering;
    answering = null;
    if (current != null) {
      try {
        current.close();
      } catch (Exception e) {
        throw new IllegalStateException("Ending the answers on " + subject, e);
      }
    }
  }
}
