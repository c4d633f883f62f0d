package io.hasqlite.boot.metrics;

import io.hasqlite.NodeId;
import io.hasqlite.apply.AppliedChanges;
import io.hasqlite.apply.Conflict;
import io.hasqlite.apply.DeadLetter;
import io.hasqlite.engine.EngineListener;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Counts what the engine of one database does. */
final class DatabaseCounters implements EngineListener {

  /** How many there were, and how long they took together. */
  static final class Timed {

    private final LongAdder count = new LongAdder();
    private final LongAdder nanos = new LongAdder();

    void add(long duration) {
      count.increment();
      nanos.add(duration);
    }

    long count() {
      return count.sum();
    }

    double nanos() {
      return nanos.sum();
    }

    static TimeUnit unit() {
      return TimeUnit.NANOSECONDS;
    }
  }

  final Timed commitsInPlace = new Timed();
  final Timed commitsOvertaken = new Timed();
  final LongAdder commitsInDoubt = new LongAdder();
  final LongAdder commitsNotAcknowledged = new LongAdder();
  final Timed batches = new Timed();
  final LongAdder messages = new LongAdder();
  final LongAdder transactions = new LongAdder();
  final LongAdder rows = new LongAdder();
  final LongAdder deadLetters = new LongAdder();
  final Timed published = new Timed();
  final LongAdder bytesOut = new LongAdder();
  final LongAdder messagesIn = new LongAdder();
  final LongAdder bytesIn = new LongAdder();
  final LongAdder captured = new LongAdder();
  final LongAdder rebases = new LongAdder();
  final LongAdder redone = new LongAdder();
  final Timed snapshots = new Timed();
  final LongAdder restores = new LongAdder();
  final LongAdder[] conflicts = new LongAdder[Conflict.Kind.values().length];

  private final NodeId node;
  private final Clock clock;
  private final List<Timer> delays = new CopyOnWriteArrayList<>();

  DatabaseCounters(NodeId node, Clock clock) {
    this.node = node;
    this.clock = clock;
    for (int i = 0; i < conflicts.length; i++) {
      conflicts[i] = new LongAdder();
    }
  }

  @Override
  public void applied(long messages, long transactions, long rows, long nanos) {
    batches.add(nanos);
    this.messages.add(messages);
    this.transactions.add(transactions);
    this.rows.add(rows);
  }

  @Override
  public void conflict(Conflict conflict) {
    conflicts[conflict.kind().ordinal()].increment();
  }

  @Override
  public void deadLetter(DeadLetter letter) {
    deadLetters.increment();
  }

  @Override
  public void moreConflicts(Conflict.Kind kind, long count) {
    conflicts[kind.ordinal()].add(count);
  }

  @Override
  public void committed(long nanos, boolean inPlace) {
    (inPlace ? commitsInPlace : commitsOvertaken).add(nanos);
  }

  @Override
  public void notAcknowledged() {
    commitsNotAcknowledged.increment();
  }

  @Override
  public void inDoubt() {
    commitsInDoubt.increment();
  }

  /** From now on delays are recorded there, too; those before are not. */
  void recordDelays(Timer timer) {
    delays.add(timer);
  }

  @Override
  public void visible(AppliedChanges changes) {
    if (changes.origin().node().equals(node)) {
      return;
    }
    Duration delay = Duration.between(changes.publishedAt(), clock.instant());
    for (Timer timer : delays) {
      timer.record(delay.isNegative() ? Duration.ZERO : delay);
    }
  }

  @Override
  public void published(long bytes, long nanos) {
    published.add(nanos);
    bytesOut.add(bytes);
  }

  @Override
  public void received(long messages, long bytes) {
    messagesIn.add(messages);
    bytesIn.add(bytes);
  }

  @Override
  public void captured(long changes) {
    captured.add(changes);
  }

  @Override
  public void rebased(long transactions) {
    rebases.increment();
    redone.add(transactions);
  }

  @Override
  public void snapshotStored(long bytes, long nanos) {
    snapshots.add(nanos);
  }

  @Override
  public void restored(long sequence) {
    restores.increment();
  }
}
