package io.hasqlite.commit;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Numbers the transactions of one life of an engine. A number is used up even if its transaction is
 * rolled back: a message with it may be on its way.
 */
public final class TransactionNumbers {

  private final AtomicLong last = new AtomicLong();

  /** Returns the next number. */
  long next() {
    return last.incrementAndGet();
  }
}
