package io.hasqlite.commit;

import io.hasqlite.Origin;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.publish.CdcPublisher;
import io.hasqlite.stream.PublishInDoubtException;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import java.sql.SQLWarning;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Commits when a publisher that gives no place in the order has taken the changes. If COMMIT fails
 * afterwards, the publisher has a transaction that this node does not: {@code in doubt}.
 */
public final class LocalCommit implements CommitStep {

  private final Origin origin;
  private final String filename;
  private final CdcPublisher publisher;
  private final Clock clock;
  private long lastNumber; // guarded by the write lock

  /** Creates the step that all connections of an engine share. */
  public LocalCommit(Origin origin, String filename, CdcPublisher publisher, Clock clock) {
    this.origin = origin;
    this.filename = filename;
    this.publisher = publisher;
    this.clock = clock;
  }

  @Override
  public @Nullable SQLWarning commit(OpenTransaction transaction, List<Change> changes, boolean ddl)
      throws SQLException {
    boolean published = false;
    try {
      CommitChecks.check(transaction);
      Instant now = clock.instant();
      publisher.publish(
          new ChangeSet(
              origin,
              filename,
              now.getEpochSecond() * 1_000_000_000L + now.getNano(),
              List.of(new Transaction(++lastNumber, 0, changes)),
              Set.of()));
      published = true;
    } catch (PublishInDoubtException e) {
      throw new CommitInDoubtException(
          "Transaction "
              + lastNumber
              + " of "
              + origin
              + " on \""
              + filename
              + "\" is in doubt, the stream did not answer: it was rolled back here, but the stream"
              + " may have it",
          e);
    } catch (IOException | RuntimeException e) {
      throw new SQLNonTransientException(
          "Nothing was committed to \""
              + filename
              + "\" on node "
              + origin.node()
              + ": the publisher failed: "
              + e.getMessage(),
          "58030",
          e);
    } finally {
      if (!published) {
        transaction.rollback();
      }
    }
    try {
      transaction.commit(() -> {});
      return null;
    } catch (SQLException e) {
      throw new CommitInDoubtException(
          "Transaction "
              + lastNumber
              + " of "
              + origin
              + " was published, but COMMIT failed on \""
              + filename
              + "\": the file does not have it",
          e);
    }
  }

  @Override
  public boolean awaitCaughtUp(CommitConflictException conflict) {
    return false;
  }
}
