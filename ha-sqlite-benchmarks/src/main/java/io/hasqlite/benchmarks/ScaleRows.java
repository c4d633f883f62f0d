package io.hasqlite.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What many tables and many rows add to a transaction's overhead. The question is about a
 * difference of a tenth between four rates, so all four take turns of half a second.
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
        compare(effort.turns(), effort.rows(10_000), 1_000, effort.rows(10_000), 10)
            .figure(
                "12a",
                "an UPDATE's share of plain: 1,000 tables against 10",
                Target.atLeast(0.90),
                ScaleRows::ofPlain),
        compare(effort.turns() / 2, effort.rows(10_000_000), 1, effort.rows(10_000), 1)
            .figure(
                "12b",
                "an UPDATE's share of plain: 10 million rows against 10,000",
                Target.atLeast(0.90),
                ScaleRows::ofPlain));
  }

  private Comparison compare(int turns, long rows, int tables, long fewRows, int fewTables)
      throws Exception {
    try (Sides large = sides(rows, tables);
        Sides small = sides(fewRows, fewTables)) {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(effort.warmupMillis());
      while (System.nanoTime() < end) {
        share(large);
        share(small);
      }
      return Comparison.of(turns, () -> share(large), () -> share(small));
    }
  }

  private Sides sides(long rows, int tables) throws Exception {
    return Sides.of(
        lab, effort, rows, tables, (writer, n) -> writer.update(Orders.spread(n, rows), n));
  }

  /** Returns the engine's rate by the plain one. */
  private static double share(Sides sides) throws Exception {
    double baseline = sides.plain();
    return sides.engine() / baseline;
  }

  private static String ofPlain(double share) {
    return String.format(Locale.ROOT, "%.3f of plain", share);
  }
}
