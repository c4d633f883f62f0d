package io.hasqlite.benchmarks;

import io.nats.client.Connection;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.PullSubscribeOptions;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reads a stream as an engine of this design does: through a durable consumer. For one thread. */
final class FloorConsumer {

  private static final int PULL_MAX = 500;
  private static final Duration PULL_EXPIRY = Duration.ofMinutes(10);
  private static final int UNACKNOWLEDGED_MAX = 10_000;
  private static final long ACKNOWLEDGE_NANOS = Duration.ofMillis(10).toNanos(); // as the engine

  private final JetStreamSubscription subscription;
  private int asked;
  private long acknowledgedAt = System.nanoTime();

  FloorConsumer(Connection nats, String subject, String durable, long first) throws Exception {
    subscription =
        nats.jetStream()
            .subscribe(
                subject,
                PullSubscribeOptions.builder()
                    .durable(durable)
                    .configuration(
                        ConsumerConfiguration.builder()
                            .ackPolicy(AckPolicy.All)
                            .maxAckPending(UNACKNOWLEDGED_MAX)
                            .deliverPolicy(DeliverPolicy.ByStartSequence)
                            .startSequence(first)
                            .build())
                    .build());
  }

  /** Returns the next message; null if none comes in time. */
  @Nullable Message next(@Nullable Duration wait) throws InterruptedException {
    while (asked <= PULL_MAX) { // two requests are with the server, as the engine's
      subscription.pullExpiresIn(PULL_MAX, PULL_EXPIRY);
      asked += PULL_MAX;
    }
    Message message = subscription.nextMessage(wait);
    if (message != null) {
      asked--;
    }
    return message;
  }

  /** Returns the next message if it is here already. */
  @Nullable Message next() throws InterruptedException {
    return next(null);
  }

  /** Reads no more. The consumer stays. */
  void end() {
    subscription.unsubscribe();
  }

  /** Acknowledges a message and all before it, now and then. */
  void applied(Message last) {
    if (System.nanoTime() - acknowledgedAt >= ACKNOWLEDGE_NANOS) {
      acknowledgedAt = System.nanoTime();
      last.ack();
    }
  }
}
