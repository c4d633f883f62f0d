package io.hasqlite.subscribe;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a subscriber is doing.
 *
 * @param state its state
 * @param lastSequence the last message of this database in the stream, as last heard
 * @param lagMessages how many messages of this database the stream holds that are not applied here,
 *     as last heard
 * @param lag how long ago this node surely was level with the stream; zero while it is
 * @param lastProblem what last kept it from following, also when that is over; null for nothing
 * @param problem why it is not following, and what to do; null if all is well
 */
public record SubscriberStatus(
    State state,
    long lastSequence,
    long lagMessages,
    Duration lag,
    @Nullable PastProblem lastProblem,
    @Nullable String problem) {

  /** The states. */
  public enum State {
    /** It is not started, or this node does not subscribe. */
    OFF,
    /** It was started and has not reached the stream yet. */
    STARTING,
    /** It reads and applies. */
    FOLLOWING,
    /** The stream is away, or this machine cannot write the database; it tries again. */
    RETRYING,
    /** It stands still until someone lets it go on. */
    PAUSED,
    /** It stopped, since going on would lose something. A human must act. */
    HALTED,
    /** It was closed. */
    CLOSED
  }

  static final SubscriberStatus OFF =
      new SubscriberStatus(State.OFF, 0, 0, Duration.ZERO, null, null);
}
