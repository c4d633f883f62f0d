package io.hasqlite.verify;

import io.hasqlite.NodeId;
import io.hasqlite.Threads;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.apply.EngineMessages;
import io.hasqlite.apply.PendingWork;
import io.hasqlite.capture.CaptureOptions;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.stream.SnapshotStore;
import io.hasqlite.stream.StreamException;
import io.hasqlite.verify.Comparison.Verdict;
import io.hasqlite.verify.VerifyMessages.Answer;
import io.hasqlite.verify.VerifyMessages.Marker;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares this node with the others now and then. One node publishes a marker into the stream.
 * Each node opens a read transaction right where it has counted the marker, computes digests of
 * what it sees there in the background, and publishes them (without what is pending there, which
 * has no place in the stream yet); the stream brings all answers to all nodes. Where two answers
 * differ, more markers follow that ask for ever smaller parts of the first table that differs, and
 * at last for its rows: so the keys are found without sending the table.
 */
public final class Verifier implements EngineMessages, AutoCloseable {

  /** Publishes a change as a transaction of its own. */
  public interface Publishing {
    /** Returns when the stream has it. */
    void publish(Change change) throws SQLException;
  }

  /**
   * What a verifier knows of its node.
   *
   * @param name the database's name, for the thread and the log
   * @param node this node
   * @param options what is replicated
   * @param interval how often one of the nodes asks for a comparison
   * @param nothingPending tells, while the write lock is held, whether this node shows the
   *     confirmed state and nothing of its own on top
   * @param pendingWork takes that out of a copy
   * @param nodes how many nodes there are, as the server knows it; may ask it
   */
  public record Settings(
      String name,
      NodeId node,
      CaptureOptions options,
      Duration interval,
      BooleanSupplier nothingPending,
      PendingWork pendingWork,
      IntSupplier nodes) {}

  private static final Logger log = LoggerFactory.getLogger(Verifier.class);

  private static final String DUTY = "VERIFY";

  /** Beyond it what others say is not heard: the next comparison will tell. */
  private static final int EVENTS_MAX = 1_000;

  /** Answers come to the latest markers only. */
  private static final int COMPARISONS_MAX = 16;

  /** So few rows are sent by their keys. */
  private static final int KEYS_MAX = 200;

  /** So many names are shown. */
  private static final int SHOWN_MAX = 5;

  /** How long nodes that have not answered may decide who is wrong. */
  private static final Duration ANSWERS_WAIT = Duration.ofSeconds(10);

