package io.hasqlite.verify;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Works a twentieth of the time at most, so that even on one processor the others lose no more than
 * that. For one thread.
 */
final class SlowPace implements Pace {

  private static final int ROWS_BETWEEN_LOOKS = 16;
  private static final long WORK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final int PAUSE_PER_WORK = 19;

  private final CountDownLatch stop;
  private long began = System.nanoTime();
  private int rows;

  /** Creates a pace that ends with an interrupt when the latch is open. */
  SlowPace(CountDownLatch stop) {
    this.stop = stop;
  }

  @Override
  public void tick() throws InterruptedException {
    if (++rows % ROWS_BETWEEN_LOOKS != 0) {
      return;
    }
    long worked = System.nanoTime() - began;
    if (worked < WORK_NANOS) {
      return;
    }
    if (stop.await(worked * PAUSE_PER_WORK, TimeUnit.NANOSECONDS)) {
      throw new InterruptedException("The comparison was stopped");
    }
    began = System.nanoTime();
  }
}
