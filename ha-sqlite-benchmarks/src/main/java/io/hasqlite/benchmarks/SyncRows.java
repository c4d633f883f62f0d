package io.hasqlite.benchmarks;

import io.hasqlite.Waiting;
import io.hasqlite.apply.AppliedChanges;
import io.hasqlite.engine.EngineListener;
import io.hasqlite.engine.HaSqlite;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/** The rows on synchronous commits. */
final class SyncRows {

  private static final int PACE = 500;
  private static final int NODES = 3;

  private final Lab lab;
  private final Effort effort;

  SyncRows(Lab lab, Effort effort) {
    this.lab = lab;
    this.effort = effort;
  }

  /** One writer, with its floor. */
  List<Figure> insert() throws Exception {
    try (HaSqlite node = lab.node(Lab.fresh("sync"), "node-1", lab.file("sync"), o -> o);
        PlainPublisher publisher = new PlainPublisher(lab, Messages.ofInsert());
        SyncFloorWriter floor = floor(lab.stream(), "node-1")) {
      Lab.run(node, Orders.CREATE);
      try (JdbcWriter writer = new JdbcWriter(node.dataSource().getConnection())) {
        long[] id = {0, 0};
        long millis = effort.millis() * (long) effort.iterations();
        inserts(writer::insert, id, 0, effort.warmupMillis());
        inserts(floor::insert, id, 1, effort.warmupMillis());
        publisher.rate(millis);
        return List.of(
            Comparison.of(
                    effort.rounds(),
                    () -> inserts(writer::insert, id, 0, millis),
                    () -> publisher.rate(millis),
                    () -> inserts(floor::insert, id, 1, millis))
                .figure(
                    "5",
                    "auto-commit INSERT, sync, one writer",
                    Target.atLeast(0.80),
                    Comparison::perSecond));
      }
    }
  }

  private SyncFloorWriter floor(String stream, String node) throws Exception {
    java.nio.file.Path file = lab.file("floor");
    try (java.sql.Connection plain = PlainFile.connect(file)) {
      plain.createStatement().execute(Orders.CREATE);
    }
    return new SyncFloorWriter(lab, file, stream, node);
  }

  /** Writes a row in a transaction by itself. */
  private interface Insert {
    void insert(long id) throws Exception;
  }

  private static double inserts(Insert writer, long[] id, int which, long millis) throws Exception {
    long start = System.nanoTime();
    long end = start + TimeUnit.MILLISECONDS.toNanos(millis);
    long first = id[which];
    while (System.nanoTime() < end) {
      writer.insert(++id[which]);
    }
    return (id[which] - first) / ((System.nanoTime() - start) / 1e9);
  }

  /** From the call of commit on one node until another one shows the row. */
  List<Figure> delay() throws Exception {
    int perRound = (int) (PACE * effort.millis() * effort.iterations() / 1_000L);
    int most = perRound * (effort.rounds() + 1) + 1;
    AtomicLongArray begun = new AtomicLongArray(most);
    AtomicLongArray seen = new AtomicLongArray(most);
    Waiting shown = new Waiting();
    String stream = Lab.fresh("delay");
    try (HaSqlite writing = lab.node(stream, "node-1", lab.file("delay"), o -> o);
        HaSqlite reading =
            lab.node(
                stream, "node-2", lab.file("delay"), o -> o.listener(new Observer(seen, shown)));
        PlainPublisher publisher = new PlainPublisher(lab, Messages.ofInsert());
        java.sql.Connection connection = writing.dataSource().getConnection()) {
      Lab.run(writing, Orders.CREATE);
      JdbcWriter writer = new JdbcWriter(connection);
      int[] next = {1};
      List<double[]> delays = new ArrayList<>();
      delays(writer, begun, seen, shown, next, perRound);
      publisher.paced(PACE, perRound * 1_000L / PACE);
      List<Double> baseline = new ArrayList<>();
      for (int round = 0; round < effort.rounds(); round++) {
        long[] plain = publisher.paced(PACE, perRound * 1_000L / PACE);
        baseline.add(Comparison.percentile(plain, 0.5));
        long[] times = delays(writer, begun, seen, shown, next, perRound);
        delays.add(
            new double[] {Comparison.percentile(times, 0.5), Comparison.percentile(times, 0.99)});
      }
      return List.of(
          figure("8a", "delay to another node at 500/s, sync: median", 5, delays, 0, baseline),
          figure("8b", "delay to another node at 500/s, sync: p99", 30, delays, 1, baseline));
    }
  }

  private static Figure figure(
      String id, String name, double most, List<double[]> delays, int which, List<Double> baseline)
      throws Exception {
    int[] round = {0, 0};
    return Comparison.of(
            delays.size(), () -> delays.get(round[0]++)[which], () -> baseline.get(round[1]++))
        .figure(id, name, Target.atMost(most), Comparison::micros);
  }

