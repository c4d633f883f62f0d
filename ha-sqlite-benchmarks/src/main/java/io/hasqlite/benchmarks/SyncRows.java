package io.hasqlite.benchmarks;

import io.hasqlite.Waiting;
import io.hasqlite.apply.AppliedChanges;
import io.hasqlite.engine.EngineListener;
import io.hasqlite.engine.HaSqlite;
import io.nats.client.api.StreamConfiguration;
import java.time.Duration;
import java.util.ArrayList;
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
    String floorStream = Lab.fresh("floor");
    lab.nats()
        .jetStreamManagement()
        .addStream(StreamConfiguration.builder().name(floorStream).subjects(floorStream).build());
    java.nio.file.Path floorFile = lab.file("floor");
    try (java.sql.Connection plain = PlainFile.connect(floorFile)) {
      plain.createStatement().execute(Orders.CREATE);
    }
    try (HaSqlite node = lab.node(Lab.fresh("sync"), "node-1", lab.file("sync"), o -> o);
        PlainPublisher publisher = new PlainPublisher(lab, Messages.ofInsert());
        FloorWriter floor = new FloorWriter(lab, floorFile, floorStream, false)) {
      Lab.run(node, Orders.CREATE);
      try (JdbcWriter writer = new JdbcWriter(node.dataSource().getConnection())) {
        long[] id = {0, 0};
        long millis = effort.millis() * (long) effort.iterations();
        inserts(writer, id, 0, effort.warmupMillis());
        inserts(floor, id, 1, effort.warmupMillis());
        publisher.rate(millis);
        return List.of(
            Comparison.of(
                    effort.rounds(),
                    () -> inserts(writer, id, 0, millis),
                    () -> publisher.rate(millis),
                    () -> inserts(floor, id, 1, millis))
                .figure(
                    "5",
                    "auto-commit INSERT, sync, one writer",
                    Target.atLeast(0.80),
                    Comparison::perSecond));
      }
    }
  }

  private static double inserts(Writer writer, long[] id, int which, long millis) throws Exception {
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

  /** Three nodes that write at once against one that is alone. */
  List<Figure> contention() throws Exception {
    String stream = Lab.fresh("three");
    List<HaSqlite> nodes = new ArrayList<>();
    ExecutorService writers = Executors.newFixedThreadPool(NODES);
    try (HaSqlite alone = lab.node(Lab.fresh("alone"), "node-1", lab.file("alone"), o -> o)) {
      for (int i = 1; i <= NODES; i++) {
        nodes.add(lab.node(stream, "node-" + i, lab.file("three"), o -> o));
      }
      Lab.run(alone, Orders.CREATE);
      Lab.run(nodes.get(0), Orders.CREATE);
      long sequence = nodes.get(0).status().position();
      for (HaSqlite node : nodes) {
        node.await(sequence, Duration.ofSeconds(30));
      }
      long millis = effort.millis() * (long) effort.iterations();
      long[] ids = new long[NODES + 1];
      for (int i = 1; i <= NODES; i++) {
        ids[i] = i * 1_000_000_000L;
      }
      together(writers, nodes, ids, effort.warmupMillis());
      together(writers, List.of(alone), ids, millis);
      return List.of(
          Comparison.of(
                  effort.rounds(),
                  () -> together(writers, nodes, ids, millis),
                  () -> together(writers, List.of(alone), ids, millis))
              .figure(
                  "9b",
                  "three sync nodes at full speed, against one alone",
                  Target.atLeast(1.0),
                  Comparison::perSecond));
    } finally {
      writers.shutdownNow();
      for (HaSqlite node : nodes) {
        node.close();
      }
    }
  }

  /** Has each node write other rows; returns the commits of all per second. */
  private static double together(
      ExecutorService writers, List<HaSqlite> nodes, long[] ids, long millis) throws Exception {
    List<Callable<Double>> work = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      HaSqlite node = nodes.get(i);
      int which = nodes.size() == 1 ? 0 : i + 1;
      work.add(
          () -> {
            try (JdbcWriter writer = new JdbcWriter(node.dataSource().getConnection())) {
              return inserts(writer, ids, which, millis);
            }
          });
    }
    double sum = 0;
    for (Future<Double> rate : writers.invokeAll(work)) {
      sum += rate.get();
    }
    return sum;
  }
}
