package io.hasqlite.jdbc;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The timer of query timeouts, one daemon thread for all connections of a database. (The driver's
 * own query timeout only sets how long SQLite waits for a lock.)
 */
public final class QueryTimer implements AutoCloseable {

  // SQLite forgets an interrupt that comes just before a statement begins to run.
  private static final long REPEAT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final ScheduledThreadPoolExecutor executor;

  /** Creates a timer; its thread starts with the first timeout. */
  public QueryTimer() {
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "ha-sqlite-query-timer");
              thread.setDaemon(true);
              return thread;
            });
    executor.setRemoveOnCancelPolicy(true);
  }

  /** Runs a task after a delay, and again and again until it is cancelled. */
  Future<?> repeatAfter(long delayNanos, Runnable task) {
    return executor.scheduleWithFixedDelay(task, delayNanos, REPEAT_NANOS, TimeUnit.NANOSECONDS);
  }

  /** Stops the timer. May be called twice. */
  @Override
  public void close() {
    executor.shutdownNow();
  }
}
