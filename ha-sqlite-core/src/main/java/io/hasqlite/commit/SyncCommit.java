package io.hasqlite.commit;

import io.hasqlite.FaultPoint;
import io.hasqlite.HaSqliteException;
import io.hasqlite.Origin;
import io.hasqlite.Position;
import io.hasqlite.apply.AppliedPosition;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.apply.Fence;
import io.hasqlite.apply.Fences;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.LargeChanges;
import io.hasqlite.changeset.Operation;
import io.hasqlite.changeset.TooLargeException;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.outbox.Outbox;
import io.hasqlite.publish.Outgoing;
import io.hasqlite.publish.SequencedPublisher;
import io.hasqlite.sql.SqlStatement;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.PublishInDoubtException;
import io.hasqlite.stream.PublishResult;
import io.hasqlite.stream.PublishResult.Accepted;
import io.hasqlite.stream.PublishResult.Refused;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.StreamState;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLWarning;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes while the write lock is held. If nothing of another node came in between, the local
 * transaction is committed together with its position; otherwise it is rolled back, and its message
 * is applied at its place like anyone's. So this node only ever shows confirmed states.
 */
public final class SyncCommit implements CommitStep {

  /** Expiry can move the subject's last message once while we look, and once more by bad luck. */
  private static final int ATTEMPTS_MAX = 3;

  /**
   * For so long after another node came first, it is taken for granted that it does so again: an
   * attempt that is refused costs two more round trips to the stream than none.
   */
  private static final long CONTENDED_NANOS = Duration.ofMillis(40).toNanos();

  /**
   * What a commit needs to know of its engine.
   *
   * @param origin this node in this life of the engine
   * @param filename the database file's name, for readers of the stream
   * @param timeout how long to wait for the stream, and then for apply
   * @param inPlace false where own transactions must go through apply, because an interceptor may
   *     change them
   * @param streamCreated the creation time of the stream, stored with the position
   * @param streamChecked whether the stream is known to be the one that the position counts in; if
   *     not, apply decides
   * @param halted why replication stands still; null if it does not
   */
  public record Settings(
      Origin origin,
      String filename,
      Duration timeout,
      boolean inPlace,
      Supplier<String> streamCreated,
      BooleanSupplier streamChecked,
      Supplier<@Nullable String> halted) {}

  private static final Logger log = LoggerFactory.getLogger(SyncCommit.class);

  private final Settings settings;
  private final TransactionNumbers numbers;
  private final Outbox outbox;
  private final SequencedPublisher publisher;
  private final ChangeStream stream;
  private final ControlTables controlTables;
  private final AppliedPosition position;
  private final Clock clock;
  private final CommitListener listener;
  private volatile long lastPublished; // written under the write lock
  private volatile boolean publishingForApply; // the same
  private volatile long lastForApply; // the same

  // Guarded by the write lock.
  private boolean overtaken;
  private long overtakenAt;

  /** Creates the step that all connections of an engine share. */
  public SyncCommit(
      Settings settings,
      TransactionNumbers numbers,
      Outbox outbox,
      SequencedPublisher publisher,
      ChangeStream stream,
      ControlTables controlTables,
      AppliedPosition position,
      Clock clock,
      CommitListener listener) {
    this.settings = settings;
    this.numbers = numbers;
    this.outbox = outbox;
    this.publisher = publisher;
    this.stream = stream;
    this.controlTables = controlTables;
    this.position = position;
    this.clock = clock;
    this.listener = listener;
  }

  @Override
  public @Nullable SQLWarning commit(OpenTransaction transaction, List<Change> changes, boolean ddl)
      throws SQLException {
    long start = System.nanoTime();
    boolean ended = false;
    try {
      refuseWhileHalted();
      Fence fence = controlTables.fences().here();
      CommitChecks.check(transaction);
      Publication published = publish(transaction, changes, ddl, fence);
      ended = true;
      lastPublished = published.sequence();
      FaultPoint.PUBLISHED.reached();
      if (!published.inPlace()) {
        transaction.rollback();
        SQLWarning warning = awaitApplied(published.sequence());
        if (fence != null) {
          checkEffect(published, fence, warning);
        }
        if (writes(changes)) {
          listener.captured(changes.size());
          listener.committed(System.nanoTime() - start, false);
        }
        return warning;
      }
      commitInPlace(transaction, published);
      listener.captured(changes.size());
      listener.committed(System.nanoTime() - start, true);
      return null;
    } catch (CommitInDoubtException e) {
      listener.inDoubt();
      throw e;
    } finally {
      if (!ended) {
        transaction.rollback();
      }
    }
  }

