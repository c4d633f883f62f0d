package io.hasqlite.benchmarks;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs the benchmarks.
 *
 * <pre>
 *   --short        few and short measurements, for a look; about three minutes
 *   --only N,M     these rows; a number stands for all rows that begin with it (8 for 8a and 8b)
 *   --json FILE    writes the result to a file as JSON, too
 * </pre>
 *
 * <p>Exits with 0 if all was measured, whether targets are met or not; with 1 if something could
 * not be measured; with 2 if the arguments are wrong.
 */
public final class Bench {

  private static final String USAGE = "usage: ./bench [--short] [--only N,M] [--json FILE]";

  private interface Measurement {
    List<Figure> measure() throws Exception;
  }

  private Effort effort = Effort.FULL;
  private Set<String> only = Set.of();
  private @Nullable Path json;

  private Bench() {}

  /** Runs the benchmarks. */
  public static void main(String[] args) throws Exception {
    System.exit(run(args, System.out, System.err));
  }

  /** Returns the exit status. */
  static int run(String[] args, PrintStream out, PrintStream err) throws Exception {
    Bench bench = new Bench();
    try {
      bench.parse(args);
    } catch (IllegalArgumentException e) {
      err.println(e.getMessage() + System.lineSeparator() + USAGE);
      return 2;
    }
    return bench.run(out) ? 0 : 1;
  }

  private void parse(String[] args) {
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--short" -> effort = Effort.SHORT;
        case "--only" -> only = rows(value(args, ++i));
        case "--json" -> json = Path.of(value(args, ++i)).toAbsolutePath();
        default -> throw new IllegalArgumentException("Not an option: " + args[i]);
      }
    }
  }

  private static String value(String[] args, int i) {
    if (i == args.length) {
      throw new IllegalArgumentException(args[i - 1] + " needs a value");
    }
    return args[i];
  }

  /** The measurements, by the rows that they give. */
  private static Map<List<String>, Measurement> all(Lab lab, Effort effort) {
    WriteRows write = new WriteRows(lab, effort);
    SyncRows sync = new SyncRows(lab, effort);
    AsyncRows async = new AsyncRows(lab, effort);
    SizeRows size = new SizeRows(lab, effort);
    Map<List<String>, Measurement> all = new LinkedHashMap<>();
    all.put(List.of("1"), new SelectRow(lab, effort)::measure);
    all.put(List.of("2"), write::insert);
    all.put(List.of("3"), write::insertAll);
    all.put(List.of("4"), write::update);
    all.put(List.of("5"), sync::insert);
    all.put(List.of("6"), async::awaitAck);
    all.put(List.of("7"), new CatchUpRow(lab, effort)::measure);
    all.put(List.of("8a", "8b"), sync::delay);
    all.put(List.of("9"), async::rebase);
    all.put(List.of("9b"), sync::contention);
    all.put(List.of("10"), async::manyWriters);
    all.put(List.of("11"), new BootstrapRow(lab, effort)::measure);
    all.put(List.of("12a", "12b"), new ScaleRows(lab, effort)::measure);
    all.put(List.of("13"), size::message);
    all.put(List.of("14a", "14b"), size::allocation);
    return all;
  }

  private static final Set<String> ROWS =
      Set.of(
          "1", "2", "3", "4", "5", "6", "7", "8a", "8b", "9", "9b", "10", "11", "12a", "12b", "13",
          "14a", "14b");

  private static Set<String> rows(String list) {
    Set<String> rows = new LinkedHashSet<>();
    for (String row : list.split(",")) {
      String wanted = row.strip();
      Set<String> found =
          ROWS.contains(wanted)
              ? Set.of(wanted)
              : ROWS.stream()
                  .filter(each -> each.matches(wanted.replaceAll("\\W", "") + "[ab]"))
                  .collect(Collectors.toSet());
      if (found.isEmpty()) {
        throw new IllegalArgumentException("No such row: " + wanted);
      }
      rows.addAll(found);
    }
    return rows;
  }

  private boolean run(PrintStream out) throws Exception {
    Instant start = Instant.now();
    List<Figure> figures = new ArrayList<>();
    boolean complete = true;
    out.printf(
        "%d cores, Java %s, %s %s%n",
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.version"),
        System.getProperty("os.name"),
        System.getProperty("os.arch"));
    out.println(Figure.header());
    try (Lab lab = Lab.start()) {
      for (Map.Entry<List<String>, Measurement> entry : all(lab, effort).entrySet()) {
        if (!only.isEmpty() && entry.getKey().stream().noneMatch(only::contains)) {
          continue;
        }
        try {
          for (Figure figure : entry.getValue().measure()) {
            if (only.isEmpty() || only.contains(figure.id())) {
              figures.add(figure);
              out.println(figure.line());
            }
          }
        } catch (Exception e) {
          complete = false;
          out.println(entry.getKey() + " could not be measured");
          e.printStackTrace(out);
        }
      }
    }
    long met = figures.stream().filter(Figure::isMet).count();
    out.printf(
        Locale.ROOT,
        "%d of %d met; %d s%s%n",
        met,
        figures.size(),
        Duration.between(start, Instant.now()).toSeconds(),
        effort == Effort.SHORT ? " (short: a look, no measurement)" : "");
    if (json != null) {
      Files.writeString(
          json,
          figures.stream().map(Figure::json).collect(Collectors.joining(",\n", "[\n", "\n]\n")));
    }
    return complete;
  }
}
