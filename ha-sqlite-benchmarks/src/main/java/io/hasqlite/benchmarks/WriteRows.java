package io.hasqlite.benchmarks;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a local write costs, beside plain sqlite-jdbc and beside the floor. The relay, the
 * subscriber and the server work for it on the same processors, so that three seconds of it say
 * little: the three sides take turns of half a second instead, many times.
 */
final class WriteRows {

  private static final int ROWS_PER_TRANSACTION = 1_000;

  /** The warm-up of a side, in those of all three. */
  private static final int SIDES_WARM = 2;

  private final Lab lab;
  private final Effort effort;

  WriteRows(Lab lab, Effort effort) {
    this.lab = lab;
    this.effort = effort;
  }

  List<Figure> insert() throws Exception {
    return List.of(
        compare(0, Writer::insert)
            .figure("2", "auto-commit INSERT, async", Target.atLeast(0.40), Comparison::perSecond));
  }

  List<Figure> insertAll() throws Exception {
    return List.of(
        compare(0, (writer, n) -> writer.insertAll(n * ROWS_PER_TRANSACTION, ROWS_PER_TRANSACTION))
            .figure(
                "3",
                "transactions of 1,000 INSERTs, async",
                Target.atLeast(0.50),
                Comparison::perSecond));
  }

  List<Figure> update() throws Exception {
    long rows = effort.rows(1_000_000);
    return List.of(
        compare(rows, (writer, n) -> writer.update(Orders.spread(n, rows), n))
            .figure(
                "4",
                "UPDATE of one row by key, a million rows, async",
                Target.atLeast(0.40),
                Comparison::perSecond));
  }

  private Comparison compare(long rows, Sides.Operation operation) throws Exception {
    try (Sides sides = Sides.withFloor(lab, effort, rows, operation)) {
      long end =
          System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SIDES_WARM * effort.warmupMillis());
      while (System.nanoTime() < end) {
        sides.plain();
        sides.engine();
        sides.floor();
      }
      return Comparison.thereAndBack(effort.turns(), sides::engine, sides::plain, sides::floor);
    }
  }
}
