package io.hasqlite.publish;

import io.hasqlite.FaultPoint;
import io.hasqlite.MessageTracing;
import io.hasqlite.Origin;
import io.hasqlite.Threads;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.outbox.Outbox;
import io.hasqlite.outbox.PendingTransaction;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.PublishResult;
import io.hasqlite.stream.PublishResult.Accepted;
import io.hasqlite.stream.StreamException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes what waits in the outbox, on a thread of its own: as many transactions of one origin as
 * a message takes, one message at a time, and the same one again until the stream has it. So
 * transactions reach the stream in the order of their numbers. It writes nothing into the file: a
 * restarted engine publishes again what was not counted yet, perhaps grouped in another way, and
 * all nodes leave out what they have counted.
 */
public final class Relay implements AutoCloseable {

  /** Where transactions of the outbox are read. */
  public interface Sessions {
    /** Opens a session. */
    SqliteSession open() throws SQLException;
  }

  private static final Logger log = LoggerFactory.getLogger(Relay.class);

  /** Of more transactions that wait, the trace is not known; a restart forgets all. */
  private static final int CAUSES_MAX = 10_000;

  private static final int TRANSACTIONS_PER_MESSAGE_MAX = 1_000;

  /**
   * How long what is committed waits after a message, so that the next one has company. Each
   * message costs the writers of this node the write lock when it is counted, and a few wake-ups of
   * threads: without the wait, steady writers are at half of their speed.
   */
  private static final Duration COMPANY_WAIT = Duration.ofMillis(2);

  /**
   * The same after a message of many or large transactions, where no commit waits for it: whoever
   * writes thousands of rows a second is slowed by messages most, and has the least of one that
   * comes early.
   */
  private static final Duration COMPANY_WAIT_BUSY = Duration.ofMillis(10);

  /** From so many transactions in a message on its node is busy. */
  private static final int BUSY_TRANSACTIONS_MIN = 10;

  /** From so many bytes in a message on its node is busy, too. */
  private static final int BUSY_BYTES_MIN = 64 * 1_024;

  private static final int MESSAGES_PER_PURGE = 256;

  /** What a message has beside its changes: its head, and an entry for each transaction. */
  private static final int MESSAGE_OVERHEAD_BYTES = 1_024;

  private static final int TRANSACTION_OVERHEAD_BYTES = 80;

  /** What a character of a name takes in JSON at most. */
  private static final int NAME_BYTES_MAX = 6;

  /** Far less than what the store keeps a payload beyond the time that the stream has messages. */
  private static final Duration PREPARED_AGE_MAX = Duration.ofMinutes(10);

  private static final Duration RETRY_WAIT_MIN = Duration.ofMillis(20);
  private static final Duration RETRY_WAIT_MAX = Duration.ofSeconds(1);

  private final String name;
  private final Origin origin;
  private final String filename;
  private final Outbox outbox;
  private final Sessions sessions;
  private final SequencedPublisher publisher;
  private final Supplier<@Nullable String> whyNotNow;
  private final BooleanSupplier held;
  private final LongSupplier counted;
  private final boolean awaited;
  private final Duration timeout;
  private final Clock clock;
  private final MessageTracing tracing;
  private final ConcurrentNavigableMap<Long, Object> causes = new ConcurrentSkipListMap<>();
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Condition hurried = lock.newCondition();

  // Guarded by the lock.
  private long signals;
  private boolean started;
  private boolean drain;
  private boolean stopped;

  private boolean hurry;

  private volatile @Nullable String problem;

  // For the relay's thread.
  private long messages;
  private Duration companyWait = Duration.ZERO; // after the last message
  private long sentUpTo;
  private int loads;
  private List<PendingTransaction> unanswered = List.of();
  private @Nullable Outgoing outgoing;
  private long preparedAt;

  /**
   * Creates a relay that is not started.
   *
   * @param name the database's name, for the thread and the log
   * @param origin this node in this life of the engine
   * @param filename the database file's name, for readers of the stream
   * @param whyNotNow why nothing may be sent at the moment, null if it may: a stream that was made
   *     again must not get what is pending
   * @param held whether another's fence is open: then what waits goes on waiting
   * @param counted the sequence of the last message that this node has counted
   * @param awaited whether commits wait until the stream has them
   * @param timeout how long to wait for the stream's answer before the message is sent again
   */
  public Relay(
      String name,
      Origin origin,
      String filename,
      Outbox outbox,
      Sessions sessions,
      SequencedPublisher publisher,
      Supplier<@Nullable String> whyNotNow,
      BooleanSupplier held,
      LongSupplier counted,
      boolean awaited,
      Duration timeout,
      Clock clock,
      MessageTracing tracing) {
    this.tracing = tracing;
    this.name = name;
    this.origin = origin;
    this.filename = filename;
    this.outbox = outbox;
    this.sessions = sessions;
    this.publisher = publisher;
    this.whyNotNow = whyNotNow;
    this.held = held;
    this.counted = counted;
    this.awaited = awaited;
    this.timeout = timeout;
    this.clock = clock;
    this.thread = new Thread(this::run, "ha-sqlite-relay-" + name);
    thread.setDaemon(true);
  }

