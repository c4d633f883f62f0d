package io.hasqlite.benchmarks;

import io.hasqlite.engine.HaSqlite;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What many tables and many rows add to a transaction's overhead. The question is about a
 * difference of a tenth between four rates, so all four are open at once in a JVM that is warm, and
 * take turns of half a second: within two seconds the machine's speed changes less than from one
 * JVM to the next.
 */
final class ScaleRows {

  private final Lab lab;
  private final Effort effort;

  ScaleRows(Lab lab, Effort effort) {
    this.lab = lab;
    this.effort = effort;
  }

  List<Figure> measure() throws Exception {
    return List.of(
        compare(effort.rows(10_000), 1_000, effort.rows(10_000), 10)
            .figure(
                "12a",
                "an UPDATE's share of plain: 1,000 tables against 10",
                Target.atLeast(0.90),
                ScaleRows::ofPlain),
        compare(effort.rows(10_000_000), 1, effort.rows(10_000), 1)
            .figure(
                "12b",
                "an UPDATE's share of plain: 10 million rows against 10,000",
                Target.atLeast(0.90),
                ScaleRows::ofPlain));
  }

  private Comparison compare(long rows, int tables, long fewRows, int fewTables) throws Exception {
    try (Pair large = new Pair(rows, tables);
        Pair small = new Pair(fewRows, fewTables)) {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(effort.warmupMillis());
      while (System.nanoTime() < end) {
        large.share();
        small.share();
      }
      return Comparison.of(effort.turns(), large::share, small::share);
    }
  }

  private static String ofPlain(double share) {
    return String.format(Locale.ROOT, "%.3f of plain", share);
  }

  /** The same database twice: with plain sqlite-jdbc and with the engine. */
  private final class Pair implements AutoCloseable {

    private final long rows;
    private final Path plainFile = lab.file("plain");
    private final Path nodeFile = lab.file("node");
    private final HaSqlite node;
    private final Writer plain;
    private final Writer engine;
    private long turn;

    Pair(long rows, int tables) throws Exception {
      this.rows = rows;
      fill(plainFile, tables);
      Files.copy(plainFile, nodeFile);
      node = lab.node(Lab.fresh("scale"), "node-1", nodeFile, o -> o.publisherAsync(true));
      plain = new JdbcWriter(PlainFile.connect(plainFile));
      engine = new JdbcWriter(node.dataSource().getConnection());
    }

    private void fill(Path file, int tables) throws Exception {
      try (Connection connection = PlainFile.connect(file);
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        statement.execute(Orders.CREATE);
        Orders.fill(connection, rows);
        for (int i = 1; i < tables; i++) {
          statement.execute("CREATE TABLE other_" + i + "(id INTEGER PRIMARY KEY, a TEXT, b REAL)");
        }
        connection.commit();
      }
    }

    /** Returns the engine's rate by the plain one. */
    double share() throws Exception {
      double baseline = updates(plain, null);
      return updates(engine, node) / baseline;
    }

    /** Returns updates per second, until all is published. */
    private double updates(Writer writer, @Nullable HaSqlite drained) throws Exception {
      long start = System.nanoTime();
      long end = start + TimeUnit.MILLISECONDS.toNanos(effort.turnMillis());
      long first = turn;
      while (System.nanoTime() < end) {
        turn++;
        writer.update(Orders.spread(turn, rows), turn);
      }
      if (drained != null) {
        Lab.drain(drained);
      }
      return (turn - first) / ((System.nanoTime() - start) / 1e9);
    }

    @Override
    public void close() throws Exception {
      plain.close();
      engine.close();
      node.close();
      Folders.deleteOf(plainFile);
      Folders.deleteOf(nodeFile);
    }
  }
}
