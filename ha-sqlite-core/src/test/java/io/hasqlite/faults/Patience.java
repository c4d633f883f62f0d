package io.hasqlite.faults;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for what another process does and does not tell. */
final class Patience {

  private static final long INTERVAL_NANOS = Duration.ofMillis(50).toNanos();

  private Patience() {}

  /** Waits until something is so; false if it is not in time. */
  static boolean until(Duration patience, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      pause();
    }
    return true;
  }

  /** Waits a moment before something is asked again. */
  static void pause() throws InterruptedException {
    LockSupport.parkNanos(INTERVAL_NANOS);
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }
}
