package io.hasqlite.testing;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits for what another thread does and does not tell: asks again until a deadline. */
public final class Eventually {

  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final Duration INTERVAL = Duration.ofMillis(10);

  private Eventually() {}

  /** What must hold. */
  public interface Assertion {
    /** Throws an {@link AssertionError} as long as it does not hold. */
    void check() throws Exception;
  }

  /** Returns when an assertion holds; throws what it throws last if it does not in time. */
  public static void holds(Assertion assertion) throws Exception {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (true) {
      try {
        assertion.check();
        return;
      } catch (AssertionError e) {
        if (System.nanoTime() - end >= 0) {
          throw e;
        }
      }
      LockSupport.parkNanos(INTERVAL.toNanos());
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }
}
