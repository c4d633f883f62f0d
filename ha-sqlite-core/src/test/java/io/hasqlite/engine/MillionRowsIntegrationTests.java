package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestCluster;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Transactions of a million rows (a tenth of that, unless {@code -Plarge} is given) with a heap of
 * 256 MB, on the node that writes them and on one that applies them.
 */
@Timeout(3600)
class MillionRowsIntegrationTests {

  private static final int ROWS = Boolean.getBoolean("large") ? 1_000_000 : 100_000;
  private static final String HEAP = "-Xmx256m";
  private static final String TABLE =
      "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, price REAL, n, data BLOB)";
  private static final String INSERT =
      "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < "
          + ROWS
          + ") INSERT INTO t SELECT i, 'product number ' || i, i / 7.0, i % 10, randomblob(30)"
          + " FROM s";

  @RegisterExtension static final NatsServerExtension nats = new NatsServerExtension();

  @TempDir Path folder;
  private final List<Node> nodes = new ArrayList<>();
  private TestCluster cluster;

  @BeforeEach
  void open() {
    cluster = new TestCluster(folder, nats.url());
  }

  @AfterEach
  void close() throws Exception {
    for (Node node : nodes) {
      node.kill();
    }
    cluster.close();
  }

  /** A {@link LargeNode} that is running. */
  private final class Node {

    private final Path file;
    private final Process process;
    private final BufferedReader out;
    private final PrintStream in;

    Node(String name, boolean async) throws IOException {
      file = folder.resolve(name + ".db");
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  HEAP,
                  "-cp",
                  System.getProperty("java.class.path"),
                  "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
                  LargeNode.class.getName(),
                  file.toString(),
                  name,
                  cluster.stream(),
                  nats.url(),
                  String.valueOf(async))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      nodes.add(this);
      out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    }

    /** Waits until it has caught up. */
    Node started() throws IOException {
      assertThat(out.readLine()).isEqualTo("ok");
      return this;
    }

    String ask(String line) throws IOException {
      in.println(line);
      return out.readLine();
    }

    void run(String line) throws IOException {
      long start = System.nanoTime();
      assertThat(ask(line)).isEqualTo("ok");
      System.out.printf(
          Locale.ROOT, "%6.1f s  %s%n", (System.nanoTime() - start) / 1e9, line.strip());
    }

    void kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  @DisplayName("A million rows in one transaction with a heap of 256 MB, here and there")
  void aMillionRows() throws Exception {
    Node writer = new Node("writer", false).started();
    writer.run(TABLE);
    writer.run(INSERT);
    long inserted = cluster.lastSequence();

    // Killed while it applies: the next run begins with nothing and finds what that one left.
    Node killed = new Node("replica", false);
    awaitSize(Path.of(killed.file + "-wal"), ROWS * 10L);
    killed.kill();
    assertThat(Path.of(killed.file + "-ha-payload")).isNotEmptyFile();
    Node replica = new Node("replica", false);
    replica.started().run("await " + inserted);
    assertThat(Path.of(killed.file + "-ha-payload")).doesNotExist();
    assertThat(replica.ask("digest")).isEqualTo(writer.ask("digest")).startsWith(ROWS + " ");

    writer.run("DELETE FROM t WHERE id % 2 = 0");
    replica.run("await " + cluster.lastSequence());
    assertThat(replica.ask("digest")).isEqualTo(writer.ask("digest")).startsWith(ROWS / 2 + " ");
    printHeaps("synchronously", writer, replica);
  }

  @Test
  @DisplayName("A million rows in one transaction with a heap of 256 MB, asynchronously")
  void aMillionRowsAsynchronously() throws Exception {
    Node writer = new Node("writer", true).started();
    Node replica = new Node("replica", false).started();
    writer.run(TABLE);
    writer.run(INSERT);
    writer.run("UPDATE t SET name = name || '!', price = price * 2");
    writer.run("drain");
    replica.run("await " + cluster.lastSequence());
    assertThat(replica.ask("digest")).isEqualTo(writer.ask("digest")).startsWith(ROWS + " ");
    printHeaps("asynchronously", writer, replica);
  }

  private static void printHeaps(String how, Node writer, Node replica) throws IOException {
    System.out.printf(
        Locale.ROOT,
        "%d rows, %s: peak heap %s MB where they are written, %s MB where they are applied%n",
        ROWS,
        how,
        writer.ask("heap"),
        replica.ask("heap"));
  }

  private static void awaitSize(Path file, long bytes) throws IOException {
    long end = System.nanoTime() + java.time.Duration.ofMinutes(10).toNanos();
    while (!Files.exists(file) || Files.size(file) < bytes) {
      assertThat(System.nanoTime()).as("%s never had %d bytes", file, bytes).isLessThan(end);
      java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
    }
  }
}
