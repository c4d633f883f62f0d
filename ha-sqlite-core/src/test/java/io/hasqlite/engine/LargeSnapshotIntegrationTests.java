package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.testing.NatsServerExtension;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A database of 1 GB (a tenth of that, unless {@code -Plarge} is given), with a small heap. */
@Timeout(3600)
class LargeSnapshotIntegrationTests {

  private static final int MEGABYTES = Boolean.getBoolean("large") ? 1_000 : 100;
  private static final String HEAP = "-Xmx64m";

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void kill() throws Exception {
    for (Process process : processes) {
      process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
  }

  /** Starts a node in a process of its own; returns what it answers when asked what it has. */
  private String start(String name, String... questions) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-cp",
                System.getProperty("java.class.path"),
                "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
                LargeNode.class.getName(),
                folder.resolve(name).toString(),
                name,
                "large",
                NATS.url(),
                "false")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    processes.add(process);
    StringBuilder answers = new StringBuilder();
    try (BufferedReader out =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        OutputStream in = process.getOutputStream()) {
      assertThat(out.readLine()).as("start of %s", name).isEqualTo("ok");
      for (String question : questions) {
        in.write((question + "\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
        answers.append(out.readLine());
      }
    }
    try {
      process.waitFor(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return answers.toString();
  }

  /** Copies as far as a node that has begun with a snapshot has it: on the disk. */
  private static void copyToDisk(Path from, Path to) throws IOException {
    Files.copy(from, to);
    try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  private static double seconds(Step step) throws IOException {
    long start = System.nanoTime();
    step.run();
    return Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0;
  }

  @Test
  @DisplayName("A large database is stored and begun with as a stream, never as a whole in memory")
  void largerThanTheHeap() throws Exception {
    Path file = folder.resolve("a");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, data BLOB)");
      statement.execute(
          "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < "
              + MEGABYTES * 250
              + ") INSERT INTO t SELECT i, randomblob(3900) FROM s");
    }
    Path copy = folder.resolve("copy");
    double copying = seconds(() -> copyToDisk(file, copy));
    double seeding = seconds(() -> start("a"));
    double beginning = seconds(() -> start("b"));
    double restarting = seconds(() -> start("b"));
    assertThat(start("b", "digest")).isEqualTo(start("a", "digest")).contains(" ");
    System.out.printf(
        Locale.ROOT,
        "%d MB, %s: copying the file %.2f s; storing the snapshot %.2f s (%.1f times); beginning"
            + " with it %.2f s (%.1f times)%n",
        Files.size(file) >> 20,
        HEAP,
        copying,
        seeding - restarting,
        (seeding - restarting) / copying,
        beginning - restarting,
        (beginning - restarting) / copying);
  }
}
