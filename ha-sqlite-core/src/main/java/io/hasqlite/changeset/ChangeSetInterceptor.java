package io.hasqlite.changeset;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sees, changes or skips the changesets that a node applies.
 *
 * <p>Nodes agree only if each of them does the same with each message. So an interceptor must be
 * present on all nodes in the same version, and its answers must depend on nothing but the
 * changeset and the rows that it reads through the given connection: not on the time, the node's
 * name, or anything kept in memory. With an interceptor a node's own transactions, too, are applied
 * at their place in the stream instead of being committed as they were written.
 *
 * <p>Both methods run inside the transaction that applies the changeset, on the thread that applies
 * everything, one changeset at a time in the order of the stream: what they take, all writers wait
 * for. A changeset may come again if that transaction is rolled back, for example when the process
 * dies before its commit; effects outside of the database must bear that.
 *
 * <p>An exception thrown here is never swallowed: the transaction is rolled back and replication
 * halts, visibly, until it is started again.
 *
 * <p>The changes of a large transaction are read from a file whenever they are iterated ({@link
 * LargeChanges}): an interceptor that copies them must have the memory for all of them.
 *
 * <p>The connection shows confirmed rows, those of the changesets before this one included. It is
 * for reading only and ends with the call: a statement that writes, {@code commit}, {@code
 * rollback} and {@code close} fail.
 */
public interface ChangeSetInterceptor {

  /**
   * Called before a changeset is applied.
   *
   * @param changeSet what the stream holds
   * @return the changeset itself to apply it; another one to apply that instead (with the same
   *     origin and the same transaction numbers; see {@link ChangeSet#withTransactions}); empty to
   *     skip it: then nothing of it is applied, {@link #after} is not called, and the position
   *     moves on
   * @throws SQLException to halt replication
   */
  default Optional<ChangeSet> before(ChangeSet changeSet, Connection connection)
      throws SQLException {
    return Optional.of(changeSet);
  }

  /**
   * Called after a changeset was applied, before the commit, or after that failed. A failure of
   * this machine (disk full, I/O) is not offered here: it halts in any case.
   *
   * @param changeSet what was applied, as {@link #before} returned it
   * @param failure why it could not be applied; null if it was. The rows are then as they were
   *     before it
   * @return the failure that remains: {@code failure} itself, or null to go on as if the changeset
   *     had been skipped
   * @throws SQLException to halt replication
   */
  default @Nullable SQLException after(
      ChangeSet changeSet, Connection connection, @Nullable SQLException failure)
      throws SQLException {
    return failure;
  }
}
