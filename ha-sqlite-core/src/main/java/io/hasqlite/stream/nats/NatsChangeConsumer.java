package io.hasqlite.stream.nats;

import io.hasqlite.stream.ChangeConsumer;
import io.hasqlite.stream.MessageHeaders;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.StreamListener;
import io.hasqlite.stream.StreamMessage;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.PullRequestOptions;
import io.nats.client.Subscription;
import io.nats.client.impl.Headers;
import io.nats.client.support.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a durable pull consumer. Two pull requests are open at a time; the server answers one after
 * the other with what there is and then with each new message at once, and shows that it lives by
 * heartbeats. So the next messages come while the last ones are applied, and at most four batches
 * are in memory, each limited in messages and in bytes: two that are applied, and two on their way.
 *
 * <p>The consumer's own sequence counts deliveries, so a step in it is a message that was lost on
 * the way. Redeliveries of what was received before are dropped.
 */
final class NatsChangeConsumer implements ChangeConsumer {

  /** The most messages of one pull request. */
  static final int PULL_MESSAGES_MAX = 500;

  /** The most bytes of one pull request, unless a single message is larger. */
  static final long PULL_BYTES_MAX = 8L * 1024 * 1024;

  /** While one is answered the next one is with the server already. */
  private static final int PULLS_MAX = 2;

  /** The most messages that may wait for an acknowledgement: well above what is in memory. */
  static final int UNACKNOWLEDGED_MAX = 20 * PULL_MESSAGES_MAX;

  /**
   * After this time without an acknowledgement the server sends again. That is how a message shows
   * up that was lost between two servers of a cluster and that no other followed.
   */
  static final Duration ACK_WAIT = Duration.ofSeconds(30);

  private static final Duration PULL_EXPIRY = Duration.ofSeconds(30);

  /** So many heartbeats must stay out before the server counts as silent. */
  private static final int HEARTBEATS_MISSED = 3;

  /** The server refuses heartbeats that are longer than half of the expiry. */
  private static final int HEARTBEATS_PER_PULL_MIN = 4;

  private static final byte[] ACK = "+ACK".getBytes(StandardCharsets.US_ASCII);
  private static final int CONFLICT = 409;
  private static final Logger LOG = LoggerFactory.getLogger(NatsChangeConsumer.class);

  private final NatsConnection connection;
  private final Connection client;
  private final String name;
  private final String pullSubject;
  private final String inbox;
  private final Subscription subscription;
  private final Duration heartbeat;
  private final Function<String, StreamException> explainLoss;
  private final StreamListener listener;
  private final Runnable onDisconnect = this::disconnected;
  private final Deque<Unacknowledged> unacknowledged = new ArrayDeque<>();

  private final Deque<Pull> pulls = new ArrayDeque<>();

  private long pullsMade;
  private boolean nextIsOversized;
  private long heardAt;
  private long lastDelivery;
  private long lastSequence;
  private long acknowledgedSequence;
  private volatile @Nullable StreamException failure;

  private record Unacknowledged(long sequence, String replyTo) {}

  /** A request for messages; the server answers one after the other. */
  private static final class Pull {
    final String inbox;
    int messagesLeft;
    boolean isEmpty = true;

    Pull(String inbox, int messages) {
      this.inbox = inbox;
      this.messagesLeft = messages;
    }
  }

  /**
   * @param durable the consumer's name; it exists and has delivered nothing yet
   * @param firstSequence the first message that is wanted
   * @param heartbeat how often the server shows that it lives
   * @param explainLoss finds out why the consumer is gone; is given what the server said
   * @param listener told what was received
   */
  NatsChangeConsumer(
      NatsConnection connection,
      String stream,
      String durable,
      long firstSequence,
      Duration heartbeat,
      Function<String, StreamException> explainLoss,
      StreamListener listener) {
    this.listener = listener;
    this.connection = connection;
    this.client = connection.client();
    this.name = "consumer " + durable + " of stream " + stream;
    this.pullSubject = "$JS.API.CONSUMER.MSG.NEXT." + stream + "." + durable;
    this.lastSequence = firstSequence - 1;
    this.acknowledgedSequence = firstSequence - 1;
    this.heartbeat = heartbeat;
    this.explainLoss = explainLoss;
    this.inbox = client.createInbox();
    connection.addDisconnectListener(onDisconnect);
    try {
      this.subscription = client.subscribe(inbox + ".*");
    } catch (IllegalStateException e) {
      connection.removeDisconnectListener(onDisconnect);
      throw lost("the connection broke: " + e.getMessage());
    }
    // A pull request limits what can wait; a limit here could only lose messages.
    subscription.setPendingLimits(0, 0);
    pullAhead();
  }

