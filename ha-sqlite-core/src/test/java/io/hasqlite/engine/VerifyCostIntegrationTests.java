package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What commits cost while the node computes digests without a pause. Prints its measurements. */
@Timeout(300)
class VerifyCostIntegrationTests {

  private static final int ROWS = 200_000;
  private static final int ROUNDS = 15;
  private static final int COMMITS = 300;

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private int lastId = ROWS;

  @Test
  @DisplayName("Comparing rows costs writers little")
  void comparingCostsWritersLittle() throws Exception {
    try (TestCluster cluster = new TestCluster(folder, NATS.url());
        TestCluster other = new TestCluster(folder, NATS.url())) {
      TestNode comparing = node(cluster, "comparing", Duration.ofMillis(1));
      TestNode idle = node(other, "idle", Duration.ZERO);
      List<Double> ratios = new ArrayList<>();
      long comparedBefore = comparingMillis();
      for (int i = 0; i < ROUNDS; i++) {
        double without = commitsPerSecond(idle);
        ratios.add(commitsPerSecond(comparing) / without);
      }
      ratios.sort(null);
      double median = ratios.get(ROUNDS / 2);
      System.out.printf(
          Locale.ROOT,
          "Commits while digests of %d rows are computed: %.2f times as many as without (%.2f to"
              + " %.2f)%n",
          ROWS,
          median,
          ratios.get(0),
          ratios.get(ROUNDS - 1));
      assertThat(comparingMillis() - comparedBefore).as("ms of comparing").isGreaterThan(20);
      assertThat(median).isGreaterThan(0.5);
    }
  }

  private static TestNode node(TestCluster cluster, String name, Duration interval)
      throws Exception {
    TestNode node =
        cluster.node(name, options -> options.publisherAsync(true).verifyInterval(interval));
    node.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, price REAL)",
        "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < "
            + ROWS
            + ") INSERT INTO t SELECT i, 'product number ' || i, i / 7.0 FROM s");
    return node;
  }

  /** How long processors have worked for the only node that compares. */
  private static long comparingMillis() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("ha-sqlite-verifier-"))
        .mapToLong(thread -> threads.getThreadCpuTime(thread.getId()) / 1_000_000)
        .sum();
  }

  private double commitsPerSecond(TestNode node) throws SQLException {
    long start = System.nanoTime();
    try (Connection connection = node.connect();
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO t VALUES(?, 'a product', 12.5)")) {
      for (int i = 0; i < COMMITS; i++) {
        insert.setInt(1, ++lastId);
        insert.execute();
      }
    }
    return COMMITS / ((System.nanoTime() - start) / 1e9);
  }
}
