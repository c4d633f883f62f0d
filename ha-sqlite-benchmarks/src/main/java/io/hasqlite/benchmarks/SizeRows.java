package io.hasqlite.benchmarks;

import com.sun.management.ThreadMXBean;
import io.hasqlite.engine.HaSqlite;
import io.nats.client.JetStream;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.PushSubscribeOptions;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a row takes on the wire and on the heap. These are counts, so they need no baseline. */
final class SizeRows {

  private static final int WARM_UP = 40;
  private static final int ROWS = 1_000;

  private final Lab lab;
  private final Effort effort;

  SizeRows(Lab lab, Effort effort) {
    this.lab = lab;
    this.effort = effort;
  }

  /** Bytes of the messages of one-row inserts, as the server has them. */
  List<Figure> message() throws Exception {
    String stream = Lab.fresh("size");
    try (HaSqlite node = lab.node(stream, "node-1", lab.file("size"), o -> o)) {
      Lab.run(node, Orders.CREATE);
      try (JdbcWriter writer = new JdbcWriter(node.dataSource().getConnection())) {
        for (long id = 1_001; id <= 1_000 + effort.rounds(); id++) {
          writer.insert(id);
        }
      }
    }
    JetStream jetStream = lab.nats().jetStream();
    JetStreamSubscription messages =
        jetStream.subscribe(
            stream + ".bench", PushSubscribeOptions.builder().ordered(true).build());
    messages.nextMessage(Duration.ofSeconds(5)); // CREATE TABLE
    List<Double> sizes = new ArrayList<>();
    for (int i = 0; i < effort.rounds(); i++) {
      Message message = messages.nextMessage(Duration.ofSeconds(5));
      sizes.add((double) message.getData().length);
    }
    messages.unsubscribe();
    int[] next = {0};
    return List.of(
        Comparison.of(effort.rounds(), () -> sizes.get(next[0]++), () -> Orders.bytes(1_001))
            .figure(
                "13",
                "bytes per message of a one-row INSERT",
                Target.atMost(6),
                Comparison::bytes));
  }

  /**
   * Bytes allocated by the writer for each captured row, without what the same code allocates with
   * plain sqlite-jdbc, and by apply for each applied one.
   */
  List<Figure> allocation() throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    double plain = plain(threads);
    String stream = Lab.fresh("heap");
    try (HaSqlite writing =
            lab.node(stream, "node-1", lab.file("heap"), o -> o.publisherAsync(true));
        HaSqlite reading = lab.node(stream, "node-2", lab.file("heap"), o -> o)) {
      Lab.run(writing, Orders.CREATE);
      try (Connection connection = writing.dataSource().getConnection()) {
        JdbcWriter writer = new JdbcWriter(connection);
        long[] id = {1};
        for (int i = 0; i < WARM_UP; i++) {
          writeAndApply(writer, id, writing, reading);
        }
        List<Double> captured = new ArrayList<>();
        List<Double> applied = new ArrayList<>();
        for (int i = 0; i < effort.rounds(); i++) {
          long before = threads.getCurrentThreadAllocatedBytes();
          long appliedBefore = subscriber(threads);
          writer.insertAll(id[0], ROWS);
          captured.add((threads.getCurrentThreadAllocatedBytes() - before) / (double) ROWS - plain);
          id[0] += ROWS;
          level(writing, reading);
          applied.add((subscriber(threads) - appliedBefore) / (double) ROWS);
        }
        return List.of(
            figure("14a", "bytes allocated for each captured row", captured),
            figure("14b", "bytes allocated for each applied row", applied));
      }
    }
  }

  private double plain(ThreadMXBean threads) throws Exception {
    try (Connection connection = PlainFile.connect(lab.file("heap"))) {
      connection.createStatement().execute(Orders.CREATE);
      JdbcWriter writer = new JdbcWriter(connection);
      long before = 0;
      for (int i = 0; i <= WARM_UP; i++) {
        before = threads.getCurrentThreadAllocatedBytes();
        writer.insertAll(i * (long) ROWS + 1, ROWS);
      }
      return (threads.getCurrentThreadAllocatedBytes() - before) / (double) ROWS;
    }
  }

  private static void writeAndApply(
      JdbcWriter writer, long[] id, HaSqlite writing, HaSqlite reading) throws Exception {
    writer.insertAll(id[0], ROWS);
    id[0] += ROWS;
    level(writing, reading);
  }

  private static void level(HaSqlite writing, HaSqlite reading) throws Exception {
    Lab.drain(writing);
    if (!reading.await(writing.status().position(), Duration.ofMinutes(1))) {
      throw new IllegalStateException("The other node did not apply");
    }
  }

  /** The thread that applies on both nodes; the writer's own messages cost it little. */
  private static long subscriber(ThreadMXBean threads) {
    long sum = 0;
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("ha-sqlite-subscriber")) {
        sum += threads.getThreadAllocatedBytes(thread.getId());
      }
    }
    return sum;
  }

  private static Figure figure(String id, String name, List<Double> bytes) throws Exception {
    int[] next = {0};
    return Comparison.of(bytes.size(), () -> bytes.get(next[0]++), () -> Orders.bytes(1_001))
        .figure(id, name, Target.atMost(20), Comparison::bytes);
  }
}
