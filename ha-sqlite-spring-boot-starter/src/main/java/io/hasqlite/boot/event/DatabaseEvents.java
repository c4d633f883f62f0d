package io.hasqlite.boot.event;

import io.hasqlite.apply.AppliedChanges;
import io.hasqlite.engine.EngineListener;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of one database, published on a thread of their own. What waits is limited: beyond
 * that the newest events are combined, so that the engine's thread never waits and nothing is left
 * out.
 */
final class DatabaseEvents implements EngineListener {

  static final int EVENTS_MAX = 1_000;
  static final int KEYS_MAX = 10_000;

  private static final Logger log = LoggerFactory.getLogger(DatabaseEvents.class);
  private static final Duration STOP_WAIT = Duration.ofSeconds(5);

  private final String database;
  private final Consumer<ChangeSetAppliedEvent> publisher;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.
  private final Deque<ChangeSetAppliedEvent> waiting = new ArrayDeque<>();
  private int keys;
  private @Nullable Thread thread;

  DatabaseEvents(String database, Consumer<ChangeSetAppliedEvent> publisher) {
    this.database = database;
    this.publisher = publisher;
  }

  @Override
  public void visible(AppliedChanges changes) {
    add(
        new ChangeSetAppliedEvent(
            database,
            changes.origin().node().value(),
            changes.sequence(),
            changes.tables(),
            changes.schemaChanged()));
  }

  @Override
  public void restored(long sequence) {
    add(new ChangeSetAppliedEvent(database, null, sequence, List.of(), true));
  }

  private void add(ChangeSetAppliedEvent event) {
    lock.lock();
    try {
      ChangeSetAppliedEvent added = event;
      if (!waiting.isEmpty()
          && (waiting.size() >= EVENTS_MAX || keys + event.keyCount() > KEYS_MAX)) {
        ChangeSetAppliedEvent last = waiting.removeLast();
        keys -= last.keyCount();
        added = last.and(event);
      }
      waiting.add(added);
      keys += added.keyCount();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void start() {
    lock.lock();
    try {
      if (thread == null) {
        thread = new Thread(this::run, "ha-sqlite-events-" + database);
        thread.setDaemon(true);
        thread.start();
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      ChangeSetAppliedEvent event = next();
      while (event != null) {
        publish(event);
        event = next();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // a listener that did not end in time
    }
  }

  /** Waits for the next event; null if the thread is to end. */
  private @Nullable ChangeSetAppliedEvent next() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waiting.isEmpty() && thread == Thread.currentThread()) {
        changed.await();
      }
      if (thread != Thread.currentThread()) {
        return null;
      }
      ChangeSetAppliedEvent event = waiting.remove();
      keys -= event.keyCount();
      return event;
    } finally {
      lock.unlock();
    }
  }

  private void publish(ChangeSetAppliedEvent event) {
    try {
      publisher.accept(event);
    } catch (RuntimeException | Error e) {
      log.warn(
          "A listener failed at message {} of database {}; replication goes on, and the other"
              + " listeners after it have not heard of the message",
          event.sequence(),
          database,
          e);
    }
  }

  /** Waits a while for the listener that is running, and interrupts it then. */
  void stop() {
    Thread running;
    lock.lock();
    try {
      running = thread;
      thread = null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (running == null || running == Thread.currentThread()) {
      return;
    }
    try {
      running.join(STOP_WAIT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    running.interrupt();
  }
}
