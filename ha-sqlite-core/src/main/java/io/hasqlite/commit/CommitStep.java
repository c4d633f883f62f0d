package io.hasqlite.commit;

import io.hasqlite.changeset.Change;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ends a transaction that changed something: gives its changes their place in the order and ends
 * the local transaction accordingly.
 */
public interface CommitStep {

  /**
   * Ends the transaction. On return it is committed; on an exception it is rolled back here, and
   * the write lock is free either way.
   *
   * @param changes what it changed; not empty
   * @param ddl whether it changed the schema or wrote a virtual table, so that nothing may come
   *     between what it saw and its place
   * @return a warning for the connection, or null
   * @throws CommitConflictException if a statement that must not be overtaken was
   * @throws SQLException if it was not committed, or if that is in doubt (SQLState 08007)
   */
  @Nullable SQLWarning commit(OpenTransaction transaction, List<Change> changes, boolean ddl)
      throws SQLException;

  /**
   * Waits until a transaction may begin: it would see all that this node has committed before. To
   * be called without the write lock to wait, or with it and no time to ask.
   *
   * @param mustBeNext whether it will change the schema or write a virtual table, so that nothing
   *     of this node may be pending
   * @return false if it may not in time
   */
  default boolean awaitCommitted(boolean mustBeNext, Duration timeout) throws SQLException {
    return true;
  }

  /**
   * Waits while another's fence keeps the calling thread from committing, at most for the fence's
   * expiry. To be called without the write lock; {@link #awaitCommitted} tells with it whether one
   * does.
   *
   * @param mustBeNext as for {@link #awaitCommitted}
   * @param atMost a shorter time to wait
   * @return how long that took; zero if there was none
   * @throws SQLException (40001) if it was not over in time, or if the thread commits under a fence
   *     that is over
   */
  default Duration awaitFence(boolean mustBeNext, Duration atMost) throws SQLException {
    return Duration.ZERO;
  }

  /**
   * Holds off other transactions of this node while one waits that nothing of the node may be
   * pending before; or lets them go on. Each call with true is followed by one with false.
   */
  default void holdOthers(boolean hold) {}

  /** Tells whether a transaction has its place in the order of all when its commit returns. */
  default boolean isOrderedAtOnce() {
    return true;
  }

  /**
   * Waits until this node has applied what made a transaction fail with a conflict, so that running
   * it again makes sense.
   *
   * @return false if it did not within the publisher's timeout
   */
  boolean awaitCaughtUp(CommitConflictException conflict) throws SQLException;
}
