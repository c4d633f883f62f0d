package io.hasqlite.subscribe;

import io.hasqlite.NodeId;
import io.hasqlite.apply.AppliedPosition;
import io.hasqlite.apply.ApplyException;
import io.hasqlite.sqlite.SqliteErrors;
import io.hasqlite.stream.StreamException;
import io.hasqlite.subscribe.SubscriberStatus.State;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a subscriber follows the stream, and why not. Its own thread changes it; any thread may
 * read it.
 */
final class FollowState {

  private static final Logger log = LoggerFactory.getLogger(StreamSubscriber.class);

  private static final Duration RETRY_WAIT_MIN = Duration.ofMillis(50);
  private static final Duration RETRY_WAIT_MAX = Duration.ofSeconds(5);

  private final String name;
  private final NodeId node;
  private final AppliedPosition position;
  private final Clock clock;
  private final Backoff retries = new Backoff(RETRY_WAIT_MIN, RETRY_WAIT_MAX);
  private volatile State state = State.OFF;
  private volatile @Nullable String problem;
  private volatile @Nullable PastProblem lastProblem;
  private boolean progressed;
  private @Nullable String said;
  private long stuckAt; // the first sequence that could not be written; 0 for none

  /**
   * @param name the database's name, for the log
   */
  FollowState(String name, NodeId node, AppliedPosition position, Clock clock) {
    this.name = name;
    this.node = node;
    this.position = position;
    this.clock = clock;
  }

  State state() {
    return state;
  }

  @Nullable String problem() {
    return problem;
  }

  /** Returns what was last met, also when it is over. */
  @Nullable PastProblem lastProblem() {
    return lastProblem;
  }

  boolean isHalted() {
    return state == State.HALTED;
  }

  /** Nothing is wrong, but it does not follow either. */
  void is(State now) {
    state = now;
  }

  void paused(String how) {
    problem = how;
    state = State.PAUSED;
  }

  /** What was wrong is over; it is yet to be seen whether the stream can be followed. */
  void starting() {
    problem = null;
    state = State.STARTING;
  }

  /** All is well, unless what could not be applied still waits. */
  void following() {
    if (state == State.FOLLOWING || position.get().sequence() < stuckAt) {
      return;
    }
    state = State.FOLLOWING;
    problem = null;
    stuckAt = 0;
    if (retries.failures() > 0) {
      log.info("Database {} follows the stream again after {} failures", name, retries.failures());
    }
  }

  /** Something was read and applied, or there was nothing to read. */
  void progressed() {
    progressed = true;
  }

  /** Nothing waits, so what could not be written was no message. */
  void level() {
    stuckAt = 0;
  }

  /** Tells whether it may help to try again. */
  static boolean isRetryable(Throwable failure) {
    if (failure instanceof StreamException stream) {
      return stream.isRetryable();
    }
    if (failure instanceof ApplyException apply) {
      return apply.isRetryable();
    }
    return failure instanceof PayloadNotWrittenException
        || failure instanceof SQLException sql && SqliteErrors.isLocal(sql);
  }

  /** It failed and is to be tried again; returns after which time. */
  Duration retrying(Throwable cause) {
    if (progressed) {
      retries.succeeded();
    }
    progressed = false;
    String met = describe(cause);
    met(met);
    state = State.RETRYING;
    if (!(cause instanceof StreamException)) {
      stuckAt = position.get().sequence() + 1;
    }
    if (retries.failures() == 0 || !met.equals(said)) {
      log.warn("Database {} does not follow the stream at the moment, trying again: {}", name, met);
      said = met;
    }
    return retries.failed();
  }

  /** It cannot go on before a snapshot is restored, which fails. */
  void awaitingSnapshot(MessagesMissingException missing, Exception failure) {
    String needed = missing.getMessage() + ". " + failure.getMessage() + ". It is looked for again";
    if (!isHalted()) {
      log.error("Replication of database {} on node {} has halted: {}", name, node, needed);
    }
    met(needed);
    state = State.HALTED;
  }

  /** It must not go on. */
  void halted(Throwable cause) {
    met(describe(cause));
    state = State.HALTED;
    log.error(
        "Replication of database {} on node {} has halted at position {}; a human must act",
        name,
        node,
        position.get().sequence(),
        cause);
  }

  private void met(String what) {
    problem = what;
    lastProblem = new PastProblem(clock.instant(), what);
  }

  private String describe(Throwable cause) {
    String message = String.valueOf(cause.getMessage() == null ? cause : cause.getMessage());
    if (cause instanceof StreamException || cause instanceof HaltException) {
      return message;
    }
    if (!(cause instanceof ApplyException || cause instanceof PayloadNotWrittenException)) {
      message =
          "What follows position "
              + position.get().sequence()
              + " of the stream could not be applied: "
              + message;
    }
    return isRetryable(cause)
        ? message + ". Nothing is lost: it is tried again until this machine can write"
        : message;
  }
}
