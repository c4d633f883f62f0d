package io.hasqlite.integration.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.integration.Node;
import io.hasqlite.integration.TwoNodes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.RestClient;

/** Spring Session's tables on two nodes: a visitor may come to either. */
class SpringSessionIntegrationTests {

  @RegisterExtension static final TwoNodes nodes = JdbcApplication.nodes();

  private final Node one = nodes.one();
  private final Node two = nodes.two();

  @Test
  void aSessionGoesOnAtTheOtherNode() throws Exception {
    ResponseEntity<Integer> first = visit(one, null);
    assertThat(first.getBody()).isEqualTo(1);
    String cookie = first.getHeaders().getFirst("Set-Cookie").split(";")[0];
    two.awaitAllOf(one);

    assertThat(visit(two, cookie).getBody()).isEqualTo(2);
    one.awaitAllOf(two);
    assertThat(visit(one, cookie).getBody()).isEqualTo(3);
    two.awaitAllOf(one);
    assertThat(visit(two, null).getBody()).as("another visitor").isEqualTo(1);
    one.assertSameAs(two);
  }

  private static ResponseEntity<Integer> visit(Node node, @Nullable String cookie) {
    String port = node.context().getEnvironment().getProperty("local.server.port");
    RestClient.RequestHeadersSpec<?> request =
        RestClient.create().get().uri("http://127.0.0.1:" + port + "/visits");
    if (cookie != null) {
      request.header("Cookie", cookie);
    }
    return request.retrieve().toEntity(Integer.class);
  }
}
