package io.hasqlite.apply;

import io.hasqlite.capture.CaptureOptions;
import io.hasqlite.capture.TriggerCapture;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.outbox.Outbox;
import io.hasqlite.outbox.PendingTransaction;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes this node's pending transactions out of a copy of its database, or puts them on top of
 * another one. The copies are in use by nobody else, and no transaction is open in them.
 */
public final class PendingWork {

  private static final int TRANSACTIONS_AT_ONCE = 100;

  private final CaptureOptions captureOptions;
  private final ControlTables controlTables;
  private final ChangeSetCodec codec;
  private final Clock clock;
  private final Outbox outbox;

  /** Serves the database of one outbox. */
  public PendingWork(
      CaptureOptions captureOptions,
      ControlTables controlTables,
      ChangeSetCodec codec,
      Clock clock,
      Outbox outbox) {
    this.captureOptions = captureOptions;
    this.controlTables = controlTables;
    this.codec = codec;
    this.clock = clock;
    this.outbox = outbox;
  }

  private interface Work {
    void run(Rebase rebase, RowApplier rows) throws SQLException;
  }

  /** Undoes them in a copy of this node's database, which then shows the confirmed state. */
  public void takeOut(SqliteSession copy) throws SQLException {
    Outbox pending = outbox.ofCopy();
    pending.load(copy);
    if (!pending.isEmpty()) {
      inTransaction(copy, pending, (rebase, rows) -> rebase.undo());
    }
    pending.drop(copy);
  }

  /**
   * Puts those that a snapshot has not counted on top of it.
   *
   * @param source this node's database; nothing is committed to it meanwhile
   * @param copy the snapshot, which takes the database's place afterwards
   */
  public void putOnTop(SqliteSession source, SqliteSession copy) throws SQLException {
    Outbox pending = outbox.ofCopy();
    pending.load(copy);
    if (outbox.isEmpty()) {
      return;
    }
    ControlTables tables = controlTables.ofAnotherFile();
    tables.dropPendingConflicts(copy);
    inTransaction(
        copy,
        pending,
        (rebase, rows) -> {
          copyUncounted(source, copy, tables, pending);
          rebase.redo((transaction, change) -> rows.apply(change));
        });
  }

  private void copyUncounted(
      SqliteSession source, SqliteSession copy, ControlTables tables, Outbox pending)
      throws SQLException {
    long after = 0;
    List<PendingTransaction> next;
    while (!(next = outbox.after(source, after, TRANSACTIONS_AT_ONCE)).isEmpty()) {
      for (PendingTransaction transaction : next) {
        after = transaction.place();
        if (transaction.number() > tables.mark(copy, transaction.origin())) {
          pending.copy(copy, source, transaction);
        }
      }
    }
  }

  /** Tells that the database was replaced: what is pending is learned again. */
  public void replaced(SqliteSession session) throws SQLException {
    outbox.load(session);
  }

  private void inTransaction(SqliteSession copy, Outbox pending, Work work) throws SQLException {
    copy.execute("PRAGMA foreign_keys=OFF");
    copy.execute("PRAGMA ignore_check_constraints=ON");
    TriggerCapture capture = TriggerCapture.ofApply(copy, captureOptions, clock);
    UsersTriggers usersTriggers = new UsersTriggers(capture);
    // What they meet is recorded when they are done again in the database itself, or elsewhere.
    RowApplier rows = new RowApplier(capture, usersTriggers, PendingWork::notRecorded);
    Rebase rebase = new Rebase(capture, pending, usersTriggers, rows);
    copy.execute("BEGIN IMMEDIATE");
    boolean committed = false;
    try {
      capture.begun();
      rebase.begin(1);
      work.run(rebase, rows);
      usersTriggers.restore();
      copy.execute("COMMIT");
      committed = true;
    } finally {
      if (!committed) {
        copy.execute("ROLLBACK");
      }
      rebase.end(committed);
      capture.ended(committed);
    }
  }

  private static void notRecorded(
      Conflict.Kind kind, Change change, String reason, @Nullable Change lost) {}
}
