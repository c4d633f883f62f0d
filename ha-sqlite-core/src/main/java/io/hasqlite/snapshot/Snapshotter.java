package io.hasqlite.snapshot;

import io.hasqlite.FaultPoint;
import io.hasqlite.Threads;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.apply.PendingWork;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.stream.SnapshotStamp;
import io.hasqlite.stream.SnapshotStore;
import io.hasqlite.stream.StoredSnapshot;
import io.hasqlite.stream.StreamException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes snapshots of a node's file, which always shows a confirmed state. Only one node of several
 * takes one in an interval, and only if something changed.
 */
public final class Snapshotter implements DbSnapshotter {

  private static final Logger log = LoggerFactory.getLogger(Snapshotter.class);

  /** A node that reads a snapshot more slowly than at half of this may have to begin again. */
  private static final long READ_BYTES_PER_SECOND_MIN = 10_000_000;

  private static final String DUTY = "SNAPSHOT";

  private final String name;
  private final SqliteFile database;
  private final LocalTables local;
  private final SnapshotStore store;
  private final ControlTables controlTables;
  private final PendingWork pendingWork;
  private final Supplier<@Nullable String> whyNot;
  private final Runnable restoreInPlace;
  private final Duration interval;
  private final SnapshotListener listener;
  private final Thread thread;
  private final AtomicBoolean started = new AtomicBoolean();
  private final CountDownLatch stop = new CountDownLatch(1);
  private @Nullable StoredSnapshot latestSeen; // used by the thread only
  private long latestSeenAt = System.nanoTime();
  private volatile @Nullable StoredSnapshot lastHeard;

  /**
   * Creates a snapshotter that is not started.
   *
   * @param whyNot why this node's state must not become that of others; null if it may
   * @param restoreInPlace brings the running database to the latest snapshot
   * @param listener told of each snapshot that is stored
   */
  public Snapshotter(
      String name,
      SqliteFile database,
      Set<String> excludedTables,
      SnapshotStore store,
      ControlTables controlTables,
      PendingWork pendingWork,
      Supplier<@Nullable String> whyNot,
      Runnable restoreInPlace,
      Duration interval,
      SnapshotListener listener) {
    this.listener = listener;
    this.name = name;
    this.database = database;
    this.local = new LocalTables(excludedTables);
    this.store = store;
    this.controlTables = controlTables;
    this.pendingWork = pendingWork;
    this.whyNot = whyNot;
    this.restoreInPlace = restoreInPlace;
    this.interval = interval;
    this.thread = new Thread(this::run, "ha-sqlite-snapshotter-" + name);
    thread.setDaemon(true);
  }

  @Override
  public void start() {
    if (started.compareAndSet(false, true)) {
      thread.start();
    }
  }

  private void run() {
    boolean failed = false;
    // Nodes that started together do not come together: the first one's snapshot serves all.
    long wait = ThreadLocalRandom.current().nextLong(interval.toMillis() / 2, interval.toMillis());
    while (!isStopped(wait)) {
      wait = interval.toMillis();
      try {
        if (whyNot.get() == null && isReadable() && store.claim(DUTY, interval)) {
          take();
        }
        if (failed) {
          log.info("Snapshots of database {} are taken again", name);
        }
        failed = false;
      } catch (SnapshotException | StreamException e) {
        if (!failed) {
          log.warn("No snapshot of database {} was taken, trying again: {}", name, e.getMessage());
        }
        failed = true;
      } catch (RuntimeException e) {
        log.error("No snapshot of database {} was taken, trying again", name, e);
        failed = true;
      }
    }
  }

  /**
   * Tells whether the latest snapshot has been there for so long that a node can have read it: when
   * the next but one is stored, its bytes go.
   */
  private boolean isReadable() {
    StoredSnapshot latest = store.latest().orElse(null);
    lastHeard = latest;
    if (latest == null || latestSeen == null || latestSeen.digest().equals(latest.digest())) {
      latestSeen = latest;
      return latest == null
          || System.nanoTime() - latestSeenAt
              >= latest.bytes() / READ_BYTES_PER_SECOND_MIN * TimeUnit.SECONDS.toNanos(1);
    }
    latestSeen = latest;
    latestSeenAt = System.nanoTime();
    return false;
  }

  private boolean isStopped(long waitMillis) {
    try {
      return stop.await(waitMillis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  @Override
  public synchronized Optional<StoredSnapshot> take() {
    String why = whyNot.get();
    if (why != null) {
      throw new SnapshotException("No snapshot of \"" + name + "\" is taken: " + why, null);
    }
    try {
      SnapshotStamp now = stampNow();
      Optional<StoredSnapshot> latest = store.latest();
      if (now == null || latest.isPresent() && latest.get().stamp().isAsNewAs(now)) {
        return heard(latest);
      }
      if (latest.isEmpty()
          || !latest.get().stamp().at(now.sequence()).equals(now)
          || !store.restamp(latest.get(), now)) {
        copyAndStore();
      }
      return heard(store.latest());
    } catch (SQLException | IOException e) {
      throw new SnapshotException(
          "No snapshot of \"" + name + "\" could be taken: " + e.getMessage(), e);
    }
  }

  private Optional<StoredSnapshot> heard(Optional<StoredSnapshot> latest) {
    lastHeard = latest.orElse(null);
    return latest;
  }

  @Override
  public Optional<StoredSnapshot> lastHeard() {
    return Optional.ofNullable(lastHeard);
  }

  /** Returns the stamp of the state of this moment; null where the file has no position yet. */
  private @Nullable SnapshotStamp stampNow() throws SQLException {
    try (SqliteSession session = database.openSession()) {
      return controlTables.read(session) == null
          ? null
          : SnapshotCopy.stamp(session, controlTables, local);
    }
  }

  private void copyAndStore() throws SQLException, IOException {
    long start = System.nanoTime();
    try (SnapshotCopy copy = SnapshotCopy.of(database, controlTables, local, pendingWork);
        InputStream content = Files.newInputStream(copy.path())) {
      FaultPoint.SNAPSHOT_COPIED.reached();
      boolean stored = store.put(content, copy.stamp());
      long nanos = System.nanoTime() - start;
      if (stored) {
        listener.snapshotStored(Files.size(copy.path()), nanos);
      }
      log.debug(
          "Snapshot of database {} at {}: {} bytes, {} ms, {}",
          name,
          copy.stamp().sequence(),
          Files.size(copy.path()),
          TimeUnit.NANOSECONDS.toMillis(nanos),
          stored ? "stored" : "another node's is as new");
    }
  }

  @Override
  public Optional<StoredSnapshot> latest() {
    return store.latest();
  }

  @Override
  public Optional<StoredSnapshot> restore(Path target) {
    return Restorer.read(store, target);
  }

  @Override
  public void restore() {
    restoreInPlace.run();
  }

  @Override
  public void close() {
    stop.countDown();
    if (!started.get()) {
      return;
    }
    Threads.awaitEnd(thread);
  }
}
