package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.outbox.Backlog;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TcpProxy;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an outage costs: 100,000 transactions (a tenth of that, unless {@code -Plarge} is given) are
 * written by an asynchronous node with the server and without it, and then applied by a node that
 * was away. Prints its measurements.
 */
@Timeout(3600)
class CatchUpIntegrationTests {

  private static final int TRANSACTIONS = Boolean.getBoolean("large") ? 100_000 : 10_000;
  private static final int ROUNDS = 4;

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private int lastId;

  @Test
  @DisplayName(
      "D31: writes go on at full speed without the server, and a node that was away follows")
  void anOutageCostsWritersNothing() throws Exception {
    try (TcpProxy proxy = TcpProxy.to(URI.create(NATS.url()).getPort());
        TestCluster cluster = new TestCluster(folder, NATS.url())) {
      TestNode writer =
          cluster.node("writer", proxy.url(), options -> options.publisherAsync(true));
      TestNode away = cluster.node("away");
      writer.run("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, price REAL)");
      away.awaitSame(writer);
      away.close();

      double with = 0;
      double without = 0;
      for (int i = 0; i < ROUNDS; i++) {
        with += write(writer, TRANSACTIONS / ROUNDS / 2);
        proxy.refuse();
        Eventually.holds(() -> assertThat(writer.engine().status().connected()).isFalse());
        without += write(writer, TRANSACTIONS / ROUNDS / 2);
        assertThat(writer.engine().status().backlog().transactions()).isPositive();
        proxy.pass();
        Eventually.holds(
            () -> assertThat(writer.engine().status().backlog()).isEqualTo(Backlog.EMPTY));
      }

      long start = System.nanoTime();
      away.open();
      assertThat(away.engine().await(cluster.lastSequence(), Duration.ofMinutes(30))).isTrue();
      double seconds = (System.nanoTime() - start) / 1e9;
      cluster.converge();
      assertThat(away.one("SELECT count(*) FROM t")).isEqualTo(String.valueOf(lastId));
      System.out.printf(
          Locale.ROOT,
          "Asynchronous commits per second: %.0f with the server, %.0f without it (ratio %.2f)%n"
              + "A node that was away for %d transactions was level after %.1f s: %.0f"
              + " transactions per second, %.1f times as many as were written%n",
          with / ROUNDS,
          without / ROUNDS,
          without / with,
          lastId,
          seconds,
          lastId / seconds,
          lastId / seconds / (with / ROUNDS));
      assertThat(without / with).isGreaterThan(0.5);
    }
  }

  /** Writes transactions of one row; returns how many it wrote in a second. */
  private double write(TestNode node, int transactions) throws SQLException {
    long start = System.nanoTime();
    try (Connection connection = node.connect();
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO t VALUES(?, 'a product', 12.5)")) {
      for (int i = 0; i < transactions; i++) {
        insert.setInt(1, ++lastId);
        insert.execute();
      }
    }
    return transactions / ((System.nanoTime() - start) / 1e9);
  }
}
