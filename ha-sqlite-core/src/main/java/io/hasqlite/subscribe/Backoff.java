package io.hasqlite.subscribe;

import java.time.Duration;

/** Waits between attempts that double from one to the next. For one thread. */
final class Backoff {

  private static final int DOUBLINGS_MAX = 20;

  private final Duration min;
  private final Duration max;
  private int attempts;

  Backoff(Duration min, Duration max) {
    this.min = min;
    this.max = max;
  }

  /** Counts an attempt that failed, and returns how long to wait before the next one. */
  Duration failed() {
    Duration wait = min.multipliedBy(1L << Math.min(attempts, DOUBLINGS_MAX));
    attempts++;
    return wait.compareTo(max) < 0 ? wait : max;
  }

  /** Tells that an attempt succeeded. */
  void succeeded() {
    attempts = 0;
  }

  /** Returns how many attempts have failed since the last one that succeeded. */
  int failures() {
    return attempts;
  }
}
