package io.hasqlite.sqlite;

import java.sql.SQLException;
import java.time.Duration;

/**
 * Lets one writer of this process at a time into the database, in the order in which they came. The
 * lock belongs to its owner (a connection, or apply), not to a thread.
 */
public final class WriteLock {

  /**
   * Waits for the lock.
   *
   * @param owner who will hold it
   * @param timeout how long to wait
   * @throws SQLException if it was not free in time, if the wait was interrupted, or at once if the
   *     calling thread is the one that last used the present owner and so would wait for itself
   */
  public void acquire(Object owner, Duration timeout) throws SQLException {}

  /** Frees the lock if this owner holds it; otherwise does nothing. */
  public void release(Object owner) {}
}
