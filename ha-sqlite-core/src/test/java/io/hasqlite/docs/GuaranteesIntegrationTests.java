package io.hasqlite.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.outbox.Backlog;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TcpProxy;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Plays the example of the page on guarantees as it is told there. */
@Timeout(120)
class GuaranteesIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private boolean isCutOff;

  @Test
  @DisplayName("The example of docs/guarantees.md ends as the page says")
  void theExampleEndsAsThePageSays() throws Exception {
    List<Snippet> snippets =
        Snippet.of("docs/guarantees.md").stream().filter(s -> s.is("sql") || s.is("text")).toList();
    int port = URI.create(NATS.url()).getPort();
    try (TcpProxy network1 = TcpProxy.to(port);
        TcpProxy network2 = TcpProxy.to(port);
        TestCluster cluster = new TestCluster(folder, NATS.url())) {
      TestNode node1 = cluster.node("node1", network1.url(), o -> o.publisherAsync(true));
      TestNode node2 = cluster.node("node2", network2.url(), o -> o.publisherAsync(true));
      int compared = 0;
      for (int i = 0; i < snippets.size(); i++) {
        Snippet snippet = snippets.get(i);
        switch (snippet.info()) {
          case "sql on node1" -> {
            node1.run(snippet.text());
            awaitSent(node1);
            cluster.converge();
          }
          case "sql on node1, cut off", "sql on node2, cut off" -> {
            cutOff(node1, network1);
            cutOff(node2, network2);
            isCutOff = true;
            (snippet.info().contains("node1") ? node1 : node2).run(snippet.text());
          }
          case "sql on both" -> {
            if (isCutOff) {
              comeBack(node1, network1);
              comeBack(node2, network2);
              cluster.converge();
              isCutOff = false;
            }
            List<String> expected = snippets.get(i + 1).text().lines().toList();
            assertThat(node1.query(snippet.text())).isEqualTo(expected);
            assertThat(node2.query(snippet.text())).isEqualTo(expected);
            compared++;
          }
          case "text" -> assertThat(snippets.get(i - 1).info()).isEqualTo("sql on both");
          default -> throw new AssertionError("Nothing is known about \"" + snippet.info() + "\"");
        }
      }
      assertThat(compared).isPositive();
    }
  }

  private static void cutOff(TestNode node, TcpProxy network) throws Exception {
    network.refuse();
    Eventually.holds(() -> assertThat(node.engine().status().connected()).isFalse());
  }

  private static void comeBack(TestNode node, TcpProxy network) throws Exception {
    network.pass();
    awaitSent(node);
  }

  private static void awaitSent(TestNode node) throws Exception {
    Eventually.holds(() -> assertThat(node.engine().status().backlog()).isEqualTo(Backlog.EMPTY));
  }
}
