package io.hasqlite.benchmarks;

import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The rows on local paths. JMH runs each side of each round in a JVM of its own. */
final class JmhRows {

  private final Lab lab;
  private final Effort effort;

  JmhRows(Lab lab, Effort effort) {
    this.lab = lab;
    this.effort = effort;
  }

  List<Figure> select() throws Exception {
    return List.of(
        Comparison.of(
                effort.rounds(),
                () -> run("select", Side.ENGINE, effort.rows(100_000)),
                () -> run("select", Side.PLAIN, effort.rows(100_000)))
            .figure(
                "1",
                "point SELECT by key through Hikari",
                Target.atLeast(0.97),
                Comparison::perSecond));
  }

  List<Figure> insert() throws Exception {
    return List.of(
        compare("insert", 0)
            .figure("2", "auto-commit INSERT, async", Target.atLeast(0.40), Comparison::perSecond));
  }

  List<Figure> insertAll() throws Exception {
    return List.of(
        compare("insertAll", 0)
            .figure(
                "3",
                "transactions of 1,000 INSERTs, async",
                Target.atLeast(0.50),
                Comparison::perSecond));
  }

  List<Figure> update() throws Exception {
    return List.of(
        compare("update", effort.rows(1_000_000))
            .figure(
                "4",
                "UPDATE of one row by key, a million rows, async",
                Target.atLeast(0.40),
                Comparison::perSecond));
  }

  private Comparison compare(String benchmark, long rows) throws Exception {
    return Comparison.of(
        effort.rounds(),
        () -> run(benchmark, Side.ENGINE, rows, effort.longWarmups()),
        () -> run(benchmark, Side.PLAIN, rows),
        () -> run(benchmark, Side.FLOOR, rows, effort.longWarmups()));
  }

  /** Runs one side once; returns operations per second, what came after them included. */
  private double run(String benchmark, Side side, long rows) throws Exception {
    int warmups = side == Side.PLAIN ? effort.warmups() / 2 : effort.warmups();
    return run(benchmark, side, rows, warmups);
  }

  private double run(String benchmark, Side side, long rows, int warmups) throws Exception {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(LocalBenchmarks.class.getName() + "\\." + benchmark + "$")
                    .param("side", side.name())
                    .param("rows", String.valueOf(rows))
                    .jvmArgsAppend(
                        "-D" + Lab.URL + "=" + lab.url(),
                        "-D" + Lab.FOLDER + "=" + lab.folder(),
                        "-Xmx1g")
                    .forks(1)
                    .warmupIterations(warmups)
                    .warmupTime(TimeValue.milliseconds(effort.millis()))
                    .measurementIterations(effort.iterations())
                    .measurementTime(TimeValue.milliseconds(effort.millis()))
                    .shouldFailOnError(true)
                    .verbosity(VerboseMode.valueOf(System.getProperty("bench.jmh", "SILENT")))
                    .timeout(TimeValue.seconds(120))
                    .build())
            .run();
    double operations = 0;
    double seconds = 0;
    for (RunResult run : results) {
      for (BenchmarkResult fork : run.getBenchmarkResults()) {
        for (IterationResult iteration : fork.getIterationResults()) {
          double time = seconds(fork.getParams());
          operations += iteration.getPrimaryResult().getScore() * time;
          seconds += time + drained(iteration);
        }
      }
    }
    return operations / seconds;
  }

  private static double seconds(BenchmarkParams params) {
    return params.getMeasurement().getTime().convertTo(java.util.concurrent.TimeUnit.MILLISECONDS)
        / 1e3;
  }

  private static double drained(IterationResult iteration) {
    Result<?> drained = iteration.getSecondaryResults().get("drainNanos");
    return drained == null ? 0 : drained.getScore() / 1e9;
  }
}