  private final Settings settings;
  private final String scope;
  private final SqliteFile file;
  private final ControlTables controlTables;
  private final SnapshotStore claims;
  private final Publishing publishing;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>(EVENTS_MAX);
  private final Map<Long, Comparison> comparisons =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Comparison> eldest) {
          return size() > COMPARISONS_MAX;
        }
      };
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;
  private boolean started;
  private volatile boolean looking; // a view is open, or about to be
  private volatile @Nullable String problem;
  private long nextMarkerAt;
  private @Nullable Comparison unsettled;
  private long settledAt;
  private boolean failed;
  private @Nullable Comparison different;

  /** Something to do for the verifier's thread. */
  private sealed interface Event {}

  /**
   * @param pending whether what the session sees has pending transactions on top
   */
  private record MarkerReached(
      long sequence, Marker marker, @Nullable SqliteSession session, boolean pending)
      implements Event {}

  private record AnswerReached(String node, Answer answer) implements Event {}

  /** Creates a verifier that is not started. */
  public Verifier(
      Settings settings,
      SqliteFile file,
      ControlTables controlTables,
      SnapshotStore claims,
      Publishing publishing) {
    this.settings = settings;
    this.scope = DigestReader.scope(settings.options());
    this.file = file;
    this.controlTables = controlTables;
    this.claims = claims;
    this.publishing = publishing;
    this.thread = new Thread(this::run, "ha-sqlite-verifier-" + settings.name());
    thread.setDaemon(true);
  }

  /** Starts to compare at the interval; returns at once. */
  public synchronized void start() {
    if (!started && stop.getCount() > 0) {
      started = true;
      thread.start();
    }
  }

  /** Returns what is wrong with this node's rows, and what to do; null if nothing is known. */
  public @Nullable String problem() {
    return problem;
  }

  /**
   * Computes the digests of what a session sees now, in a transaction of its own and without a
   * pause.
   */
  public static DatabaseDigest digest(
      SqliteSession session, CaptureOptions options, @Nullable ControlTables controlTables)
      throws SQLException {
    session.execute("BEGIN");
    try {
      ControlTables.Stored stored = controlTables == null ? null : controlTables.read(session);
      return new DatabaseDigest(
          stored == null ? 0 : stored.position().sequence(),
          new DigestReader(session, options, () -> {}).tables());
    } catch (InterruptedException e) {
      throw new IllegalStateException("Nothing interrupts it", e);
    } finally {
      session.execute("ROLLBACK");
    }
  }

  @Override
  public boolean isOne(ChangeSet changeSet) {
    return VerifyMessages.areIn(changeSet);
  }

  @Override
  public void reached(long sequence, ChangeSet changeSet) {
    for (Object said : VerifyMessages.read(changeSet)) {
      if (said instanceof Marker marker) {
        boolean pending = !settings.nothingPending().getAsBoolean();
        offer(new MarkerReached(sequence, marker, looking ? null : view(), pending));
      } else if (said instanceof Answer answer) {
        offer(new AnswerReached(changeSet.origin().node().value(), answer));
      }
    }
  }

  /** Opens a read transaction, which sees what is committed now; null if that is not possible. */
  private @Nullable SqliteSession view() {
    SqliteSession session = null;
    try {
      session = file.openSession();
      session.execute("BEGIN");
      session.one("SELECT 1 FROM main.sqlite_schema LIMIT 1");
      return session;
    } catch (SQLException e) {
      log.warn(
          "Database {} is not compared this time, it could not be opened: {}",
          settings.name(),
          e.getMessage());
      close(session);
      return null;
    }
  }

  private synchronized void offer(Event event) {
    SqliteSession session = event instanceof MarkerReached marker ? marker.session() : null;
    if (session != null) {
      looking = true; // before the event is seen, which ends it
    }
    if (stop.getCount() > 0 && events.offer(event)) {
      return;
    }
    if (session != null) {
      close(session);
      looking = false;
    }
  }

  private void close(@Nullable SqliteSession session) {
    if (session == null) {
      return;
    }
    try {
      session.close();
    } catch (SQLException e) {
      log.warn("A session of the comparison of {} was not closed", settings.name(), e);
    }
  }

  private void run() {
    long interval = settings.interval().toNanos();
    // Nodes that started together do not come together: the first one's marker serves all.
    nextMarkerAt = System.nanoTime() + ThreadLocalRandom.current().nextLong(interval / 2, interval);
    try {
      while (stop.getCount() > 0) {
        tryStep(nextMarkerAt - System.nanoTime());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      looking = false;
    }
  }

  /** One failure must not end all comparisons: views that are opened for them would stay open. */
  private void tryStep(long waitNanos) throws InterruptedException {
    try {
      step(waitNanos);
    } catch (RuntimeException e) {
      log.error("A comparison of database {} failed", settings.name(), e);
    }
  }

  /** Does what is next, or what is due after a wait. */
  private void step(long waitNanos) throws InterruptedException {
    if (unsettled != null) {
      waitNanos = Math.min(waitNanos, settledAt - System.nanoTime());
    }
    Event event = events.poll(Math.max(0, waitNanos), TimeUnit.NANOSECONDS);
    if (event instanceof MarkerReached reached) {
      comparisons.put(
          reached.sequence(), new Comparison(reached.sequence(), reached.marker().range()));
      if (reached.session() != null) {
        answer(reached, reached.session());
      }
    } else if (event instanceof AnswerReached reached) {
      compare(reached.node(), reached.answer());
    }
    if (unsettled != null && System.nanoTime() - settledAt >= 0) {
      judge(unsettled, true);
    }
    if (System.nanoTime() - nextMarkerAt >= 0) {
      nextMarkerAt = System.nanoTime() + settings.interval().toNanos();
      ask();
    }
  }

  /** Publishes a marker if it is this node's turn. */
  private void ask() {
    try {
      if (claims.claim(DUTY, settings.interval())) {
        publish(VerifyMessages.marker(null));
      }
    } catch (StreamException e) {
      failed(e);
    }
  }

  private void publish(Change change) {
    try {
      publishing.publish(change);
      if (failed) {
        log.info("Database {} is compared with the other nodes again", settings.name());
      }
      failed = false;
    } catch (SQLException e) {
      failed(e);
    }
  }

  private void failed(Exception e) {
    if (!failed && stop.getCount() > 0) {
      log.warn(
          "Database {} is not compared with the other nodes at the moment: {}",
          settings.name(),
          e.getMessage());
    }
    failed = true;
  }

  private void answer(MarkerReached reached, SqliteSession session) throws InterruptedException {
    List<Digest> digests = null;
    try {
      ControlTables.Stored stored = controlTables.read(session);
      if (stored != null && stored.position().sequence() == reached.sequence()) {
        digests = digests(reached, session);
      }
    } catch (SQLException | IOException e) {
      failed(e);
    } finally {
      close(session);
      looking = false;
    }
    if (digests != null && digests.size() <= VerifyMessages.DIGESTS_MAX) {
      publish(VerifyMessages.answer(new Answer(reached.sequence(), scope, digests)));
    }
  }

  private List<Digest> digests(MarkerReached reached, SqliteSession session)
      throws SQLException, IOException, InterruptedException {
    Range range = reached.marker().range();
    Pace pace = new SlowPace(stop); // a copy counts, too
    if (!reached.pending()) {
      return digests(range, session, pace);
    }
    try (ConfirmedCopy copy = ConfirmedCopy.of(file, session, settings.pendingWork())) {
      close(session); // the copy is enough, and the WAL can be reset again
      return digests(range, copy.session(), pace);
    }
  }

  private List<Digest> digests(@Nullable Range range, SqliteSession session, Pace pace)
      throws SQLException, InterruptedException {
    DigestReader reader = new DigestReader(session, settings.options(), pace);
    return range == null ? reader.tables() : reader.parts(range);
  }

  private void compare(String node, Answer answer) {
    Comparison comparison = comparisons.get(answer.marker());
    if (comparison == null || !answer.scope().equals(scope)) {
      return;
    }
    comparison.add(node, answer.digests());
    String self = settings.node().value();
    if (node.equals(self) && self.equals(comparison.revealedBy())) {
      lookCloser(comparison);
    }
    if (comparison.range() == null) {
      judge(comparison, false);
    } else if (different != null) {
      tell(different);
    }
  }

  /** Asks all nodes for a smaller part of what is different. */
  private void lookCloser(Comparison comparison) {
    Range range = comparison.range();
    List<String> names = comparison.differences();
    if (range != null && range.keys()) {
      return;
    }
    String first =
        names.stream()
            .filter(name -> !name.equals(DatabaseDigest.SCHEMA))
            .findFirst()
            .orElse(names.get(0));
    boolean keys = comparison.rows(first) <= KEYS_MAX;
    if (range == null) {
      publish(VerifyMessages.marker(Range.whole(first, keys)));
    } else if (range.bits() < Range.BITS_MAX) {
      publish(VerifyMessages.marker(range.part(Integer.parseInt(first, 16), keys)));
    }
  }

  private void judge(Comparison comparison, boolean last) {
    String self = settings.node().value();
    int nodes = comparison.revealedBy() == null ? 0 : nodes();
    Verdict verdict = comparison.judge(self, Math.max(comparison.count(), nodes), last);
    if (verdict == Verdict.OPEN) {
      if (last) {
        unsettled = null; // this node has not answered
      } else if (comparison.revealedBy() != null && unsettled != comparison) {
        unsettled = comparison;
        settledAt = System.nanoTime() + ANSWERS_WAIT.toNanos();
      }
      return;
    }
    if (unsettled == comparison) {
      unsettled = null;
    }
    if (verdict == Verdict.DIFFERENT) {
      different = comparison;
      tell(comparison);
    } else if (different == null || comparison.sequence() >= different.sequence()) {
      if (different != null) {
        log.info("The rows of database {} are those of the other nodes again", settings.name());
      }
      if (comparison.revealedBy() != null) {
        log.warn(
            "Database {} has other rows on {} than here, as compared at {}: {}",
            settings.name(),
            comparison.differingFrom(self),
            comparison.sequence(),
            comparison.differences());
      }
      different = null;
      problem = null;
    }
  }

  private int nodes() {
    try {
      return settings.nodes().getAsInt();
    } catch (StreamException e) {
      log.debug("It is not known how many nodes there are", e);
      return 0;
    }
  }

  private void tell(Comparison whole) {
    String self = settings.node().value();
    StringBuilder text =
        new StringBuilder("The rows of database \"")
            .append(settings.name())
            .append("\" on node ")
            .append(self)
            .append(" are not those of ")
            .append(String.join(", ", whole.differingFrom(self)))
            .append(", as compared at sequence ")
            .append(whole.sequence())
            .append(": different are ")
            .append(shown(whole.differences()));
    for (Comparison closer : comparisons.values()) {
      Range range = closer.range();
      if (closer.sequence() > whole.sequence()
          && range != null
          && range.keys()
          && !closer.differences().isEmpty()) {
        text.append("; in \"")
            .append(range.table())
            .append("\" first: ")
            .append(shown(closer.differences()));
        break;
      }
    }
    text.append(
        ". Something wrote to a file past this library. Decide which node is right; stop the other,"
            + " keep a copy of its file, and start it without a file");
    if (!text.toString().equals(problem)) {
      log.error("{}", text);
    }
    problem = text.toString();
  }

  private static String shown(List<String> names) {
    String shown = String.join(", ", names.subList(0, Math.min(SHOWN_MAX, names.size())));
    return names.size() <= SHOWN_MAX ? shown : shown + " and more";
  }

  /** Stops, and waits until nothing is read any more. May be called twice. */
  @Override
  public void close() {
    synchronized (this) {
      stop.countDown();
      for (Event event : events) {
        if (event instanceof MarkerReached reached) {
          close(reached.session());
        }
      }
      events.clear();
      if (!started) {
        return;
      }
    }
    thread.interrupt();
    Threads.awaitEnd(thread);
  }
}
