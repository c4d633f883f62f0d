package io.hasqlite.boot.metrics;

import io.hasqlite.apply.Conflict;
import io.hasqlite.apply.DeadLetter;
import io.hasqlite.engine.EngineListener;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what the engine does, from its start on, which is before there is a meter registry to tell
 * it to.
 */
public final class HaSqliteCounters implements EngineListener {

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
  final LongAdder[] conflicts = new LongAdder[Conflict.Kind.values().length];

  /** Creates counters at zero. */
  public HaSqliteCounters() {
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
}
