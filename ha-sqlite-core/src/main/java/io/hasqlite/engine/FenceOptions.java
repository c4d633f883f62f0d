package io.hasqlite.engine;

import java.time.Duration;

/**
 * How to have the database for oneself; see {@link HaSqlite#exclusively}.
 *
 * @param purpose what for: shown to people where it is waited for
 * @param timeout how long to wait until nobody else has it
 * @param expiry how long the node that has it may be silent (killed, frozen, cut off from NATS)
 *     before others go on without it; also how long a transaction that is held off waits before it
 *     fails with SQLState 40001. At most an hour
 */
public record FenceOptions(String purpose, Duration timeout, Duration expiry) {

  /** Long enough for another node's long migration. */
  public static final Duration TIMEOUT_DEFAULT = Duration.ofMinutes(5);

  /** Longer than a pause of the JVM or the restart of a server. */
  public static final Duration EXPIRY_DEFAULT = Duration.ofSeconds(15);

  private static final Duration EXPIRY_MAX = Duration.ofHours(1);

  /** Validates the options. */
  public FenceOptions {
    if (purpose.isBlank()) {
      throw new IllegalArgumentException("A fence needs a purpose");
    }
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("The timeout must not be negative: " + timeout);
    }
    if (expiry.toMillis() < 1 || expiry.compareTo(EXPIRY_MAX) > 0) {
      throw new IllegalArgumentException(
          "The expiry must be between a millisecond and an hour, but is " + expiry);
    }
  }

  /** Returns the options with {@link #TIMEOUT_DEFAULT} and {@link #EXPIRY_DEFAULT}. */
  public static FenceOptions of(String purpose) {
    return new FenceOptions(purpose, TIMEOUT_DEFAULT, EXPIRY_DEFAULT);
  }
}
