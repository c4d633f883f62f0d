package io.hasqlite.apply;

import io.hasqlite.FaultPoint;
import io.hasqlite.HaSqliteException;
import io.hasqlite.Origin;
import io.hasqlite.Position;
import io.hasqlite.capture.StatementPlan;
import io.hasqlite.capture.TriggerCapture;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.ChangeSetInterceptor;
import io.hasqlite.changeset.Operation;
import io.hasqlite.changeset.RawText;
import io.hasqlite.changeset.StoredChanges;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.outbox.Outbox;
import io.hasqlite.outbox.PendingTransaction;
import io.hasqlite.sql.SqlStatement;
import io.hasqlite.sqlite.SqliteErrors;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.WriteLock;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies messages of the stream, in order, each transaction whole: a batch is one transaction of
 * SQLite, and the position moves in it. What was counted before is left out, so that the same
 * messages may come any number of times. Deterministic: nodes that applied the same messages hold
 * the same rows.
 *
 * <p>The session has foreign keys off and CHECK constraints ignored: both held where the rows were
 * written, and rows that are merged from two nodes may break them. For one thread.
 */
public final class Applier {

  private static final Logger log = LoggerFactory.getLogger(Applier.class);

  private static final ChangeSet NOTHING =
      new ChangeSet(new Origin(new io.hasqlite.NodeId("-"), 0), "", 0, List.of(), Set.of());

  private final TriggerCapture capture;
  private final SqliteSession session;
  private final WriteLock writeLock;
  private final Duration lockTimeout;
  private final ControlTables controlTables;
  private final Outbox outbox;
  private final AppliedPosition position;
  private final Supplier<String> streamCreated;
  private final @Nullable ChangeSetInterceptor interceptor;
  private final Connection readView;
  private final ApplyListener listener;
  private final ChangeSetCodec codec = new ChangeSetCodec();
  private final UsersTriggers usersTriggers;
  private final RowApplier rows;
  private final Rebase rebase;
  private final Map<Origin, Long> marks = new HashMap<>();
  private final ConflictLog conflicts;
  private final ChangedRows changed = new ChangedRows();
  private IncomingMessage message;
  private @Nullable PendingTransaction redoing;
  private long number;
  private long rowCount;
  private long transactionCount;
  private @Nullable Change failing; // if it fails
  private long redoneCount;
  private @Nullable Fence fence; // the one that is open at the message's place

  /**
   * Creates an applier that owns a session.
   *
   * @param streamCreated the creation time of the stream, stored with the position
   * @param readView what an interceptor may read through
   */
  public Applier(
      TriggerCapture capture,
      WriteLock writeLock,
      Duration lockTimeout,
      ControlTables controlTables,
      Outbox outbox,
      AppliedPosition position,
      Supplier<String> streamCreated,
      @Nullable ChangeSetInterceptor interceptor,
      Connection readView,
      ApplyListener listener) {
    this.capture = capture;
    this.session = capture.session();
    this.writeLock = writeLock;
    this.lockTimeout = lockTimeout;
    this.controlTables = controlTables;
    this.outbox = outbox;
    this.position = position;
    this.streamCreated = streamCreated;
    this.interceptor = interceptor;
    this.readView = readView;
    this.listener = listener;
    this.conflicts = new ConflictLog(controlTables, session, listener);
    this.usersTriggers = new UsersTriggers(capture);
    this.rows = new RowApplier(capture, usersTriggers, this::addConflict);
    this.rebase = new Rebase(capture, outbox, usersTriggers, rows);
    this.message = new IncomingMessage(0, NOTHING);
  }

  /**
   * Applies a batch.
   *
   * @param messages consecutive messages of the subject
   * @throws ApplyException if one cannot be applied: nothing of the batch is
   * @throws SQLException if the database could not be written: nothing of the batch is
   */
  public void apply(List<IncomingMessage> messages) throws SQLException {
    apply(messages, () -> {});
  }

  /**
   * Applies a batch as {@link #apply(List)} does.
   *
   * @param afterCommit run after COMMIT, before another writer can have the lock; not if all of it
   *     was counted before
   */
  public void apply(List<IncomingMessage> messages, Runnable afterCommit) throws SQLException {
    long start = System.nanoTime();
    int applied = inTransaction(messages, this::applyAll, afterCommit);
    tell(applied, System.nanoTime() - start);
  }

