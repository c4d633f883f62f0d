package io.hasqlite.sqlite;

import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import java.sql.SQLTransactionRollbackException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Lets one writer of this process at a time into the database. Who waits gets it in the order of
 * coming; for 2 ms after one of them got it, who comes running may have it before them. The lock
 * belongs to its owner (a connection, or apply), not to a thread. Waiting here instead of in
 * SQLite's busy handler keeps the order and does not hold the carrier of a virtual thread. Safe for
 * use by several threads.
 */
public final class WriteLock {

  private final Semaphore permit = new Semaphore(1, true);
  private final AtomicReference<@Nullable Holder> holder = new AtomicReference<>();
  private volatile long turnEnds = System.nanoTime();

  /**
   * Each time that somebody got it who had waited, those who run and just come may have it for so
   * long without waiting behind the others. To wake a thread for each transaction would cost more
   * than the transaction.
   */
  private static final long TURN_NANOS = Duration.ofMillis(2).toNanos();

  /**
   * Waits for the lock. Does nothing if this owner holds it already.
   *
   * @param owner who will hold it
   * @param timeout how long to wait
   * @throws SQLException if it was not free in time (SQLState 40001), if the wait was interrupted
   *     (57014; the thread's interrupt status stays set), or at once if the calling thread is the
   *     one that last used the present owner and so would wait for itself (54000)
   */
  public void acquire(Object owner, Duration timeout) throws SQLException {
    Holder present = holder.get();
    if (present != null && present.owner == owner) {
      used(owner);
      return;
    }
    if (present != null && present.lastUser == Thread.currentThread()) {
      throw new SQLNonTransientException(
          "This thread has already written on another connection in a transaction that is still"
              + " open, and would now wait for itself: SQLite has one writer at a time. Usual"
              + " causes: Propagation.REQUIRES_NEW inside a writing transaction, or JPA's table or"
              + " sequence generators (GenerationType.AUTO or TABLE), which use a connection of"
              + " their own; use GenerationType.IDENTITY, or end the outer transaction first",
          "54000");
    }
    try {
      boolean turn = System.nanoTime() - turnEnds < 0;
      if (!(turn && permit.tryAcquire()) // which does not look at who waits
          && !awaitTurn(timeout)) {
        throw new SQLTransactionRollbackException(
            "The write lock was not free within "
                + timeout.toMillis()
                + " ms: another transaction writes; try again",
            "40001",
            SqliteErrors.BUSY);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("Interrupted while waiting for the write lock", "57014", e);
    }
    holder.set(new Holder(owner, Thread.currentThread()));
  }

  /** Tells whether anybody waits for the lock at this moment. Never blocks. */
  public boolean isAwaited() {
    return permit.hasQueuedThreads();
  }

  private boolean awaitTurn(Duration timeout) throws InterruptedException {
    if (!permit.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
      return false;
    }
    turnEnds = System.nanoTime() + TURN_NANOS;
    return true;
  }

  /** Tells that the calling thread uses this owner now, if it is the one that holds the lock. */
  public void used(Object owner) {
    Holder present = holder.get();
    if (present != null && present.owner == owner && present.lastUser != Thread.currentThread()) {
      holder.compareAndSet(present, new Holder(owner, Thread.currentThread()));
    }
  }

  /** Frees the lock if this owner holds it; otherwise does nothing. */
  public void release(Object owner) {
    Holder present = holder.get();
    while (present != null && present.owner == owner) {
      if (holder.compareAndSet(present, null)) {
        permit.release();
        return;
      }
      present = holder.get();
    }
  }

  private record Holder(Object owner, Thread lastUser) {}
}
