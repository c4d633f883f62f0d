package io.hasqlite.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.hasqlite.sample.compare.CompareFiles;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.HttpClientErrorException;

/** Two nodes of the shop on one nats-server. */
class ShopIntegrationTests {

  private static final Duration TIMEOUT = ShopNode.TIMEOUT;

  @RegisterExtension static final NatsServerExtension nats = new NatsServerExtension();

  @TempDir static Path directory;

  static ShopNode node1;
  static ShopNode node2;

  @BeforeAll
  static void startOneAfterTheOther() {
    node1 = ShopNode.start("node1", directory, nats);
    node2 = ShopNode.start("node2", directory, nats);
  }

  @AfterAll
  static void stop() {
    node2.close();
    node1.close();
  }

  @Test
  void theSecondNodeHasTheMigrationsOfTheFirst() throws Exception {
    assertThat(
            node2
                .jdbc()
                .sql("SELECT version FROM flyway_schema_history")
                .query(String.class)
                .list())
        .containsExactly("1", "2");
    assertBothEqual();
  }

  @Test
  void aProductMadeOnOneNodeIsSoldOnTheOther() throws Exception {
    Product made =
        node1
            .http()
            .post()
            .uri("/api/products")
            .body(
                Map.of("albumId", "album-1", "name", "Évil Walks 🎸", "priceCents", 99, "stock", 5))
            .retrieve()
            .body(Product.class);
    node2.awaitAllOf(node1);

    assertThat(node2.product(made.id())).isEqualTo(made);

    Order order = node2.order(made.id(), 2);
    node1.awaitAllOf(node2);

    assertThat(node1.product(made.id()).stock()).isEqualTo(3);
    assertThat(node1.http().get().uri("/api/orders/{id}", order.id()).retrieve().body(Order.class))
        .isEqualTo(order);
    assertThat(order.node()).isEqualTo("node2");
    assertThat(
            node1
                .jdbc()
                .sql("SELECT old_stock - new_stock FROM track_audit WHERE track_id = ?")
                .param(made.id())
                .query(Integer.class)
                .list())
        .containsExactly(2);
    assertBothEqual();
  }

  @Test
  void anOrderForMoreThanThereIsLeavesNothingBehind() throws Exception {
    long stock = node1.product("track-3").stock();
    List<String> orders = node1.ids("orders");
    List<String> audit = node1.ids("track_audit");

    assertThatExceptionOfType(HttpClientErrorException.class)
        .isThrownBy(
            () ->
                node1
                    .http()
                    .post()
                    .uri("/api/orders")
                    .body(
                        Map.of(
                            "customerId",
                            "customer-1",
                            "items",
                            List.of(
                                Map.of("productId", "track-3", "quantity", 1),
                                Map.of("productId", "track-6", "quantity", 1))))
                    .retrieve()
                    .toBodilessEntity())
        .satisfies(refused -> assertThat(refused.getStatusCode()).isEqualTo(HttpStatus.CONFLICT));

    assertThat(node1.product("track-3").stock()).isEqualTo(stock);
    assertThat(node1.ids("orders")).isEqualTo(orders);
    assertThat(node1.ids("track_audit")).isEqualTo(audit);
    assertBothEqual();
  }

  @Test
  void inputThatTheSchemaForbidsIsABadRequest() {
    for (Object input :
        List.of(
            Map.of("name", "", "priceCents", 99, "stock", 1),
            Map.of("name", "x", "priceCents", -1, "stock", 1),
            Map.of("name", "x", "albumId", "none", "priceCents", 1, "stock", 1))) {
      HttpStatusCode status =
          node1
              .http()
              .put()
              .uri("/api/products/track-1")
              .body(input)
              .exchange((request, response) -> response.getStatusCode());
      assertThat(status).as("%s", input).isEqualTo(HttpStatus.BAD_REQUEST);
    }
  }

