package io.hasqlite.faults;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Lets faults happen one after the other: first those that it was dealt, then any. */
final class Lane {

  /** What can have a fault. */
  interface Victim {
    /** Lets a fault happen, and waits for recovery; false if there was no opportunity. */
    boolean happen(Fault fault) throws Exception;
  }

  private static final int PAUSE_MILLIS_MAX = 3_000;

  private final String name;
  private final Deque<Fault> dealt;
  private final List<Fault> others;
  private final Victim victim;
  private final Random random;
  private final FaultTable table;
  private final Consumer<String> timeline;
  private volatile boolean hadAll;

  Lane(
      String name,
      Collection<Fault> dealt,
      List<Fault> others,
      Victim victim,
      Random random,
      FaultTable table,
      Consumer<String> timeline) {
    this.name = name;
    this.dealt = new ArrayDeque<>(dealt);
    this.others = others;
    this.victim = victim;
    this.random = random;
    this.table = table;
    this.timeline = timeline;
    this.hadAll = dealt.isEmpty();
  }

  /** Goes on until it is stopped. */
  void run(CountDownLatch stop) throws Exception {
    while (!stop.await(random.nextInt(PAUSE_MILLIS_MAX), TimeUnit.MILLISECONDS)) {
      Fault wanted = dealt.poll();
      Fault fault = wanted != null ? wanted : others.get(random.nextInt(others.size()));
      timeline.accept(name + ": " + fault);
      boolean happened = victim.happen(fault);
      timeline.accept(name + ": " + (happened ? "recovered" : "no opportunity") + ", " + fault);
      if (happened) {
        table.add(fault);
      } else if (wanted != null) {
        dealt.add(wanted);
      }
      hadAll = dealt.isEmpty();
    }
  }

  /** Tells whether all that was dealt has happened. */
  boolean hadAll() {
    return hadAll;
  }
}
