package io.hasqlite.stream;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.Objects;

/**
 * Where a node starts to read that has no position yet. The words are go-ha's.
 *
 * @see #parse
 */
public sealed interface DeliverPolicy {

  /** Everything that the stream holds. */
  DeliverPolicy ALL = new Named("all");

  /** The last message and what follows. */
  DeliverPolicy LAST = new Named("last");

  /** Only what is stored from now on. */
  DeliverPolicy NEW = new Named("new");

  /** One of the policies without a value; use the constants. */
  record Named(String name) implements DeliverPolicy {
    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * A message and what follows.
   *
   * @param sequence its sequence; at least 1
   */
  record ByStartSequence(long sequence) implements DeliverPolicy {

    /** Validates the sequence. */
    public ByStartSequence {
      if (sequence < 1) {
        throw new IllegalArgumentException("A start sequence is 1 or larger, but is " + sequence);
      }
    }

    @Override
    public String toString() {
      return BY_START_SEQUENCE + sequence;
    }
  }

  /**
   * What was stored at a time or later, by the server's clock.
   *
   * @param time the time
   */
  record ByStartTime(Instant time) implements DeliverPolicy {

    /** Validates the time. */
    public ByStartTime {
      Objects.requireNonNull(time, "time");
    }

    @Override
    public String toString() {
      return BY_START_TIME + START_TIME.format(time.atOffset(ZoneOffset.UTC));
    }
  }

  /** What stands before the sequence. */
  String BY_START_SEQUENCE = "by_start_sequence=";

  /** What stands before the time. */
  String BY_START_TIME = "by_start_time=";

  /** How the time is written; it is UTC. */
  DateTimeFormatter START_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss").withResolverStyle(ResolverStyle.STRICT);

  /**
   * Reads a policy: {@code all}, {@code last}, {@code new}, {@code by_start_sequence=42} or {@code
   * by_start_time=2026-01-31 10:00:00} (UTC).
   *
   * @throws IllegalArgumentException if the text is none of these; the message says which are
   */
  static DeliverPolicy parse(String text) {
    String policy = text.trim();
    try {
      if (policy.startsWith(BY_START_SEQUENCE)) {
        return new ByStartSequence(
            Long.parseLong(policy.substring(BY_START_SEQUENCE.length()).trim()));
      }
      if (policy.startsWith(BY_START_TIME)) {
        String time = policy.substring(BY_START_TIME.length()).trim();
        return new ByStartTime(LocalDateTime.parse(time, START_TIME).toInstant(ZoneOffset.UTC));
      }
    } catch (NumberFormatException | DateTimeParseException e) {
      throw unreadable(text, e);
    }
    return switch (policy) {
      case "all" -> ALL;
      case "last" -> LAST;
      case "new" -> NEW;
      default -> throw unreadable(text, null);
    };
  }

  private static IllegalArgumentException unreadable(
      String text, @org.jspecify.annotations.Nullable Exception cause) {
    return new IllegalArgumentException(
        "The deliver policy \""
            + text
            + "\" is none of all, last, new, by_start_sequence=N (N is 1 or larger),"
            + " by_start_time=yyyy-MM-dd HH:mm:ss (UTC)",
        cause);
  }
}