  @Test
  void bothAgreeAfterBothWroteTheSameRowAtOnce() throws Exception {
    CountDownLatch start = new CountDownLatch(1);
    ExecutorService writers = Executors.newFixedThreadPool(2);
    List<Future<?>> written = new ArrayList<>();
    for (ShopNode node : List.of(node1, node2)) {
      written.add(
          writers.submit(
              () -> {
                start.await();
                for (int i = 0; i < 20; i++) {
                  node.http()
                      .put()
                      .uri("/api/products/track-2")
                      .body(Map.of("name", node.name() + " " + i, "priceCents", i, "stock", i))
                      .retrieve()
                      .toBodilessEntity();
                }
                return null;
              }));
    }
    start.countDown();
    for (Future<?> each : written) {
      each.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }
    writers.shutdown();

    node1.awaitAllOf(node2);
    node2.awaitAllOf(node1);
    assertThat(node1.product("track-2")).isEqualTo(node2.product("track-2"));
    assertBothEqual();
  }

  @Test
  void aNodeTellsItsState() {
    Map<String, Object> state =
        node2
            .http()
            .get()
            .uri("/api/node")
            .retrieve()
            .body(new ParameterizedTypeReference<Map<String, Object>>() {});
    assertThat(state).containsEntry("node", "node2").containsEntry("state", "RUNNING");
  }

  @Test
  void thePageUsesNothingButWhatTheNodeServes() {
    ResponseEntity<String> page = node2.http().get().uri("/").retrieve().toEntity(String.class);

    assertThat(page.getHeaders().getFirst("Content-Security-Policy"))
        .contains("default-src 'self'")
        .doesNotContain("unsafe");
    assertThat(page.getBody()).doesNotContain("http:", "https:", "style=", "onclick");
  }

  @Test
  void cachedNameIsDroppedWhenAnotherNodeChangesIt() throws Exception {
    String id = node1.ids("artist").get(0);
    Cache cache = node2.context().getBean(CacheManager.class).getCache("artists");
    String before = artistOn2(id);
    assertThat(cache.get(id)).as("cached on node 2").isNotNull();

    node1
        .http()
        .put()
        .uri("/api/artists/{id}", id)
        .body(Map.of("name", before + " Jobim"))
        .retrieve()
        .toBodilessEntity();
    node2.awaitAllOf(node1);

    Eventually.holds(() -> assertThat(artistOn2(id)).isEqualTo(before + " Jobim"));
  }

  private static String artistOn2(String id) {
    return String.valueOf(
        node2
            .http()
            .get()
            .uri("/api/artists/{id}", id)
            .retrieve()
            .body(new ParameterizedTypeReference<Map<String, Object>>() {})
            .get("name"));
  }

  @Test
  void endpointShowsTheNodesAndTakesNoOrders() {
    Map<String, Object> shop =
        node2
            .http()
            .get()
            .uri("/actuator/hasqlite/shop")
            .retrieve()
            .body(new ParameterizedTypeReference<Map<String, Object>>() {});

    assertThat(shop).containsEntry("node", "node2").containsEntry("state", "running");
    assertThat(shop.get("peers").toString()).contains("node=node1", "node=node2", "live=true");
    HttpStatusCode ofAnother =
        node2
            .http()
            .get()
            .uri("/actuator/hasqlite/other")
            .exchange((request, response) -> response.getStatusCode());
    assertThat(ofAnother).isEqualTo(HttpStatus.NOT_FOUND);
    HttpStatusCode ofOrder =
        node2
            .http()
            .post()
            .uri("/actuator/hasqlite/shop/pause")
            .exchange((request, response) -> response.getStatusCode());
    assertThat(ofOrder).isEqualTo(HttpStatus.METHOD_NOT_ALLOWED);
  }

  @Test
  void healthIsUp() {
    assertThat(node2.http().get().uri("/actuator/health").retrieve().body(String.class))
        .startsWith("{")
        .contains("\"status\":\"UP\"");
  }

  private static void assertBothEqual() throws Exception {
    node1.awaitAllOf(node2);
    node2.awaitAllOf(node1);
    java.io.ByteArrayOutputStream report = new java.io.ByteArrayOutputStream();
    assertThat(CompareFiles.areEqual(new PrintStream(report, true), node1.file(), node2.file()))
        .as(report.toString(StandardCharsets.UTF_8))
        .isTrue();
  }
}
