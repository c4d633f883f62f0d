package io.hasqlite.apply;

import io.hasqlite.Position;
import io.hasqlite.Waiting;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * The position in memory: what the file says after the last commit that moved it. Moved by whoever
 * holds the write lock; read and awaited by any thread.
 */
public final class AppliedPosition {

  private final Waiting waiting = new Waiting();
  private volatile Position position;

  /** Starts at a position. */
  public AppliedPosition(Position start) {
    this.position = start;
  }

  /** Returns the position. Never blocks. */
  public Position get() {
    return position;
  }

  /** Moves the position, after the commit that moved it in the file. */
  public void moveTo(Position to) {
    waiting.change(() -> position = to);
  }

  /** Tells whether anybody waits for a sequence. Never blocks. */
  boolean isAwaited() {
    return waiting.isAwaited();
  }

  /** Wakes all who wait, because what they wait for may never come. */
  public void wakeUp() {
    waiting.wakeUp();
  }

  /**
   * Waits until a sequence is counted.
   *
   * @param stop asked whenever the wait is woken: true to give up
   * @return false if it was not in time
   */
  public boolean await(long sequence, Duration timeout, BooleanSupplier stop)
      throws InterruptedException {
    return waiting.await(() -> position.sequence() >= sequence, timeout, stop);
  }
}