  @Override
  public List<StreamMessage> next(int max, Duration wait) throws InterruptedException {
    long deadline = System.nanoTime() + wait.toNanos();
    List<StreamMessage> taken = new ArrayList<>();
    while (taken.size() < max) {
      Message message = poll(taken.isEmpty() ? deadline : System.nanoTime());
      if (message == null) {
        if (!taken.isEmpty() || System.nanoTime() - deadline >= 0) {
          break;
        }
      } else {
        heardAt = System.nanoTime();
        if (message.isStatusMessage()) {
          onStatus(message);
        } else {
          onMessage(message, taken);
        }
      }
    }
    if (!taken.isEmpty()) {
      pullAhead();
      long bytes = 0;
      for (StreamMessage message : taken) {
        bytes += message.body().length;
      }
      listener.received(taken.size(), bytes);
    }
    return taken;
  }

  /** Returns null when nothing came until the deadline; throws when the server fell silent. */
  private @Nullable Message poll(long deadline) throws InterruptedException {
    StreamException failed = failure;
    if (failed != null) {
      throw failed;
    }
    try {
      Message message = subscription.nextMessage((Duration) null);
      if (message != null) {
        return message;
      }
      pullAhead();
      long now = System.nanoTime();
      long silentAt = heardAt + heartbeat.toNanos() * HEARTBEATS_MISSED;
      if (now - silentAt >= 0) {
        throw lost(
            "no sign of life from the server for "
                + heartbeat.multipliedBy(HEARTBEATS_MISSED).toMillis()
                + " ms");
      }
      long patience = Math.min(deadline - now, silentAt - now);
      return patience <= 0 ? null : subscription.nextMessage(Duration.ofNanos(patience));
    } catch (IllegalStateException e) {
      failed = failure;
      throw failed != null ? failed : lost("the subscription ended: " + e.getMessage());
    }
  }

  private void pullAhead() {
    try {
      while (nextIsOversized ? pulls.isEmpty() : pulls.size() < PULLS_MAX) {
        pull();
      }
    } catch (IllegalStateException e) {
      throw lost("the connection broke: " + e.getMessage());
    }
  }

  private void pull() {
    boolean oversized = nextIsOversized;
    nextIsOversized = false;
    Pull pull = new Pull(inbox + "." + ++pullsMade, oversized ? 1 : PULL_MESSAGES_MAX);
    pulls.add(pull);
    heardAt = System.nanoTime();
    PullRequestOptions.Builder request =
        PullRequestOptions.builder(pull.messagesLeft).expiresIn(expiry()).idleHeartbeat(heartbeat);
    if (!oversized) {
      request.maxBytes(PULL_BYTES_MAX);
    }
    client.publish(pullSubject, pull.inbox, request.build().serialize());
  }

  private Duration expiry() {
    Duration least = heartbeat.multipliedBy(HEARTBEATS_PER_PULL_MIN);
    return least.compareTo(PULL_EXPIRY) > 0 ? least : PULL_EXPIRY;
  }

