package io.hasqlite.engine;

import io.hasqlite.testing.NatsServerExtension;
import io.nats.client.Connection;
import io.nats.client.Nats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Plays random histories and compares the files at the end. System properties: {@code histories}
 * (how many), {@code histories.seed} (the first one's seed; the others follow), {@code
 * histories.minutes} (the time they may take).
 */
class ConvergenceIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  private static final int HISTORIES_DEFAULT = 300;
  private static final int MINUTES_DEFAULT = 15;
  private static final Duration SHRINKING_MAX = Duration.ofMinutes(1);

  @TempDir Path folder;

  private int played;
  private int rebases;

  @Test
  void allNodesEndWithTheSameRows() throws Exception {
    int histories = Integer.getInteger("histories", HISTORIES_DEFAULT);
    long firstSeed = Long.getLong("histories.seed", 1);
    int minutes = Integer.getInteger("histories.minutes", MINUTES_DEFAULT);
    long deadline = System.nanoTime() + Duration.ofMinutes(minutes).toNanos();
    try (Connection nats = Nats.connect(NATS.url())) {
      for (int i = 0; i < histories; i++) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError(
              "Only " + i + " of " + histories + " histories ran within " + minutes + " minutes");
        }
        Result result = play(nats, History.of(firstSeed + i));
        if (result.failure() != null) {
          throw failed(nats, History.of(firstSeed + i), result);
        }
      }
    }
    System.out.println(
        histories + " histories, " + 100L * rebases / histories + " rebases per 100 histories");
  }

  private record Result(Throwable failure, List<String> trace) {}

  private Result play(Connection nats, History history) throws IOException {
    String stream = "history-" + ++played;
    Path files = Files.createDirectory(folder.resolve(stream));
    List<String> trace = new ArrayList<>();
    try (HistoryPlayer player = new HistoryPlayer(history, files, NATS.url(), nats, stream)) {
      try {
        player.play();
      } finally {
        trace.addAll(player.trace());
        rebases += player.rebases();
      }
    } catch (Exception | AssertionError e) {
      return new Result(e, trace);
    }
    delete(files);
    return new Result(null, trace);
  }

  private AssertionError failed(Connection nats, History history, Result first) throws IOException {
    Result shortest = first;
    History left = history;
    long deadline = System.nanoTime() + SHRINKING_MAX.toNanos();
    int size = Math.max(1, history.steps().size() / 2);
    while (size > 0 && System.nanoTime() < deadline) {
      boolean removed = false;
      for (int i = 0; i < left.steps().size() && System.nanoTime() < deadline; ) {
        History shorter = left.without(i, size);
        Result result = play(nats, shorter);
        if (result.failure() != null) {
          shortest = result;
          left = shorter;
          removed = true;
        } else {
          i += size;
        }
      }
      size = size == 1 && removed ? 1 : size / 2;
    }
    return new AssertionError(
        "The history of seed "
            + history.seed()
            + " failed (again: -Dhistories=1 -Dhistories.seed="
            + history.seed()
            + "): "
            + first.failure().getMessage()
            + "\n\nShrunk to "
            + left.steps().size()
            + " steps: "
            + shortest.failure().getMessage()
            + "\n  "
            + String.join("\n  ", shortest.trace()),
        shortest.failure());
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