  /** Hears when a row is visible on its node. */
  private record Observer(AtomicLongArray seen, Waiting shown) implements EngineListener {
    @Override
    public void visible(AppliedChanges changes) {
      long now = System.nanoTime();
      shown.change(() -> see(changes, now));
    }

    private void see(AppliedChanges changes, long now) {
      changes.tables().forEach(table -> table.keys().forEach(key -> seen.set(id(key), now)));
    }
  }

  private static int id(Map<String, @Nullable Object> key) {
    return key.get("id") instanceof Long id ? id.intValue() : 0;
  }

  private static long[] delays(
      JdbcWriter writer,
      AtomicLongArray begun,
      AtomicLongArray seen,
      Waiting shown,
      int[] next,
      int count)
      throws Exception {
    int first = next[0];
    PlainPublisher.Pace pace = new PlainPublisher.Pace(PACE);
    for (int i = 0; i < count; i++) {
      pace.await(i);
      int id = next[0]++;
      begun.set(id, System.nanoTime());
      writer.insert(id);
    }
    int last = next[0] - 1;
    if (!shown.await(() -> seen.get(last) != 0, Duration.ofMinutes(1), () -> false)) {
      throw new IllegalStateException("The other node did not show row " + last);
    }
    long[] times = new long[count];
    for (int i = 0; i < count; i++) {
      times[i] = seen.get(first + i) - begun.get(first + i);
    }
    return times;
  }

  /** Three nodes that write at once against one that is alone, with the floor of the three. */
  List<Figure> contention() throws Exception {
    String stream = Lab.fresh("three");
    String floorStream = lab.stream();
    Deque<AutoCloseable> open = new ArrayDeque<>();
    ExecutorService threads = Executors.newFixedThreadPool(NODES);
    try {
      HaSqlite alone = lab.node(Lab.fresh("alone"), "node-1", lab.file("alone"), o -> o);
      open.push(alone);
      Lab.run(alone, Orders.CREATE);
      List<Inserts> one = List.of(new Inserts(writer(alone, open)::insert, 0));
      List<Inserts> three = new ArrayList<>();
      List<Inserts> floor = new ArrayList<>();
      long created = 0;
      for (int i = 1; i <= NODES; i++) {
        HaSqlite node = lab.node(stream, "node-" + i, lab.file("three"), o -> o);
        open.push(node);
        if (i == 1) {
          Lab.run(node, Orders.CREATE);
          created = node.status().position();
        }
        node.await(created, Duration.ofSeconds(30));
        three.add(new Inserts(writer(node, open)::insert, i));
        SyncFloorWriter writer = floor(floorStream, "node-" + i);
        open.push(writer);
        floor.add(new Inserts(writer::insert, i));
      }
      long millis = effort.millis() * (long) effort.iterations();
      // In turn, too: what the compiler took for granted of one side does not hold with others.
      for (int i = 0; i < Effort.WARMUP_TURNS; i++) {
        together(threads, three, effort.warmupTurnMillis());
        together(threads, one, millis);
        together(threads, floor, effort.warmupTurnMillis());
      }
      return List.of(
          Comparison.of(
                  effort.rounds(),
                  () -> together(threads, three, millis),
                  () -> together(threads, one, millis),
                  () -> together(threads, floor, millis))
              .figure(
                  "9b",
                  "three sync nodes at full speed, against one alone",
                  Target.atLeast(1.0),
                  Comparison::perSecond));
    } finally {
      threads.shutdownNow();
      for (AutoCloseable each : open) {
        each.close();
      }
    }
  }

  private static JdbcWriter writer(HaSqlite node, Deque<AutoCloseable> open) throws Exception {
    JdbcWriter writer = new JdbcWriter(node.dataSource().getConnection());
    open.push(writer);
    return writer;
  }

  /** Inserts other rows than all other nodes. */
  private static final class Inserts {
    private final Insert writer;
    private final long[] id;

    Inserts(Insert writer, int node) {
      this.writer = writer;
      this.id = new long[] {node * 1_000_000_000L};
    }

    double during(long millis) throws Exception {
      return inserts(writer, id, 0, millis);
    }
  }

  /** Has all nodes write at once; returns the commits of all per second. */
  private static double together(ExecutorService threads, List<Inserts> nodes, long millis)
      throws Exception {
    List<Callable<Double>> work = new ArrayList<>();
    for (Inserts node : nodes) {
      work.add(() -> node.during(millis));
    }
    double sum = 0;
    for (Future<Double> rate : threads.invokeAll(work)) {
      sum += rate.get();
    }
    return sum;
  }
}
