package io.hasqlite.commit;

import io.hasqlite.FaultPoint;
import io.hasqlite.apply.AppliedPosition;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.apply.Fence;
import io.hasqlite.apply.Fences;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.LargeChanges;
import io.hasqlite.changeset.TooLargeException;
import io.hasqlite.outbox.Outbox;
import io.hasqlite.publish.Relay;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Commits in the file, the changes in the outbox included, and lets a relay publish them: the
 * stream may be away. The node then shows the confirmed state with its own pending transactions on
 * top. What cannot be undone, a change of the schema or of a virtual table, and what must not be
 * overtaken is committed like a synchronous transaction, once nothing is pending.
 */
public final class AsyncCommit implements CommitStep {

  private final SyncCommit.Settings settings;
  private final TransactionNumbers numbers;
  private final Outbox outbox;
  private final Relay relay;
  private final SyncCommit certified;
  private final boolean awaitAck;
  private final BooleanSupplier othersFollow;
  private final ControlTables controlTables;
  private final AppliedPosition position;
  private final CommitListener listener;

  /**
   * Creates the step that all connections of an engine share.
   *
   * @param numbers the same as those of {@code certified}
   * @param certified commits what cannot be undone
   * @param awaitAck whether a commit returns only when the stream has the transaction
   * @param othersFollow whether other writers wait to commit, which the next message may as well
   *     take
   */
  public AsyncCommit(
      SyncCommit.Settings settings,
      TransactionNumbers numbers,
      Outbox outbox,
      Relay relay,
      SyncCommit certified,
      boolean awaitAck,
      BooleanSupplier othersFollow,
      ControlTables controlTables,
      AppliedPosition position,
      CommitListener listener) {
    this.settings = settings;
    this.numbers = numbers;
    this.outbox = outbox;
    this.relay = relay;
    this.certified = certified;
    this.awaitAck = awaitAck;
    this.othersFollow = othersFollow;
    this.controlTables = controlTables;
    this.position = position;
    this.listener = listener;
  }

  @Override
  public @Nullable SQLWarning commit(OpenTransaction transaction, List<Change> changes, boolean ddl)
      throws SQLException {
    if (ddl || transaction.isolation().mayConflict() || fences().isHeldHere()) {
      return certified.commit(transaction, changes, ddl);
    }
    long start = System.nanoTime();
    long number = numbers.next();
    long place;
    boolean ended = false;
    try {
      certified.refuseWhileHalted();
      if (isFenceOfThisProcess()) {
        fences().here();
      }
      CommitChecks.check(transaction);
      place = write(transaction.session(), number, changes);
      relay.committing(place);
      FaultPoint.OUTBOX_WRITTEN.reached();
      ended = true;
      transaction.commit(outbox::committed);
      FaultPoint.COMMITTED.reached();
    } catch (TooLargeException | LargeChanges.ReadFailedException e) {
      throw certified.notCommitted(e);
    } finally {
      if (!ended) {
        transaction.rollback();
      }
    }
    relay.wakeUp();
    if (awaitAck && !othersFollow.getAsBoolean()) {
      relay.hurry();
    }
    listener.captured(changes.size());
    SQLWarning warning = awaitAck ? awaitAcknowledged(place) : null;
    listener.committed(System.nanoTime() - start, true);
    return warning;
  }

  private long write(SqliteSession session, long number, List<Change> changes) throws SQLException {
    if (!controlTables.isPresent(session)) {
      controlTables.begin(session, position.get(), settings.streamCreated().get());
    }
    outbox.begun();
    return outbox.add(session, settings.origin(), number, position.get().sequence(), changes);
  }

  private @Nullable SQLWarning awaitAcknowledged(long place) {
    try {
      if (outbox.awaitSent(
          place, settings.timeout(), () -> relay.isStopped() || certified.isHalted())) {
        return null;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    listener.notAcknowledged();
    String halted = settings.halted().get();
    return new SQLWarning(
        "Committed on node "
            + settings.origin().node()
            + ", but the stream did not acknowledge it within "
            + settings.timeout().toMillis()
            + " ms: it is sent as soon as that is possible"
            + (halted == null ? "" : ". Replication has halted: " + halted),
        "01000");
  }

  @Override
  public boolean awaitCommitted(boolean mustBeNext, Duration timeout) throws SQLException {
    if (mustBeNext || fences().isHeldHere()) {
      return certified.awaitCommitted(true, timeout);
    }
    if (isFenceOfThisProcess()) {
      return false;
    }
    try {
      return outbox.awaitTurn(timeout, certified::isHalted) || certified.isHalted();
    } catch (InterruptedException e) {
      throw SyncCommit.interrupted(e);
    }
  }

  /**
   * Under another node's fence this one goes on and keeps to itself what it commits. Under one of
   * its own it must not: what the holder commits waits until nothing is pending.
   */
  @Override
  public Duration awaitFence(boolean mustBeNext, Duration atMost) throws SQLException {
    return mustBeNext || fences().isHeldHere() || isFenceOfThisProcess()
        ? certified.awaitFence(mustBeNext, atMost)
        : Duration.ZERO;
  }

  private Fences fences() {
    return controlTables.fences();
  }

  private boolean isFenceOfThisProcess() {
    Fence open = fences().open();
    return open != null && open.holder().equals(settings.origin());
  }

  @Override
  public boolean isOrderedAtOnce() {
    return false;
  }

  @Override
  public void holdOthers(boolean hold) {
    outbox.holdOthers(hold);
  }

  @Override
  public boolean awaitCaughtUp(CommitConflictException conflict) throws SQLException {
    return certified.awaitCaughtUp(conflict);
  }
}