  private void onMessage(Message message, List<StreamMessage> taken) {
    Delivery meta = Delivery.of(message);
    long sequence = meta.streamSequence();
    if (meta.consumerSequence() != lastDelivery + 1) {
      throw lost(
          "delivery "
              + meta.consumerSequence()
              + " came after delivery "
              + lastDelivery
              + ": what was between is lost on the way");
    }
    lastDelivery++;
    Pull answered = pulls.peek();
    if (answered != null) {
      answered.isEmpty = false;
      if (--answered.messagesLeft == 0) {
        pulls.remove();
      }
    }
    if (sequence <= lastSequence) {
      if (sequence <= acknowledgedSequence) {
        acknowledge(message.getReplyTo());
      }
      return;
    }
    if (meta.deliveredCount() > 1) {
      throw lost("message " + sequence + " was delivered before, but not to this reader");
    }
    lastSequence = sequence;
    unacknowledged.add(new Unacknowledged(sequence, message.getReplyTo()));
    taken.add(
        new StreamMessage(
            sequence, meta.time(), meta.pending(), message.getData(), headers(message)));
  }

  private static Map<String, String> headers(Message message) {
    Headers received = message.getHeaders();
    if (received == null) {
      return Map.of();
    }
    MessageHeaders headers = new MessageHeaders();
    for (String name : received.keySet()) {
      String value = received.getFirst(name);
      if (value != null) {
        headers.add(name, value);
      }
    }
    return headers.asMap();
  }

  private void onStatus(Message message) {
    Status status = message.getStatus();
    Pull pull = status.isHeartbeat() ? null : pullOf(message.getSubject());
    if (pull == null) {
      return; // a sign of life, or the end of a pull that was done
    }
    switch (status.getCode()) {
      case Status.NOT_FOUND_CODE, Status.REQUEST_TIMEOUT_CODE -> pulls.remove(pull);
      case CONFLICT -> onConflict(pull, status.getMessage());
      case Status.NO_RESPONDERS_CODE -> throw gone("it has no leader or does not exist any more");
      default -> throw lost("the server said: " + status.getMessageWithCode());
    }
  }

  private @Nullable Pull pullOf(String subject) {
    for (Pull pull : pulls) {
      if (pull.inbox.equals(subject)) {
        return pull;
      }
    }
    return null;
  }

  private void onConflict(Pull pull, String said) {
    if (said.equals(Status.MESSAGE_SIZE_EXCEEDS_MAX_BYTES)) {
      nextIsOversized = pull.isEmpty;
      pulls.remove(pull);
    } else if (said.equals(Status.BATCH_COMPLETED)) {
      pulls.remove(pull);
    } else if (said.equals(Status.CONSUMER_DELETED)) {
      throw gone("it was deleted");
    } else {
      throw lost("the server said: " + said);
    }
  }

  private StreamException gone(String how) {
    StreamException reason = explainLoss.apply("The " + name + " cannot be read: " + how);
    failure = reason;
    return reason;
  }

  private StreamException lost(String why) {
    StreamException reason =
        new StreamException("The " + name + " cannot be read on: " + why, true, null);
    failure = reason;
    return reason;
  }

  private void disconnected() {
    end(
        new StreamException(
            "The " + name + " cannot be read on: the connection broke", true, null));
  }

  /** Not where it has ended: another reader may have made the consumer anew, under its name. */
  @Override
  public void acknowledge(long sequence) {
    if (failure != null) {
      return;
    }
    acknowledgedSequence = Math.max(acknowledgedSequence, sequence);
    Unacknowledged last = null;
    while (!unacknowledged.isEmpty() && unacknowledged.peek().sequence() <= sequence) {
      last = unacknowledged.poll();
    }
    if (last != null) {
      acknowledge(last.replyTo());
    }
  }

  private void acknowledge(String replyTo) {
    try {
      client.publish(replyTo, ACK);
    } catch (IllegalStateException e) {
      LOG.debug("An acknowledgement for {} was not sent: {}", name, e.getMessage());
    }
  }

  @Override
  public void close() {
    connection.removeDisconnectListener(onDisconnect);
    end(new StreamException("The " + name + " was closed", false, null));
  }

  /** Wakes the reader; what it finds first stays the reason. */
  private void end(StreamException reason) {
    synchronized (onDisconnect) {
      if (failure == null) {
        failure = reason;
      }
    }
    try {
      subscription.unsubscribe();
    } catch (IllegalStateException e) {
      LOG.trace("{} had ended before: {}", name, e.getMessage());
    }
  }
}
