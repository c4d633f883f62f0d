package io.hasqlite.stream;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * How a stream is made and asked. {@link #defaults()} and the {@code with} methods change one
 * value.
 *
 * @param name the stream's name; also the first part of its subjects
 * @param replicas on how many servers of a cluster it is kept; 1 to 5; only used when it is made
 * @param maxAge how long it keeps messages; zero: for ever; only used when it is made
 * @param requestTimeout how long to wait for an answer of the server
 * @param consumerInactivity after how long without a reader a node's consumer is removed
 */
public record StreamOptions(
    String name,
    int replicas,
    Duration maxAge,
    Duration requestTimeout,
    Duration consumerInactivity) {

  private static final Pattern NAME = Pattern.compile("[^\\s.*>/\\\\\\p{Cntrl}]+");
  private static final int REPLICAS_MAX = 5;

  /** Validates the values. */
  public StreamOptions {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "A stream's name must not be empty nor hold white space or any of . * > / \\, but is \""
              + name
              + "\"");
    }
    if (replicas < 1 || replicas > REPLICAS_MAX) {
      throw new IllegalArgumentException(
          "A stream has 1 to " + REPLICAS_MAX + " replicas, not " + replicas);
    }
    if (maxAge.isNegative()) {
      throw new IllegalArgumentException("A stream's max-age must not be negative: " + maxAge);
    }
    positive("A request time-out", requestTimeout);
    positive("A consumer's inactivity", consumerInactivity);
  }

  private static void positive(String what, Duration value) {
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException(what + " must be positive, but is " + value);
    }
  }

  /**
   * Returns the defaults: {@code ha_replication}, 1 replica, 24 hours, requests of at most 5
   * seconds, consumers removed after 7 days.
   */
  public static StreamOptions defaults() {
    return new StreamOptions(
        "ha_replication", 1, Duration.ofHours(24), Duration.ofSeconds(5), Duration.ofDays(7));
  }

  /** Returns these options with another stream name. */
  public StreamOptions withName(String value) {
    return new StreamOptions(value, replicas, maxAge, requestTimeout, consumerInactivity);
  }

  /** Returns these options with another number of replicas. */
  public StreamOptions withReplicas(int value) {
    return new StreamOptions(name, value, maxAge, requestTimeout, consumerInactivity);
  }

  /** Returns these options with another age; zero: for ever. */
  public StreamOptions withMaxAge(Duration value) {
    return new StreamOptions(name, replicas, value, requestTimeout, consumerInactivity);
  }

  /** Returns these options with another request time-out. */
  public StreamOptions withRequestTimeout(Duration value) {
    return new StreamOptions(name, replicas, maxAge, value, consumerInactivity);
  }

  /** Returns these options with another inactivity of consumers. */
  public StreamOptions withConsumerInactivity(Duration value) {
    return new StreamOptions(name, replicas, maxAge, requestTimeout, value);
  }
}
