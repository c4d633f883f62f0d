package io.hasqlite.integration.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.integration.Node;
import io.hasqlite.integration.TwoNodes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The recipe for transactions that must not lose another node's update. */
class RetryIntegrationTests {

  @RegisterExtension static final TwoNodes nodes = JdbcApplication.nodes();

  private final Node one = nodes.one();
  private final Node two = nodes.two();

  @Test
  void twoNodesCountTogetherWithoutLosingAny() throws Exception {
    one.bean(JdbcClient.class).sql("UPDATE counter SET count = 0").update();
    two.awaitAllOf(one);
    int each = 25;
    ExecutorService counters = Executors.newFixedThreadPool(4);
    List<Future<?>> counted = new ArrayList<>();
    for (Node node : List.of(one, two, one, two)) {
      counted.add(
          counters.submit(
              () -> {
                for (int i = 0; i < each; i++) {
                  node.bean(Counter.class).increment("visits");
                }
              }));
    }
    for (Future<?> each1 : counted) {
      each1.get();
    }
    counters.shutdown();
    one.assertSameAs(two);
    assertThat(two.texts("SELECT count FROM counter")).containsExactly("" + 4 * each);
  }
}
