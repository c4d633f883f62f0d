package io.hasqlite.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One line of the result.
 *
 * @param id the row, such as 8a
 * @param name what was measured
 * @param target what the ratio is to be
 * @param ratios the ratio of each round
 * @param floors the ratio of the floor of each round; empty for a row without one
 * @param note the absolute numbers, for orientation
 * @param failure what must not happen and did; null if all was well
 */
record Figure(
    String id,
    String name,
    Target target,
    List<Double> ratios,
    List<Double> floors,
    String note,
    @Nullable String failure) {

  /** Where the floor itself does not reach the target, the engine is to be this close to it. */
  static final double OF_FLOOR = 0.85;

  double ratio() {
    return median(ratios);
  }

  double floor() {
    return median(floors);
  }

  double ofFloor() {
    double[] each = new double[ratios.size()];
    for (int i = 0; i < each.length; i++) {
      each[i] = ratios.get(i) / floors.get(i);
    }
    return median(each);
  }

  boolean isMet() {
    if (failure != null) {
      return false;
    }
    if (target.isMetBy(ratio())) {
      return true;
    }
    return !floors.isEmpty() && !target.isMetBy(floor()) && ofFloor() >= OF_FLOOR;
  }

  static double median(List<Double> values) {
    return median(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private double least() {
    return ratios.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
  }

  private double most() {
    return ratios.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
  }

  static String header() {
    return String.format(
        Locale.ROOT,
        "%-4s%-62s%8s  %-14s%9s  %-6s%-12s %s",
        "row",
        "what",
        "ratio",
        "(spread)",
        "target",
        "",
        "floor",
        "medians");
  }

  /** Returns it as a line of a table. */
  String line() {
    String floor =
        floors.isEmpty() ? "" : String.format(Locale.ROOT, "%.2f (%.2f)", floor(), ofFloor());
    return String.format(
        Locale.ROOT,
        "%-4s%-62s%8.2f  %-14s%9s  %-6s%-12s %s",
        id,
        name,
        ratio(),
        String.format(Locale.ROOT, "(%.2f..%.2f)", least(), most()),
        target,
        isMet() ? "met" : "NOT",
        floor,
        failure == null ? note : failure + "; " + note);
  }

  /** Returns it as a JSON object. */
  String json() {
    String number = id.matches("\\d+") ? id : '"' + id + '"';
    StringBuilder json =
        new StringBuilder("{\"id\":")
            .append(number)
            .append(",\"name\":\"")
            .append(name)
            .append("\",\"ratio\":")
            .append(rounded(ratio()))
            .append(",\"target\":\"")
            .append(target)
            .append("\",\"met\":")
            .append(isMet())
            .append(",\"min\":")
            .append(rounded(least()))
            .append(",\"max\":")
            .append(rounded(most()));
    if (!floors.isEmpty()) {
      json.append(",\"floor\":").append(rounded(floor()));
      json.append(",\"ofFloor\":").append(rounded(ofFloor()));
    }
    return json.append('}').toString();
  }

  private static String rounded(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
