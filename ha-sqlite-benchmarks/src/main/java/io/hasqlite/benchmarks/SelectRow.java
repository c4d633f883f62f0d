package io.hasqlite.benchmarks;

import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The row of a local read. JMH runs each side of each round in a JVM of its own. */
final class SelectRow {

  private final Lab lab;
  private final Effort effort;

  SelectRow(Lab lab, Effort effort) {
    this.lab = lab;
    this.effort = effort;
  }

  List<Figure> measure() throws Exception {
    return List.of(
        Comparison.of(effort.rounds(), () -> run(Side.ENGINE), () -> run(Side.PLAIN))
            .figure(
                "1",
                "point SELECT by key through Hikari",
                Target.atLeast(0.97),
                Comparison::perSecond));
  }

  /** Runs one side once; returns operations per second. */
  private double run(Side side) throws Exception {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(SelectBenchmark.class.getName() + "\\.select$")
                    .param("side", side.name())
                    .param("rows", String.valueOf(effort.rows(100_000)))
                    .jvmArgsAppend(
                        "-D" + Lab.URL + "=" + lab.url(),
                        "-D" + Lab.FOLDER + "=" + lab.folder(),
                        "-Xmx1g")
                    .forks(1)
                    .warmupIterations(side == Side.PLAIN ? effort.warmups() / 2 : effort.warmups())
                    .warmupTime(TimeValue.milliseconds(effort.millis()))
                    .measurementIterations(effort.iterations())
                    .measurementTime(TimeValue.milliseconds(effort.millis()))
                    .shouldFailOnError(true)
                    .verbosity(VerboseMode.valueOf(System.getProperty("bench.jmh", "SILENT")))
                    .timeout(TimeValue.seconds(120))
                    .build())
            .run();
    return results.iterator().next().getPrimaryResult().getScore();
  }
}
