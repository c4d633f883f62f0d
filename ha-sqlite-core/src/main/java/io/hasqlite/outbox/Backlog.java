package io.hasqlite.outbox;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What waits in the outbox at one moment.
 *
 * @param transactions how many transactions
 * @param bytes the bytes of their changes
 * @param oldest when the oldest of them was committed; null if there is none
 */
public record Backlog(long transactions, long bytes, @Nullable Instant oldest) {

  /** Returns for how long the oldest has waited; zero if nothing waits. */
  public Duration age(Instant now) {
    if (oldest == null || oldest.isAfter(now)) {
      return Duration.ZERO; // the clock may have been set back
    }
    return Duration.between(oldest, now);
  }

  /** Nothing waits. */
  public static final Backlog EMPTY = new Backlog(0, 0, null);
}
