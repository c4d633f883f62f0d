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
import java.util.function.Predicate;

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

  /**
   * Lets it happen; all nodes run afterwards.
   *
   * @param othersRunOn whether nodes still run when one of them begins the stream anew
   */
  void happen(boolean othersRunOn) throws Exception {
    TestNatsServer server = servers.get(0);
    server.kill();
    stop.await(COMMITS_END.toMillis(), TimeUnit.MILLISECONDS);
    journal.streamIsLost();
    server.restartEmpty();
    Map<Node, Long> positions = new HashMap<>();
    for (Node node : nodes) {
      await(
          node,
          "does not notice that the stream is lost",
          status -> status.problem().contains("what it held is lost"));
      positions.put(node, Objects.requireNonNull(node.status()).position());
    }
    Node best = nodes.stream().max(Comparator.comparing(positions::get)).orElseThrow();
    for (Node node : nodes) {
      if (node == best || !othersRunOn) {
        node.stop();
      }
    }
    best.start(BootstrapPolicy.LOCAL);
    best.awaitRunning();
    for (Node node : nodes) {
      if (node != best) {
        takeClusterState(node, othersRunOn);
      }
    }
    journal.streamIsBack();
  }

  private static void takeClusterState(Node node, boolean runs) throws Exception {
    if (runs) {
      await(node, "does not halt before a stream begun anew", NodeStatus::isHalted);
      node.stop();
    }
    node.start(BootstrapPolicy.CLUSTER);
    node.awaitRunning();
  }

  private static void await(Node node, String otherwise, Predicate<NodeStatus> condition)
      throws Exception {
    boolean came =
        Patience.until(
            Node.PATIENCE,
            () -> {
              NodeStatus status = node.status();
              return status != null && condition.test(status);
            });
    if (!came) {
      throw new AssertionError(node.name() + " " + otherwise + ": " + node.status());
    }
  }
}