  void refuseWhileHalted() throws SQLException {
    String reason = settings.halted().get();
    if (reason != null) {
      // Of a class that Spring translates: it would commit what it cannot make sense of.
      throw new SQLNonTransientConnectionException(
          "Replication of \""
              + settings.filename()
              + "\" on node "
              + settings.origin().node()
              + " has halted, so nothing can be committed here: "
              + reason,
          "55000");
    }
  }

  private record Publication(long number, long sequence, boolean inPlace) {}

  private Publication publish(
      OpenTransaction transaction, List<Change> changes, boolean ddl, @Nullable Fence fence)
      throws SQLException {
    Position base = position.get();
    if (!outbox.isEmpty()) {
      throw new CommitConflictException(
          "Earlier transactions of this node have no place in the stream yet, and this one must not"
              + " overtake them: run it again",
          base.sequence());
    }
    long number = numbers.next();
    ChangeSet message = message(number, base, changes, ddl, fence);
    // Who holds a fence relies on that nothing comes between what it reads and what it writes.
    boolean mustBeNext = ddl || fence != null || transaction.isolation().mayConflict();
    try (Outgoing outgoing = publisher.prepare(message)) {
      if (settings.inPlace() && writes(changes) && !isContended() || mustBeNext) {
        Between between =
            !ddl && fence == null && transaction.isolation() == Isolation.REPEATABLE_READ
                ? new Between(transaction.schema(), changes, stream, base)
                : null;
        Publication published = publishNext(outgoing, number, base, mustBeNext, between);
        overtaken = published == null;
        overtakenAt = System.nanoTime();
        if (published != null) {
          return afterPosition(published, base);
        }
      }
      publishingForApply = true;
      if (outgoing.publish(ChangeStream.ANY, settings.timeout()) instanceof Accepted accepted) {
        return afterPosition(new Publication(number, accepted.sequence(), false), base);
      }
      throw new IllegalStateException("The stream refused a message that expected nothing");
    } catch (PublishInDoubtException e) {
      throw new CommitInDoubtException(
          "Transaction "
              + number
              + " of "
              + settings.origin()
              + " on \""
              + settings.filename()
              + "\" is in doubt, the stream did not answer: it was rolled back here, and takes"
              + " effect on every node if the stream has it. Read before you write it again",
          e);
    } catch (StreamException | TooLargeException | LargeChanges.ReadFailedException e) {
      throw notCommitted(e);
    } finally {
      publishingForApply = false;
    }
  }

  /**
   * Tells whether a commit has a message on its way that takes effect here when it is applied: it
   * is in the stream, or will be in a moment unless the stream fails. Never blocks.
   */
  public boolean isMessageOnTheWay() {
    return publishingForApply || lastForApply > position.get().sequence();
  }

  private boolean isContended() {
    return overtaken && System.nanoTime() - overtakenAt < CONTENDED_NANOS;
  }

  /** What the engines say to each other is read by apply, at its place, here too. */
  private static boolean writes(List<Change> changes) {
    for (Change change : changes) {
      if (change.operation() != Operation.CUSTOM) {
        return true;
      }
    }
    return false;
  }

  /** Returns what the application is told: nothing is committed here, and nothing published. */
  SQLException notCommitted(HaSqliteException e) {
    String message =
        "Nothing was committed to \""
            + settings.filename()
            + "\" on node "
            + settings.origin().node()
            + ": "
            + e.getMessage();
    if (e instanceof StreamException stream && stream.isRetryable()) {
      return new SQLTransientConnectionException(message, "08006", e);
    }
    return new SQLNonTransientException(
        message, e instanceof LargeChanges.ReadFailedException ? "58030" : "54000", e);
  }

