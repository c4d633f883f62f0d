package io.hasqlite.faults;

import io.hasqlite.engine.BootstrapPolicy;
import io.hasqlite.testing.TestNatsServer;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The only server loses its disk, and the stream with it, while clients go on. Nodes must not
 * follow what comes in its place; a human goes the documented way out.
 */
final class LostStream {

  /**
   * Longer than a commit waits to be seen here, so that all that was acknowledged has been said.
   */
  private static final Duration COMMITS_END = Duration.ofSeconds(5);

  private final Servers servers;
  private final List<Node> nodes;
  private final Journal journal;
  private final CountDownLatch stop;

  /**
   * Owns the server and the nodes.
   *
   * @param stop ends what lasts
   */
  LostStream(Servers servers, List<Node> nodes, Journal journal, CountDownLatch stop) {
    this.servers = servers;
    this.nodes = nodes;
    this.journal = journal;
    this.stop = stop;
  }

  /** Lets it happen; all nodes run afterwards. */
  void happen() throws Exception {
    TestNatsServer server = servers.get(0);
    server.kill();
    stop.await(COMMITS_END.toMillis(), TimeUnit.MILLISECONDS);
    journal.streamIsLost();
    server.restartEmpty();
    Map<Node, Long> positions = new HashMap<>();
    for (Node node : nodes) {
      awaitNotice(node);
      positions.put(node, Objects.requireNonNull(node.status()).position());
    }
    Node best = nodes.stream().max(Comparator.comparing(positions::get)).orElseThrow();
    for (Node node : nodes) {
      node.stop();
    }
    best.start(BootstrapPolicy.LOCAL);
    best.awaitRunning();
    for (Node node : nodes) {
      if (node != best) {
        node.start(BootstrapPolicy.CLUSTER);
        node.awaitRunning();
      }
    }
    journal.streamIsBack();
  }

  private static void awaitNotice(Node node) throws Exception {
    boolean noticed =
        Patience.until(
            Node.PATIENCE,
            () -> {
              NodeStatus status = node.status();
              return status != null && status.problem().contains("lost");
            });
    if (!noticed) {
      throw new AssertionError(node.name() + " does not notice a lost stream: " + node.status());
    }
  }
}
