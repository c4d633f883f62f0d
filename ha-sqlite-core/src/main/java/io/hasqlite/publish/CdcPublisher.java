package io.hasqlite.publish;

import io.hasqlite.changeset.ChangeSet;
import java.io.IOException;

/**
 * Takes the changesets of committing transactions. Called while the transaction is open and holds
 * the database's write lock, before its COMMIT: every writer of this node waits for it.
 *
 * <p>Only a {@link SequencedPublisher} takes part in the order that makes all nodes equal. With any
 * other one a node commits locally as soon as {@link #publish} returns: it neither waits for other
 * nodes nor agrees with them about conflicts, and its health says so.
 *
 * <p>Implementations must be safe for use by several threads.
 */
public interface CdcPublisher {

  /**
   * Publishes a changeset. Returning means that it is out of this process's hands as far as the
   * publisher promises anything.
   *
   * <p>Consumers must expect changesets twice, and ones whose transaction never committed: an
   * exception rolls the transaction back, but some or all of it may have been published already,
   * and a COMMIT can still fail afterwards.
   *
   * @throws IOException if it could not be published; the transaction is rolled back and the
   *     application gets the exception as the cause of an {@link java.sql.SQLException}. The same
   *     holds for any other exception
   */
  void publish(ChangeSet changeSet) throws IOException;
}
