package io.hasqlite.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.engine.HaSqlite;
import io.hasqlite.testing.NatsServerExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.client.RestClient;

/** A running node of the shop. */
record ShopNode(
    String name, Path directory, ConfigurableApplicationContext context, RestClient http)
    implements AutoCloseable {

  static final Duration TIMEOUT = Duration.ofSeconds(30);

  static ShopNode start(
      String name, Path directory, NatsServerExtension nats, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--server.port=0");
    all.add("--shop.data=" + directory);
    all.add("--ha.sqlite.node-name=" + name);
    all.add("--ha.sqlite.nats.url=" + nats.url());
    ConfigurableApplicationContext context =
        new SpringApplicationBuilder(ShopApplication.class).run(all.toArray(String[]::new));
    RestClient http =
        RestClient.builder()
            .baseUrl(address(context))
            .defaultHeader("Content-Type", MediaType.APPLICATION_JSON_VALUE)
            .build();
    return new ShopNode(name, directory, context, http);
  }

  private static String address(ConfigurableApplicationContext context) {
    return "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port");
  }

  String address() {
    return address(context);
  }

  String file() {
    return directory.resolve(name + ".db").toString();
  }

  HaSqlite database() {
    return context.getBean(HaSqlite.class);
  }

  JdbcClient jdbc() {
    return context.getBean(JdbcClient.class);
  }

  List<String> ids(String table) {
    return jdbc().sql("SELECT id FROM " + table + " ORDER BY id").query(String.class).list();
  }

  Product product(String id) {
    return http.get().uri("/api/products/{id}", id).retrieve().body(Product.class);
  }

  Order order(String productId, int quantity) {
    return http.post()
        .uri("/api/orders")
        .body(
            Map.of(
                "customerId",
                "customer-1",
                "items",
                List.of(Map.of("productId", productId, "quantity", quantity))))
        .retrieve()
        .body(Order.class);
  }

  /** Waits until this node has counted what the other one has. */
  void awaitAllOf(ShopNode other) throws InterruptedException {
    assertThat(database().await(other.database().status().position(), TIMEOUT)).isTrue();
  }

  @Override
  public void close() {
    context.close();
  }
}