  private ChangeSet message(
      long number, Position base, List<Change> changes, boolean ddl, @Nullable Fence fence) {
    Instant now = clock.instant();
    return new ChangeSet(
        settings.origin(),
        settings.filename(),
        now.getEpochSecond() * 1_000_000_000L + now.getNano(),
        List.of(new Transaction(number, base.sequence(), changes)),
        requires(changes, ddl, fence),
        null,
        fence == null ? 0 : fence.number());
  }

  private static Set<String> requires(List<Change> changes, boolean ddl, @Nullable Fence fence) {
    Set<String> requires = new HashSet<>();
    if (ddl && changes.stream().anyMatch(SyncCommit::writesVirtualTable)) {
      requires.add(ChangeSet.REQUIRES_VIRTUAL);
    }
    if (fence != null) {
      requires.add(ChangeSet.REQUIRES_FENCE);
    }
    return requires;
  }

  private static boolean writesVirtualTable(Change change) {
    String command = change.command();
    return change.operation() == Operation.SQL
        && command != null
        && SqlStatement.scan(command).modifiesDatabase()
        && !SqlStatement.scan(command).isDdl();
  }

  /** Publishes if no message of another node is in between; null if one is. */
  private @Nullable Publication publishNext(
      Outgoing message, long number, Position base, boolean mustBeNext, @Nullable Between between)
      throws SQLException {
    long end = System.nanoTime() + settings.timeout().toNanos();
    long expected = base.lastOfSubject();
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      if (expected == 0 && hasExpired(base)) {
        break;
      }
      PublishResult result = message.publish(expected, settings.timeout());
      if (result instanceof Accepted accepted) {
        boolean inPlace =
            accepted.inPlace()
                && expected <= base.sequence()
                && settings.inPlace()
                && settings.streamChecked().getAsBoolean()
                && !(expected == 0 && mayHaveExpired(base));
        return new Publication(number, accepted.sequence(), inPlace);
      }
      long last = ((Refused) result).last();
      if (last > base.sequence()) {
        boolean another = last > expected;
        expected = last;
        if (between == null || System.nanoTime() - end >= 0 || !between.isHarmlessUpTo(last)) {
          break;
        }
        if (another) {
          attempt = -1; // other nodes go on writing
        }
        continue;
      }
      if (last < base.lastOfSubject()) {
        checkExpired(base, last);
      }
      expected = last;
    }
    if (mustBeNext) {
      throw new CommitConflictException(
          "Another node's transaction came before this one of \""
              + settings.filename()
              + "\" on node "
              + settings.origin().node()
              + ", which must not be overtaken (it changes the schema, it compares and sets, its isolation is"
              + " REPEATABLE_READ or SERIALIZABLE, or it was committed under a fence): nothing was committed,"
              + " run it again",
          expected);
    }
    return null;
  }

  /**
   * That the subject has no message says nothing if messages expired before this node read them.
   */
  private boolean hasExpired(Position base) {
    return stream.state().firstSequence() > base.sequence() + 1;
  }

  /** The message is stored: that the stream does not answer now must not look like a failure. */
  private boolean mayHaveExpired(Position base) {
    try {
      return hasExpired(base);
    } catch (StreamException e) {
      log.debug("It is not known whether messages have expired; apply decides", e);
      return true;
    }
  }

  /**
   * The last message that this node has counted is gone. That is fine if it expired. Otherwise the
   * stream lost its tail or was made again, and to write on would hide that from all nodes.
   */
  private void checkExpired(Position base, long last) throws SQLException {
    StreamState state = stream.state();
    String created = settings.streamCreated().get();
    boolean same = created.isEmpty() || created.equals(state.created().toString());
    if (same
        && state.firstSequence() > base.lastOfSubject()
        && state.lastSequence() >= base.sequence()) {
      return;
    }
    throw new SQLNonTransientException(
        "Nothing was committed to \""
            + settings.filename()
            + "\" on node "
            + settings.origin().node()
            + ": the stream is not the one that the position counts in. This node has counted"
            + " message "
            + base.lastOfSubject()
            + ", the stream's last one is "
            + last
            + "; it lost its last messages or was made again",
        "55000");
  }

  private Publication afterPosition(Publication published, Position base)
      throws CommitInDoubtException {
    if (published.sequence() > base.sequence()) {
      if (!published.inPlace()) {
        lastForApply = published.sequence();
      }
      return published;
    }
    throw new CommitInDoubtException(
        "Transaction "
            + published.number()
            + " of "
            + settings.origin()
            + " is in the stream at "
            + published.sequence()
            + ", but node "
            + settings.origin().node()
            + " has counted up to "
            + base.sequence()
            + ": the stream lost its last messages or was made again. It was rolled back here",
        null);
  }

  private void commitInPlace(OpenTransaction transaction, Publication published)
      throws SQLException {
    SqliteSession session = transaction.session();
    Position moved = new Position(published.sequence(), published.sequence());
    boolean committing = false;
    try {
      controlTables.create(session);
      controlTables.writePosition(
          session, moved, settings.streamCreated().get(), settings.origin(), published.number());
      controlTables.writeMark(session, settings.origin(), published.number());
      committing = true;
      transaction.commit(() -> position.moveTo(moved));
      FaultPoint.COMMITTED.reached();
    } catch (SQLException e) {
      if (!committing) {
        transaction.rollback();
      }
      throw new CommitInDoubtException(
          "Transaction "
              + published.number()
              + " of "
              + settings.origin()
              + " is in the stream at "
              + published.sequence()
              + ", but COMMIT failed on \""
              + settings.filename()
              + "\": it takes effect here as soon as it can be applied. Do not write it again",
          e);
    }
  }

  private @Nullable SQLWarning awaitApplied(long sequence) throws SQLException {
    try {
      if (position.await(sequence, settings.timeout(), this::isHalted)) {
        return null;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new SQLWarning(
        "Committed at sequence "
            + sequence
            + " of the stream, but not yet visible on node "
            + settings.origin().node(),
        "01000");
  }

  /** Returns the last sequence that a commit of this node got; it may not be applied here yet. */
  public long lastPublished() {
    return lastPublished;
  }

  /**
   * A transaction under a fence that could not be committed in place takes effect only if apply
   * meets the fence open.
   */
  private void checkEffect(Publication published, Fence fence, @Nullable SQLWarning notApplied)
      throws SQLException {
    if (controlTables.fences().hasDropped(settings.origin(), published.number())) {
      throw Fences.over();
    }
    if (notApplied != null) {
      throw new CommitInDoubtException(
          "Transaction "
              + published.number()
              + " of "
              + settings.origin()
              + " is in the stream at "
              + published.sequence()
              + ", and takes effect there if "
              + fence
              + " is open, which this node does not know yet",
          null);
    }
  }

  @Override
  public Duration awaitFence(boolean mustBeNext, Duration atMost) throws SQLException {
    Fences fences = controlTables.fences();
    Fence other = fences.inTheWay();
    if (other == null) {
      return Duration.ZERO;
    }
    long start = System.nanoTime();
    try {
      boolean over =
          fences.await(
              open -> open == null || open.number() != other.number(),
              atMost.compareTo(other.expiry()) < 0 ? atMost : other.expiry(),
              this::isHalted);
      Duration waited = Duration.ofNanos(System.nanoTime() - start);
      if (!over && !isHalted()) {
        throw Fences.held(other, waited);
      }
      return waited;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  @Override
  public boolean awaitCommitted(boolean mustBeNext, Duration timeout) throws SQLException {
    if (controlTables.fences().inTheWay() != null) {
      return isHalted();
    }
    if (outbox.isEmpty() && position.get().sequence() >= lastPublished) {
      return true;
    }
    try {
      // While replication has halted the commit refuses, and says why.
      return outbox.awaitEmpty(timeout, this::isHalted)
              && position.await(lastPublished, timeout, this::isHalted)
          || isHalted();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  static SQLException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new SQLException(
        "Interrupted while waiting for an earlier transaction to be applied", "57014", e);
  }

  boolean isHalted() {
    return settings.halted().get() != null;
  }

  @Override
  public boolean awaitCaughtUp(CommitConflictException conflict) throws SQLException {
    try {
      return position.await(conflict.sequence(), settings.timeout(), this::isHalted)
          && outbox.awaitEmpty(settings.timeout(), this::isHalted);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
