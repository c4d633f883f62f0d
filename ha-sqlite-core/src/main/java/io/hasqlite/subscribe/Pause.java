package io.hasqlite.subscribe;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Whether a reader is to stand still. Set by any thread, awaited by the reader. */
final class Pause {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private volatile boolean set;

  void set(boolean pause) {
    lock.lock();
    try {
      set = pause;
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean isSet() {
    return set;
  }

  /** Waits until the pause ends, or for a while. */
  void awaitEnd(Duration timeout) throws InterruptedException {
    long nanos = timeout.toNanos();
    lock.lockInterruptibly();
    try {
      while (set && nanos > 0) {
        nanos = ended.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }
}
