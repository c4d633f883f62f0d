package io.hasqlite.subscribe;

import io.hasqlite.stream.ChangeConsumer;
import java.time.Duration;

/**
 * Tells the server what is applied: at once after a pause, else every 10 ms. It serves all nodes,
 * and each acknowledgement costs it, and the client here, as much as a message. For one thread.
 */
final class Acknowledgements {

  private static final long INTERVAL_NANOS = Duration.ofMillis(10).toNanos();

  private final ChangeConsumer consumer;
  private long applied;
  private long sent;
  private long sentAt = System.nanoTime() - INTERVAL_NANOS;

  Acknowledgements(ChangeConsumer consumer) {
    this.consumer = consumer;
  }

  /** Takes down that all up to a sequence is applied. */
  void applied(long sequence) {
    applied = sequence;
    if (nanosLeft() <= 0) {
      send();
    }
  }

  /** Returns how long the next message may be waited for before {@link #send} is due. */
  Duration patience(Duration atMost) {
    return applied == sent ? atMost : Duration.ofNanos(Math.max(0, nanosLeft()));
  }

  /** Tells the server now; returns false if it has been told all. */
  boolean send() {
    if (applied == sent) {
      return false;
    }
    consumer.acknowledge(applied);
    sent = applied;
    sentAt = System.nanoTime();
    return true;
  }

  private long nanosLeft() {
    return INTERVAL_NANOS - (System.nanoTime() - sentAt);
  }
}
