package io.hasqlite.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Measures two or three things in turn: the baseline, what is measured, the baseline again, or with
 * a floor behind them.
 */
final class Comparison {

  /** Measures once. */
  interface Trial {
    /** Returns a rate, or a time or a size: the same unit on each side. */
    double measure() throws Exception;
  }

  private final List<Double> measured = new ArrayList<>();
  private final List<Double> baseline = new ArrayList<>();
  private final List<Double> floor = new ArrayList<>();

  private Comparison() {}

  static Comparison of(int rounds, Trial measured, Trial baseline) throws Exception {
    return of(rounds, measured, baseline, null);
  }

  static Comparison of(int rounds, Trial measured, Trial baseline, @Nullable Trial floor)
      throws Exception {
    Comparison comparison = new Comparison();
    for (int round = 0; round < rounds; round++) {
      comparison.forth(measured, baseline, floor);
    }
    return comparison;
  }

  /**
   * Measures in one order and then in the opposite one: for short turns, in which what one side
   * leaves behind may slow the next.
   */
  static Comparison thereAndBack(int rounds, Trial measured, Trial baseline, Trial floor)
      throws Exception {
    Comparison comparison = new Comparison();
    for (int round = 0; round < rounds; round++) {
      if (round % 2 == 0) {
        comparison.forth(measured, baseline, floor);
      } else {
        comparison.floor.add(floor.measure());
        comparison.measured.add(measured.measure());
        comparison.baseline.add(baseline.measure());
      }
    }
    return comparison;
  }

  private void forth(Trial measuredTrial, Trial baselineTrial, @Nullable Trial floorTrial)
      throws Exception {
    baseline.add(baselineTrial.measure());
    measured.add(measuredTrial.measure());
    if (floorTrial != null) {
      floor.add(floorTrial.measure());
    }
  }

  /** Returns the line of a row, whose ratio is the measured side by the baseline. */
  Figure figure(String id, String name, Target target, Function<Double, String> unit) {
    return figure(id, name, target, unit, null, "");
  }

  Figure figure(
      String id,
      String name,
      Target target,
      Function<Double, String> unit,
      @Nullable String failure,
      String more) {
    String note =
        unit.apply(Figure.median(measured))
            + " to "
            + unit.apply(Figure.median(baseline))
            + (floor.isEmpty() ? "" : ", floor " + unit.apply(Figure.median(floor)))
            + (more.isEmpty() ? "" : "; " + more);
    return new Figure(id, name, target, ratios(measured), ratios(floor), note, failure);
  }

  private List<Double> ratios(List<Double> of) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < of.size(); i++) {
      ratios.add(of.get(i) / baseline.get(i));
    }
    return ratios;
  }

  static String perSecond(double rate) {
    return String.format(Locale.ROOT, "%,.0f/s", rate);
  }

  static String micros(double nanos) {
    return String.format(Locale.ROOT, "%,.0f us", nanos / 1_000);
  }

  static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.2f s", seconds);
  }

  static String bytes(double bytes) {
    return String.format(Locale.ROOT, "%,.0f bytes", bytes);
  }

  /** Returns a percentile of times. */
  static double percentile(long[] times, double share) {
    long[] sorted = times.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.min(sorted.length - 1L, Math.round(share * sorted.length))];
  }
}
