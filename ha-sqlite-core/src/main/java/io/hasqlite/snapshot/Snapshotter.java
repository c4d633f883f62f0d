package io.hasqlite.snapshot;

import io.hasqlite.FaultPoint;
import io.hasqlite.apply.AppliedPosition;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.sqlite.SqliteSession;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes snapshots of a node's file, which always shows a confirmed state. Only one node of several
 * takes one in an interval, and only if something changed.
 */
public final class Snapshotter implements DbSnapshotter {

  private static final Logger log = LoggerFactory.getLogger(Snapshotter.class);

  private final String name;
  private final SqliteFile database;
  private final Set<String> excludedTables;
  private final SnapshotStore store;
  private final ControlTables controlTables;
  private final AppliedPosition position;
  private final Duration interval;
  private final Thread thread;
  private final AtomicBoolean started = new AtomicBoolean();
  private final CountDownLatch stop = new CountDownLatch(1);

  /** Creates a snapshotter that is not started. */
  public Snapshotter(
      String name,
      SqliteFile database,
      Set<String> excludedTables,
      SnapshotStore store,
      ControlTables controlTables,
      AppliedPosition position,
      Duration interval) {
    this.name = name;
    this.database = database;
    this.excludedTables = excludedTables;
    this.store = store;
    this.controlTables = controlTables;
    this.position = position;
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
        if (store.claim(interval)) {
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
    Optional<StoredSnapshot> latest = store.latest();
    long counted = position.get().sequence();
    if (counted == 0 || latest.isPresent() && latest.get().sequence() >= counted) {
      return latest.filter(snapshot -> snapshot.sequence() > 0);
    }
    Path file = null;
    try {
      try (SqliteSession session = database.openSession()) {
        if (!controlTables.isPresent(session)) {
          return latest;
        }
      }
      long start = System.nanoTime();
      file = SnapshotFile.copy(database, excludedTables);
      long sequence = sequenceOf(file);
      FaultPoint.SNAPSHOT_COPIED.reached();
      try (InputStream content = Files.newInputStream(file)) {
        boolean stored = store.put(content, sequence);
        log.debug(
            "Snapshot of database {} at {}: {} bytes, {} ms, {}",
            name,
            sequence,
            Files.size(file),
            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start),
            stored ? "stored" : "another node's is as new");
      }
      return store.latest();
    } catch (SQLException | IOException e) {
      throw new SnapshotException(
          "No snapshot of \"" + name + "\" could be taken: " + e.getMessage(), e);
    } finally {
      if (file != null) {
        SnapshotFile.delete(file);
      }
    }
  }

  private long sequenceOf(Path file) throws SQLException {
    SqliteFile copy = SqliteFile.open(file, java.util.Map.of(), java.util.List.of());
    try (SqliteSession session = copy.openSession()) {
      ControlTables.Stored stored = controlTables.read(session);
      session.execute("PRAGMA journal_mode=DELETE");
      if (stored == null) {
        throw new SnapshotException("The snapshot in " + file + " has no position", null);
      }
      return stored.position().sequence();
    }
  }

  @Override
  public Optional<StoredSnapshot> latest() {
    return store.latest().filter(snapshot -> snapshot.sequence() > 0);
  }

  @Override
  public void close() {
    stop.countDown();
    if (!started.get()) {
      return;
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