  /** Starts the relay; returns at once. */
  public void start() {
    lock.lock();
    try {
      if (!started && !stopped) {
        started = true;
        thread.start();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Remembers what the calling thread does, which commits a transaction at a place. */
  public void committing(long place) {
    Object cause = tracing.cause();
    if (cause == null || causes.size() >= CAUSES_MAX) {
      causes.remove(place); // of one that was rolled back
    } else {
      causes.put(place, cause);
    }
  }

  /** Tells that the outbox has something new. */
  public void wakeUp() {
    lock.lock();
    try {
      signals++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Tells that somebody waits until what is in the outbox now is sent. */
  public void hurry() {
    lock.lock();
    try {
      hurry = true;
      hurried.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Returns why nothing could be sent when that was last tried; null if it could. */
  public @Nullable String problem() {
    return problem;
  }

  private void run() {
    try {
      sendUntilStopped();
    } finally {
      forgetUnanswered();
    }
  }

  private void sendUntilStopped() {
    int failures = 0;
    while (!isStopped()) {
      try (SqliteSession session = sessions.open()) {
        while (!isStopped()) {
          long seen = signalsSeen();
          boolean idle = !sendNext(session);
          if (!idle) {
            awaitCompany();
          }
          if (idle || ++messages % MESSAGES_PER_PURGE == 0) {
            outbox.purge(session);
          }
          if (idle) {
            awaitSignal(seen);
          }
          failures = 0;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (Exception | Error e) { // whatever it is, it must show, and what waits must be sent
        failures = failed(failures, e);
      }
    }
  }

  /**
   * Sends the next message and waits until the stream has it. For the relay's thread, or, where it
   * is not started, for one thread of the caller's.
   *
   * @return false if there was nothing to send, or it may not be sent now
   */
  public boolean sendNext(SqliteSession session) throws SQLException {
    if (held.getAsBoolean()) {
      return false; // woken up when it is over
    }
    List<PendingTransaction> group = nextGroup(session);
    if (group.isEmpty()) {
      return false;
    }
    String why = whyNotNow.get();
    if (why != null) {
      throw new StreamException(why, true, null);
    }
    PublishResult result = prepare(session, group).publish(ChangeStream.ANY, timeout);
    FaultPoint.RELAYED.reached();
    forgetUnanswered();
    PendingTransaction last = group.get(group.size() - 1);
    checkThatItComes(session, last, result);
    sentUpTo = last.place();
    if (problem != null) {
      log.info("Database {} publishes again", name);
      problem = null;
    }
    outbox.sent(sentUpTo);
    causes.headMap(sentUpTo, true).clear();
    return true;
  }

  /**
   * A stream that has the message already gives it its old place. Where this node has counted that
   * place without the message, because it was restored from a state that another one began anew,
   * the message would never come: it is sent again until the stream does not remember it.
   */
  private void checkThatItComes(
      SqliteSession session, PendingTransaction last, PublishResult result) throws SQLException {
    if (result instanceof Accepted accepted
        && accepted.sequence() <= counted.getAsLong()
        && outbox.after(session, last.place() - 1, 1).contains(last)) {
      throw new StreamException(
          "Transaction "
              + last.number()
              + " of "
              + last.origin()
              + " is in the stream at "
              + accepted.sequence()
              + ", which the state that this node was restored to does not have; it is sent again"
              + " as soon as the stream takes it for a new one",
          true,
          null);
    }
  }

  /**
   * Returns the message of a group: the same one as long as it is not answered, since what is large
   * was stored for it, unless that was so long ago that it will not stay as long as the message.
   */
  private Outgoing prepare(SqliteSession session, List<PendingTransaction> group)
      throws SQLException {
    Outgoing prepared = outgoing;
    if (prepared != null
        && group.equals(unanswered)
        && System.nanoTime() - preparedAt < PREPARED_AGE_MAX.toNanos()) {
      return prepared;
    }
    forgetUnanswered();
    prepared = publisher.prepare(message(session, group));
    trace(prepared, group);
    unanswered = group;
    preparedAt = System.nanoTime();
    outgoing = prepared;
    return prepared;
  }

  /** A message belongs to the trace of its first transaction that has one. */
  private void trace(Outgoing prepared, List<PendingTransaction> group) {
    for (PendingTransaction pending : group) {
      Object cause = causes.get(pending.place());
      if (cause != null) {
        prepared.causedBy(cause);
        return;
      }
    }
  }

  private void forgetUnanswered() {
    unanswered = List.of();
    if (outgoing != null) {
      outgoing.close();
      outgoing = null;
    }
  }

  /**
   * Returns the oldest transactions that are not sent, of one origin, as many as one message has.
   */
  private List<PendingTransaction> nextGroup(SqliteSession session) throws SQLException {
    if (loads != outbox.loads()) {
      loads = outbox.loads(); // the file was restored: what was sent may be from before its state
      sentUpTo = 0;
      forgetUnanswered();
    }
    if (!unanswered.isEmpty()
        && outbox
            .committedAfter(session, sentUpTo, unanswered.size(), Long.MAX_VALUE)
            .equals(unanswered)) {
      return unanswered; // the stream knows it by the same message id if it has it already
    }
    List<PendingTransaction> group = new ArrayList<>();
    long bytes =
        MESSAGE_OVERHEAD_BYTES
            + NAME_BYTES_MAX * (long) (filename.length() + origin.node().value().length());
    long bytesMax = publisher.messageBytesMax();
    for (PendingTransaction next :
        outbox.committedAfter(session, sentUpTo, TRANSACTIONS_PER_MESSAGE_MAX, bytesMax)) {
      bytes += next.bytes() + TRANSACTION_OVERHEAD_BYTES;
      if (!group.isEmpty() && (bytes > bytesMax || !next.origin().equals(group.get(0).origin()))) {
        companyWait = Duration.ZERO;
        return group;
      }
      group.add(next);
    }
    companyWait = bytes > bytesMax ? Duration.ZERO : companyWait(group.size(), bytes);
    return group;
  }

  private ChangeSet message(SqliteSession session, List<PendingTransaction> group)
      throws SQLException {
    List<Transaction> transactions = new ArrayList<>(group.size());
    for (PendingTransaction pending : group) {
      transactions.add(
          new Transaction(
              pending.number(), pending.baseSequence(), outbox.encodedPayload(session, pending)));
    }
    Instant now = clock.instant();
    return new ChangeSet(
        group.get(0).origin(),
        filename,
        now.getEpochSecond() * 1_000_000_000L + now.getNano(),
        transactions,
        Set.of());
  }

  /** A message that is not full is soon followed by others, if at all. */
  private Duration companyWait(int transactions, long bytes) {
    if (transactions == TRANSACTIONS_PER_MESSAGE_MAX) {
      return Duration.ZERO;
    }
    boolean busy = transactions >= BUSY_TRANSACTIONS_MIN || bytes >= BUSY_BYTES_MIN;
    return busy && !awaited ? COMPANY_WAIT_BUSY : COMPANY_WAIT;
  }

  private void awaitCompany() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long wait = companyWait.toNanos();
      while (wait > 0 && !hurry && !stopped && !drain) {
        wait = hurried.awaitNanos(wait);
      }
      hurry = false;
    } finally {
      lock.unlock();
    }
  }

  private long signalsSeen() {
    lock.lock();
    try {
      return signals;
    } finally {
      lock.unlock();
    }
  }

  private void awaitSignal(long seen) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (signals == seen && !stopped && !drain) {
        changed.await();
      }
      if (signals == seen && drain) {
        stopped = true; // all is sent
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits a while after a failure; returns the number of failures to go on with. */
  private int failed(int failures, Throwable cause) {
    if (problem == null) {
      log.warn(
          "Database {} cannot publish at the moment; what is committed here waits in the outbox:"
              + " {}",
          name,
          cause.getMessage());
    }
    problem = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    long wait =
        Math.min(RETRY_WAIT_MAX.toNanos(), RETRY_WAIT_MIN.toNanos() << Math.min(failures, 10));
    lock.lock();
    try {
      while (wait > 0 && !stopped && !drain) {
        wait = changed.awaitNanos(wait);
      }
      stopped |= drain; // it cannot be sent now; the next start sends it
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopped = true;
    } finally {
      lock.unlock();
    }
    return failures + 1;
  }

  /** Tells whether it sends no more. */
  public boolean isStopped() {
    lock.lock();
    try {
      return stopped;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sends what waits, as long as that works and for the publisher's timeout at most, and stops. May
   * be called twice.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      drain = true;
      stopped |= !started;
      changed.signalAll();
      hurried.signal();
    } finally {
      lock.unlock();
    }
    try {
      thread.join(Math.max(1, timeout.toMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // who closes has no more time: what waits is sent later
    }
    stop();
    Threads.awaitEnd(thread);
  }

  private void stop() {
    lock.lock();
    try {
      stopped = true;
      changed.signalAll();
      hurried.signal();
    } finally {
      lock.unlock();
    }
    outbox.wakeUp();
    thread.interrupt();
  }
}
