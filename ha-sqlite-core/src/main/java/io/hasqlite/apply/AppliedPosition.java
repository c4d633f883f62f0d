package io.hasqlite.apply;

import io.hasqlite.Position;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The position in memory: what the file says after the last commit that moved it. Moved by whoever
 * holds the write lock; read and awaited by any thread.
 */
public final class AppliedPosition {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
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
    lock.lock();
    try {
      position = to;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Wakes all who wait, because what they wait for may never come. */
  public void wakeUp() {
    lock.lock();
    try {
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until a sequence is counted.
   *
   * @param stop asked whenever the wait is woken: true to give up
   * @return false if it was not in time
   */
  public boolean await(long sequence, Duration timeout, java.util.function.BooleanSupplier stop)
      throws InterruptedException {
    long nanos = timeout.toNanos();
    lock.lockInterruptibly();
    try {
      while (position.sequence() < sequence) {
        if (nanos <= 0 || stop.getAsBoolean()) {
          return false;
        }
        nanos = moved.awaitNanos(nanos);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
