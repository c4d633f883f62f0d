package io.hasqlite;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** Lets threads wait until what others change has become as they need it. */
public final class Waiting {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  private volatile int waiters; // guarded by the lock; read by anyone

  /** Changes something, one thread at a time, and wakes all who wait. */
  public void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Wakes all who wait, because what they wait for may never come. */
  public void wakeUp() {
    change(() -> {});
  }

  /**
   * Waits until a condition holds.
   *
   * @param stop asked whenever the wait is woken: true to give up
   * @return false if it did not come to that in time
   */
  public boolean await(BooleanSupplier condition, Duration timeout, BooleanSupplier stop)
      throws InterruptedException {
    long nanos = timeout.toNanos();
    lock.lockInterruptibly();
    waiters++;
    try {
      while (!condition.getAsBoolean()) {
        if (nanos <= 0 || stop.getAsBoolean()) {
          return false;
        }
        nanos = changed.awaitNanos(nanos);
      }
      return true;
    } finally {
      waiters--;
      lock.unlock();
    }
  }

  /** Tells whether anybody waits. Never blocks. */
  public boolean isAwaited() {
    return waiters > 0;
  }
}
