package io.hasqlite.apply;

import io.hasqlite.Origin;
import io.hasqlite.capture.TriggerCapture;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.outbox.Outbox;
import io.hasqlite.outbox.PendingTransaction;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps this node's pending transactions on top of the confirmed state while others' are applied
 * below them: those that overlap with what is pending are applied after all of that was undone, and
 * then it is done again. All within the transaction of a batch, so that nobody sees it undone.
 */
final class Rebase {

  /** Does one change of a pending transaction again. */
  interface Redo {
    void apply(PendingTransaction transaction, Change change) throws SQLException;
  }

  private static final int TRANSACTIONS_AT_ONCE = 100;
  private static final int EFFECTS_AT_ONCE = 500;

  private final TriggerCapture capture;
  private final SqliteSession session;
  private final Outbox outbox;
  private final RowApplier rows;
  private final RowUndo rowUndo;
  private final PendingKeys keys;

  private final Deque<PendingTransaction> ahead = new ArrayDeque<>();
  private int headsAtOnce = 1;
  private @Nullable PendingTransaction head;
  private boolean headKnown;
  private boolean undone;
  private final List<PendingTransaction> confirmed = new ArrayList<>();

  Rebase(TriggerCapture capture, Outbox outbox, UsersTriggers usersTriggers, RowApplier rows) {
    this.capture = capture;
    this.session = capture.session();
    this.outbox = outbox;
    this.rows = rows;
    this.rowUndo = new RowUndo(capture, usersTriggers);
    this.keys = new PendingKeys(outbox);
  }

  /**
   * Tells that the transaction of a batch begins.
   *
   * @param transactions how many the batch has: no more than those can be heads
   */
  void begin(int transactions) {
    headsAtOnce = Math.max(1, Math.min(transactions, TRANSACTIONS_AT_ONCE));
    outbox.begun();
  }

  /** Returns the oldest pending transaction whose message was not yet counted; null if none. */
  private @Nullable PendingTransaction head() throws SQLException {
    if (!headKnown) {
      long after = confirmed.isEmpty() ? 0 : confirmed.get(confirmed.size() - 1).place();
      if (ahead.isEmpty()) {
        ahead.addAll(outbox.committedAfter(session, after, headsAtOnce, Long.MAX_VALUE));
      }
      head = ahead.poll();
      headKnown = true;
    }
    return head;
  }

  /** Tells whether the tables do not show what is pending at this moment. */
  boolean isUndone() {
    return undone;
  }

  /** Tells whether a transaction of the stream is the oldest pending one. */
  boolean isHead(Origin origin, Transaction transaction) throws SQLException {
    PendingTransaction first = head();
    if (first == null || !first.origin().node().equals(origin.node())) {
      return false;
    }
    if (first.origin().equals(origin) && first.number() == transaction.number()) {
      return true;
    }
    if (outbox.holdsUpTo(session, first.place(), origin, transaction.number())) {
      throw overtaken(origin, transaction, first);
    }
    return false;
  }

  private static IllegalStateException overtaken(
      Origin origin, Transaction transaction, PendingTransaction first) {
    return new IllegalStateException(
        "Transaction "
            + transaction.number()
            + " of "
            + origin
            + " is in the stream although an earlier one of the same origin is not; the oldest that"
            + " waits here is "
            + first.number()
            + " of "
            + first.origin());
  }

  /** Tells whether a transaction of another node may see what is pending, or be seen by it. */
  boolean isInTheWayOf(Transaction transaction) throws SQLException {
    PendingTransaction first = head();
    return first != null
        && !undone
        && keys.overlap(session, capture.currentSchema(), first.place(), transaction.changes());
  }

  /** Undoes all that is pending, unless that was done. */
  void undo() throws SQLException {
    PendingTransaction first = head();
    if (first == null || undone) {
      return;
    }
    long before = Long.MAX_VALUE;
    while (before > first.place()) {
      for (PendingTransaction next : outbox.before(session, before, TRANSACTIONS_AT_ONCE)) {
        before = next.place();
        if (before < first.place()) {
          break; // its message was counted before in this batch: it is part of the confirmed state
        }
        boolean exact = outbox.isRedone(session, next); // by apply, whose log has everything
        outbox.effectsBackwards(session, next, effect -> rowUndo.undo(effect, exact));
      }
    }
    capture.discard();
    keys.forget();
    undone = true;
  }

  /** Tells that the message of the oldest pending transaction is counted. */
  void confirm() throws SQLException {
    confirmed.add(java.util.Objects.requireNonNull(head()));
    headKnown = false;
  }

  /**
   * Brings the outbox and the tables into the state that the batch ends with; returns how many
   * transactions were done again.
   */
  long finish(Redo redo) throws SQLException {
    outbox.remove(session, confirmed);
    return undone ? redo(redo) : 0;
  }

  /** Does all that is pending, which the tables do not show; returns how many that are. */
  long redo(Redo redo) throws SQLException {
    long count = 0;
    capture.logEffects(true);
    long after = 0;
    List<PendingTransaction> next;
    while (!(next = outbox.after(session, after, TRANSACTIONS_AT_ONCE)).isEmpty()) {
      for (PendingTransaction transaction : next) {
        after = transaction.place();
        redo(redo, transaction);
        count++;
      }
    }
    capture.logEffects(false);
    undone = false;
    return count;
  }

  private void redo(Redo redo, PendingTransaction transaction) throws SQLException {
    outbox.dropEffects(session, transaction);
    List<Change> effects = new ArrayList<>();
    rows.recordEffects(effects);
    try {
      for (Change change : outbox.payload(session, transaction)) {
        redo.apply(transaction, change);
        if (effects.size() >= EFFECTS_AT_ONCE) {
          outbox.addEffects(session, transaction, effects);
          effects.clear();
        }
      }
    } finally {
      rows.recordEffects(null);
    }
    outbox.addEffects(session, transaction, effects);
  }

  /** Tells that the transaction of the batch is over. */
  void end(boolean committed) {
    if (committed) {
      outbox.committed();
    }
    confirmed.clear();
    ahead.clear();
    headKnown = false;
    undone = false;
  }

  /** Returns the transactions whose messages were counted in this batch. */
  List<PendingTransaction> confirmed() {
    return confirmed;
  }
}