  /** Something to do in the transaction of a batch. */
  interface Work<T> {
    void run(T what) throws SQLException;
  }

  /**
   * Counts a message that no node applies. What is pending here and has its place in it is undone:
   * it has no effect on any node, so it must not keep its effect here.
   *
   * @param changeSet what it says; null where it could not be read
   * @param keep keeps the message, in the same transaction
   * @param afterCommit run after COMMIT
   * @return false if it was counted before: nothing was done
   * @throws ApplyException if it passes over a pending transaction: nothing was done
   * @throws SQLException if the database could not be written: nothing was done
   */
  boolean leaveOut(long sequence, @Nullable ChangeSet changeSet, Writing keep, Runnable afterCommit)
      throws SQLException {
    IncomingMessage left = new IncomingMessage(sequence, changeSet == null ? NOTHING : changeSet);
    return inTransaction(List.of(left), fresh -> leaveOut(left, changeSet, keep), afterCommit) > 0;
  }

  /** Writes in the transaction of a batch. */
  interface Writing {
    void run() throws SQLException;
  }

  private void leaveOut(IncomingMessage left, @Nullable ChangeSet changeSet, Writing keep)
      throws SQLException {
    beginBatch();
    controlTables.create(session);
    message = left;
    try {
      for (Transaction transaction : left.changeSet().transactions()) {
        if (isRepeated(left.changeSet().origin(), transaction)) {
          continue;
        }
        if (rebase.isHead(left.changeSet().origin(), transaction)) {
          undoPending();
          rebase.confirm();
        }
        mark(left.changeSet().origin(), transaction);
      }
    } catch (IllegalStateException e) {
      throw failure(left, e);
    }
    keep.run();
    endBatch(changeSet);
  }

  /**
   * Does something with those messages that were not counted before; returns how many those are.
   */
  private int inTransaction(
      List<IncomingMessage> messages, Work<List<IncomingMessage>> work, Runnable afterCommit)
      throws SQLException {
    List<IncomingMessage> fresh = fresh(messages);
    if (fresh.isEmpty()) {
      return 0; // committed in place by this node, or delivered again
    }
    writeLock.acquire(this, lockTimeout);
    try {
      fresh = fresh(messages); // a writer may have moved the position while we waited
      if (fresh.isEmpty()) {
        return 0;
      }
      begin();
      boolean committed = false;
      try {
        beginCapture();
        session.inTransaction(true);
        rebase.begin(transactions(fresh));
        work.run(fresh);
        FaultPoint.APPLYING.reached();
        session.execute("COMMIT");
        committed = true;
        rebase.end(true); // who waits for the position finds the outbox as it is then
        controlTables.fences().moveTo(fence);
        long last = fresh.get(fresh.size() - 1).sequence();
        afterCommit.run();
        position.moveTo(new Position(last, last));
      } finally {
        end(committed);
      }
    } finally {
      writeLock.release(this);
    }
    return fresh.size();
  }

  private static int transactions(List<IncomingMessage> messages) {
    int count = 0;
    for (IncomingMessage message : messages) {
      count += message.changeSet().transactions().size();
    }
    return count;
  }

  /**
   * Another program may hold SQLite's own lock: an exception for which it is worth to try again.
   */
  private void begin() throws SQLException {
    try {
      session.execute("BEGIN IMMEDIATE");
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  private void beginCapture() throws SQLException {
    try {
      capture.begun();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  private List<IncomingMessage> fresh(List<IncomingMessage> messages) {
    long counted = position.get().sequence();
    for (IncomingMessage message : messages) {
      if (message.sequence() <= counted) {
        return messages.stream().filter(candidate -> candidate.sequence() > counted).toList();
      }
    }
    return messages;
  }

  private void end(boolean committed) throws SQLException {
    session.inTransaction(false);
    usersTriggers.forget();
    marks.clear();
    if (!committed) {
      rebase.end(false);
      conflicts.forget();
      changed.forget();
      try {
        session.execute("ROLLBACK");
      } catch (SQLException e) {
        // SQLite has rolled back by itself, as it does when the disk is full
        log.debug("There was nothing to roll back", e);
      }
    }
    capture.ended(committed);
  }

  private void applyAll(List<IncomingMessage> fresh) throws SQLException {
    beginBatch();
    if (isToLookEmpty(fresh)) {
      fresh.forEach(this::followFence);
      return; // a restart reads it again
    }
    controlTables.create(session);
    for (IncomingMessage next : fresh) {
      message = next;
      failing = null;
      try {
        applyMessage(next.changeSet());
        changed.end(next);
      } catch (HaSqliteException | SQLException e) {
        throw failure(next, e);
      }
    }
    endBatch(message.changeSet());
  }

  private void beginBatch() {
    fence = controlTables.fences().open();
    rowCount = 0;
    transactionCount = 0;
    failing = null;
  }

  /**
   * @param last what the last message says; null where it could not be read
   */
  private void endBatch(@Nullable ChangeSet last) throws SQLException {
    if (!rebase.confirmed().isEmpty() && controlTables.hasPendingConflicts(session)) {
      for (PendingTransaction mine : rebase.confirmed()) {
        controlTables.confirmConflicts(session, mine.origin(), mine.number(), message.sequence());
      }
    }
    redoneCount = rebase.finish(this::redo);
    usersTriggers.restore();
    for (Map.Entry<Origin, Long> mark : marks.entrySet()) {
      controlTables.writeMark(session, mark.getKey(), mark.getValue());
    }
    if (!Objects.equals(fence, controlTables.fences().open())) {
      controlTables.writeFence(session, fence);
    }
    List<Transaction> transactions = last == null ? List.of() : last.transactions();
    controlTables.writePosition(
        session,
        new Position(message.sequence(), message.sequence()),
        streamCreated.get(),
        last == null ? null : last.origin(),
        transactions.isEmpty() ? 0 : transactions.get(transactions.size() - 1).number());
  }

  private ApplyException failure(IncomingMessage failed, Exception cause) {
    String table = failing == null ? "" : failing.table();
    return new ApplyException(
        failed.sequence(),
        "The message at sequence "
            + failed.sequence()
            + " from "
            + failed.changeSet().origin()
            + " could not be applied"
            + (table.isEmpty() ? "" : " to table \"" + table + '"')
            + ": "
            + cause.getMessage(),
        cause);
  }

  /**
   * Tells whether nothing was written yet, and nothing is now: a migration tool that holds a fence
   * must still find an empty database.
   */
  private boolean isToLookEmpty(List<IncomingMessage> fresh) throws SQLException {
    return fresh.stream().allMatch(next -> FenceMessages.isOne(next.changeSet()))
        && !controlTables.isPresent(session);
  }

  private void followFence(IncomingMessage next) {
    fence = FenceMessages.after(fence, next.sequence(), next.changeSet());
  }

  /** Counts the transactions of a holder whose fence is over; they have no effect on any node. */
  private void drop(ChangeSet changeSet) throws SQLException {
    count(changeSet);
    for (Transaction transaction : changeSet.transactions()) {
      controlTables.fences().dropped(changeSet.origin(), transaction.number());
    }
    log.warn(
        "Message {} of {} has no effect on any node: fence {}, under which it was committed, was over"
            + " before it came",
        message.sequence(),
        changeSet.origin(),
        changeSet.fence());
  }

  private boolean isOver(ChangeSet changeSet) {
    return changeSet.fence() != 0 && (fence == null || fence.number() != changeSet.fence());
  }

  private void applyMessage(ChangeSet changeSet) throws SQLException {
    if (FenceMessages.isOne(changeSet)) {
      followFence(message);
      return;
    }
    if (isOver(changeSet)) {
      drop(changeSet);
      return;
    }
    if (interceptor == null) {
      applyTransactions(changeSet);
      return;
    }
    undoPending(); // it reads confirmed rows, and may change this node's own transactions
    Optional<ChangeSet> wanted =
        Objects.requireNonNull(intercept(() -> interceptor.before(changeSet, readView)));
    if (wanted.isEmpty()) {
      count(changeSet);
      return;
    }
    session.execute("SAVEPOINT ha_message");
    Map<String, String> droppedTriggers = usersTriggers.dropped();
    ConflictLog.Mark conflictsBefore = conflicts.mark();
    SQLException failure = null;
    try {
      applyTransactions(wanted.get());
    } catch (SQLException e) {
      if (!SqliteErrors.isSameOnEveryNode(e)) {
        throw e;
      }
      session.execute("ROLLBACK TO ha_message");
      capture.rolledBackTo();
      usersTriggers.backTo(droppedTriggers);
      conflicts.backTo(conflictsBefore);
      changed.discard();
      failure = e;
    }
    session.execute("RELEASE ha_message");
    SQLException met = failure;
    failure = intercept(() -> interceptor.after(wanted.get(), readView, met));
    if (failure != null) {
      throw failure;
    }
    count(changeSet);
  }

  private interface Interception<T> {
    @Nullable T call() throws SQLException;
  }

  /** Calls the interceptor so that it can only read. */
  private <T> @Nullable T intercept(Interception<T> interception) throws SQLException {
    session.execute("PRAGMA query_only=ON");
    session.inTransaction(false); // there is none that the interceptor could end
    try {
      return interception.call();
    } finally {
      session.inTransaction(true);
      session.execute("PRAGMA query_only=OFF");
    }
  }

  /** Counts a message's transactions without applying them. */
  private void count(ChangeSet changeSet) throws SQLException {
    for (Transaction transaction : changeSet.transactions()) {
      if (!isRepeated(changeSet.origin(), transaction)) {
        if (rebase.isHead(changeSet.origin(), transaction)) {
          rebase.confirm();
        }
        mark(changeSet.origin(), transaction);
      }
    }
  }

  private void undoPending() throws SQLException {
    rebase.undo();
    if (rebase.isUndone()) {
      controlTables.dropPendingConflicts(session);
    }
  }

  private void applyTransactions(ChangeSet changeSet) throws SQLException {
    for (Transaction transaction : changeSet.transactions()) {
      if (isRepeated(changeSet.origin(), transaction)) {
        continue;
      }
      number = transaction.number();
      boolean mine = rebase.isHead(changeSet.origin(), transaction);
      if (!mine && rebase.isInTheWayOf(transaction)) {
        undoPending();
      }
      if (!mine || rebase.isUndone()) { // mine is in the tables already, unless it was undone
        for (Change change : transaction.changes()) {
          apply(change);
        }
        transactionCount++;
      } else if (!isSurelyOwn(transaction)) {
        transaction.changes().forEach(Applier::check); // as all other nodes do
      }
      if (mine) {
        rebase.confirm();
      }
      mark(changeSet.origin(), transaction);
    }
  }

  /** What is stored, or known by its bytes, is what capture wrote: its tables need no look. */
  private static boolean isSurelyOwn(Transaction mine) {
    return mine.changes() instanceof StoredChanges || mine.isEncoded();
  }

  /** Does a change of a pending transaction again; it is what it was when it was published. */
  private void redo(PendingTransaction transaction, Change change) throws SQLException {
    if (change.operation() == Operation.CUSTOM) {
      return; // it changes nothing
    }
    redoing = transaction;
    changed.redone(change.table());
    try {
      rows.apply(change);
    } finally {
      redoing = null;
    }
  }

  private boolean isRepeated(Origin origin, Transaction transaction) throws SQLException {
    if (transaction.number() == 0) {
      return false; // a message of go-ha is identified by its sequence
    }
    Long mark = marks.get(origin);
    if (mark == null) {
      mark = controlTables.mark(session, origin);
    }
    return transaction.number() <= mark;
  }

  private void mark(Origin origin, Transaction transaction) {
    if (transaction.number() != 0) {
      marks.put(origin, transaction.number());
    }
  }

  private void apply(Change change) throws SQLException {
    failing = change;
    switch (change.operation()) {
      case INSERT, UPDATE, DELETE -> {
        check(change);
        rows.apply(change);
        changed.row(change);
        rowCount++;
      }
      case SQL -> {
        runSql(change);
        changed.schema();
      }
      case CUSTOM -> {}
    }
  }

  private static void check(Change change) {
    if (change.operation() != Operation.SQL
        && change.operation() != Operation.CUSTOM
        && !io.hasqlite.sqlite.Schema.isUserName(change.table())) {
      throw new ForbiddenChangeException(
          "The stream asks to change the table \""
              + change.table()
              + "\", which is the engine's or SQLite's own. Find out who can publish to the"
              + " stream");
    }
  }

  private void runSql(Change change) throws SQLException {
    SqlStatement statement =
        IncomingSql.check(Objects.requireNonNull(change.command()), capture.currentSchema());
    usersTriggers.restore(); // DDL may rewrite or drop them
    if (statement.type() == SqlStatement.Type.PRAGMA) {
      session.execute("PRAGMA main." + statement.pragmaName() + " = " + statement.pragmaValue());
      return;
    }
    SqlStatement wanted =
        statement.isDdl() ? SqlStatement.scan(statement.withIfExists()) : statement;
    session.execute("SAVEPOINT ha_ddl");
    try {
      StatementPlan plan = capture.plan(wanted);
      capture.before(wanted, plan);
      boolean succeeded = false;
      try {
        execute(wanted, change.args());
        succeeded = true;
      } finally {
        capture.after(wanted, plan, succeeded);
      }
    } catch (SQLException e) {
      if (!SqliteErrors.isSameOnEveryNode(e)) {
        throw e;
      }
      session.execute("ROLLBACK TO ha_ddl");
      capture.rolledBackTo();
      addConflict(
          Conflict.Kind.DROPPED,
          change,
          "\"" + wanted.text() + "\" failed: " + e.getMessage(),
          null);
    }
    session.execute("RELEASE ha_ddl");
  }

  private void execute(SqlStatement statement, List<@Nullable Object> arguments)
      throws SQLException {
    List<@Nullable Object> plain = new ArrayList<>();
    for (Object argument : arguments) {
      plain.add(argument instanceof RawText text ? text.bytes() : argument);
    }
    if (statement.isDdl()) {
      session.execute(statement.text());
    } else {
      session.update(statement.text(), plain.toArray());
    }
  }

  private void addConflict(Conflict.Kind kind, Change change, String reason, @Nullable Change lost)
      throws SQLException {
    PendingTransaction pending = redoing;
    if (kind == Conflict.Kind.DISPLACED && pending == null) {
      changed.displaced(change.table());
    }
    if (pending != null) {
      // Its place is not known yet, and until then others may come before it again.
      controlTables.addConflict(
          session, conflict(kind, 0, pending.origin(), pending.number(), change, reason, lost));
      return;
    }
    conflicts.add(
        conflict(
            kind, message.sequence(), message.changeSet().origin(), number, change, reason, lost));
  }

  private Conflict conflict(
      Conflict.Kind kind,
      long sequence,
      Origin origin,
      long number,
      Change change,
      String reason,
      @Nullable Change lost) {
    String image =
        lost == null
            ? null
            : new String(
                codec.encode(
                    new ChangeSet(
                        origin,
                        message.changeSet().filename(),
                        message.changeSet().timestampNs(),
                        List.of(new Transaction(number, 0, List.of(lost))),
                        Set.of())),
                StandardCharsets.UTF_8);
    return new Conflict(kind, sequence, origin, number, change.table(), reason, image);
  }

  private void tell(int messages, long nanos) {
    if (messages > 0) {
      listener.applied(messages, transactionCount, rowCount, nanos);
      if (redoneCount > 0) {
        listener.rebased(redoneCount);
      }
    }
    conflicts.tell();
    changed.take().forEach(listener::visible);
  }

  /** Tells whether anybody waits for what is applied here. Never blocks. */
  public boolean isAwaited() {
    return position.isAwaited() || outbox.isEmptyAwaited();
  }

  /** Wakes all who wait for what is applied here, because it may never be. */
  public void wakeUp() {
    position.wakeUp();
    outbox.wakeUp();
  }

  /**
   * Moves the position over messages of other databases, so that a quiet database in a busy stream
   * is not taken for one that missed something. The caller has read the stream's end before it saw
   * that nothing waits.
   */
  public void advance(long sequence) throws SQLException {
    writeLock.acquire(this, lockTimeout);
    try {
      Position now = position.get();
      if (sequence <= now.sequence()) {
        return;
      }
      if (controlTables.isPresent(session)) { // else the file is still to look empty
        writeAdvance(sequence);
      }
      position.moveTo(new Position(sequence, now.lastOfSubject()));
    } finally {
      writeLock.release(this);
    }
  }

  private void writeAdvance(long sequence) throws SQLException {
    begin();
    boolean committed = false;
    try {
      controlTables.advance(session, sequence);
      session.execute("COMMIT");
      committed = true;
    } finally {
      if (!committed) {
        session.execute("ROLLBACK");
      }
    }
  }
}
