package io.hasqlite.boot.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.testing.NatsServerExtension;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.TransientDataAccessResourceException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.sqlite.SQLiteConnection;

/** Two applications on one real nats-server. */
class HaSqliteAutoConfigurationIntegrationTests {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @RegisterExtension static final NatsServerExtension nats = new NatsServerExtension();

  @TempDir static Path directory;

  private static Node one;
  private static Node two;

  private final List<Node> others = new ArrayList<>();

  @BeforeAll
  static void start() {
    one = start("one");
    two = start("two");
  }

  @BeforeEach
  void beginWithTenPears() {
    one.shop().reset();
    two.awaitLevelWith(one);
  }

  @AfterEach
  void stopOthers() {
    others.forEach(Node::close);
  }

  @AfterAll
  static void stop() {
    List.of(one, two).forEach(Node::close);
  }

  @Test
  void migrationsWithTriggersRunOnceForBothNodes() {
    for (Node node : List.of(one, two)) {
      assertThat(node.products()).containsExactly("pear 10");
      assertThat(node.texts("select version from flyway_schema_history order by 1"))
          .containsExactly("1", "2");
    }
    two.shop().sell("pear", 3);
    one.awaitLevelWith(two);

    for (Node node : List.of(one, two)) {
      assertThat(node.products()).containsExactly("pear 7");
      assertThat(node.texts("select note from stock_history")).containsExactly("from 10; to 7");
    }
    assertThat(one.texts("select id from stock_history"))
        .isEqualTo(two.texts("select id from stock_history"));
  }

  @Test
  void transactionOfOneNodeIsReadOnTheOther() {
    one.shop().add("apple", "fig");
    two.awaitLevelWith(one);

    assertThat(two.products()).containsExactly("apple 1", "fig 1", "pear 10");
  }

  @Test
  void exceptionRollsBackEverywhere() {
    assertThatThrownBy(() -> one.shop().addAndFail("apple"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("on purpose");
    one.shop().add("fig");
    two.awaitLevelWith(one);

    assertThat(one.products()).containsExactly("fig 1", "pear 10");
    assertThat(two.products()).containsExactly("fig 1", "pear 10");
  }

  @Test
  void uniqueKeyIsADuplicateKeyException() {
    assertThatThrownBy(() -> one.shop().add("apple", "pear"))
        .isInstanceOf(DuplicateKeyException.class);

    assertThat(one.products()).containsExactly("pear 10");
  }

  @Test
  void nestedTransactionIsRolledBackAlone() {
    one.shop().addWithNestedFailure("apple", "fig");
    two.awaitLevelWith(one);

    assertThat(one.products()).containsExactly("apple 1", "pear 10");
    assertThat(two.products()).containsExactly("apple 1", "pear 10");
  }

  @Test
  void readOnlyTransactionRejectsWrites() {
    assertThatThrownBy(() -> one.shop().addReadOnly("apple"))
        .isInstanceOf(DataAccessException.class)
        .rootCause()
        .hasMessageContaining("read");

    one.shop().add("fig");
    assertThat(one.products()).containsExactly("fig 1", "pear 10");
  }

  @Test
  void serverAwayAtCommitFailsTheTransactionAndKeepsThePool() throws SQLException {
    Set<SQLiteConnection> connections = one.physicalConnections();

    nats.stop();
    Awaitility.await().atMost(PATIENCE).until(() -> !one.database().status().connected());
    DataAccessException failure =
        catchThrowableOfType(DataAccessException.class, () -> one.shop().add("apple"));

    assertThat(failure).isInstanceOf(TransientDataAccessResourceException.class);
    assertThat(one.physicalConnections()).isEqualTo(connections);
    assertThat(one.products()).as("reading goes on").containsExactly("pear 10");
    assertThat(one.health()).isEqualTo(Status.DOWN);
    assertThat(one.gauge("ha.sqlite.connected")).isZero();

    nats.restart();
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> one.state() == State.RUNNING && two.state() == State.RUNNING);
    one.shop().add("fig");
    two.awaitLevelWith(one);

    assertThat(one.products()).containsExactly("fig 1", "pear 10");
    assertThat(two.products()).containsExactly("fig 1", "pear 10");
    assertThat(one.health()).isEqualTo(Status.UP);
  }

  @Test
  void healthAndMetricsTellOfBothNodes() {
    one.shop().add("apple");
    two.awaitLevelWith(one);

    for (Node node : List.of(one, two)) {
      assertThat(node.health()).isEqualTo(Status.UP);
      assertThat(node.gauge("ha.sqlite.connected")).isEqualTo(1);
      assertThat(node.gauge("ha.sqlite.position"))
          .isEqualTo(node.database().status().position())
          .isPositive();
    }
    assertThat(one.count("ha.sqlite.commit", "outcome", "in_place")).isPositive();
    assertThat(two.database().subscriber().latestSeq()).isPositive();
  }

  @Test
  void poolClosesBeforeTheEngine() {
    Node three = start("three");
    others.add(three);
    HikariDataSource pool = three.bean(HikariDataSource.class);
    HaSqlite database = three.database();
    StopProtocol protocol = three.bean(StopProtocol.class);
    protocol.pool().set(pool);

    three.close();

    assertThat(pool.isClosed()).isTrue();
    assertThat(database.status().state()).isEqualTo(State.CLOSED);
    assertThat(protocol.events()).containsExactly("pool closed: true, engine RUNNING");
  }

  @Test
  void gateHoldsReplicationUntilTheApplicationOpensIt() {
    start("four").close();
    one.shop().add("fig");
    CompletableFuture<Void> gate = new CompletableFuture<>();

    Node again =
        start(
            "four",
            builder ->
                builder.initializers(
                    context ->
                        ((GenericApplicationContext) context)
                            .registerBean(WaitFor.class, () -> () -> gate)));
    others.add(again);

    assertThat(again.state()).isEqualTo(State.WAITING);
    assertThat(again.health()).isEqualTo(Status.OUT_OF_SERVICE);
    assertThat(again.products()).containsExactly("pear 10");
    assertThatThrownBy(() -> again.shop().add("plum")).hasStackTraceContaining("waitFor");

    gate.complete(null);
    again.awaitLevelWith(one);

    assertThat(again.products()).containsExactly("fig 1", "pear 10");
  }

  @Test
  void applicationWithAnEmbeddedServerNeedsNoOther() {
    String embedded = "ha.sqlite.nats.embedded.";
    try (ConfigurableApplicationContext context =
        application()
            .run(
                "--ha.sqlite.path=" + directory.resolve("embedded.db"),
                "--ha.sqlite.node-name=e",
                "--" + embedded + "enabled=true",
                "--" + embedded + "port=0",
                "--" + embedded + "username=u",
                "--" + embedded + "password=p",
                "--" + embedded + "store-dir=" + directory.resolve("store"),
                "--spring.flyway.locations=classpath:db/shop")) {
      Shop shop = context.getBean(Shop.class);
      shop.add("apple");
      HaSqlite database = context.getBean(HaSqlite.class);
      assertThat(database.status().state()).isEqualTo(State.RUNNING);
      assertThat(database.status().position()).isPositive();
    }
  }

  private static Node start(String name) {
    return start(name, builder -> builder);
  }

  private static Node start(String name, UnaryOperator<SpringApplicationBuilder> changes) {
    return new Node(
        changes
            .apply(application())
            .run(
                "--ha.sqlite.path=" + directory.resolve(name + ".db"),
                "--ha.sqlite.node-name=" + name,
                "--ha.sqlite.cdc-id=shop",
                "--ha.sqlite.nats.url=" + nats.url(),
                "--ha.sqlite.hikari.maximum-pool-size=4",
                "--spring.flyway.locations=classpath:db/shop"));
  }

  private static SpringApplicationBuilder application() {
    return new SpringApplicationBuilder(Application.class)
        .web(WebApplicationType.NONE)
        .registerShutdownHook(false);
  }

  /** One running application. */
  private record Node(ConfigurableApplicationContext context) implements AutoCloseable {

    <T> T bean(Class<T> type) {
      return context.getBean(type);
    }

    Shop shop() {
      return bean(Shop.class);
    }

    HaSqlite database() {
      return bean(HaSqlite.class);
    }

    State state() {
      return database().status().state();
    }

    Status health() {
      return context
          .getBean("haSqliteHealthContributor", HealthIndicator.class)
          .health()
          .getStatus();
    }

    double gauge(String name) {
      return bean(MeterRegistry.class).get(name).gauge().value();
    }

    double count(String name, String... tags) {
      return bean(MeterRegistry.class).get(name).tags(tags).functionTimer().count();
    }

    /** Opens all connections of the pool and looks at what is in them. */
    Set<SQLiteConnection> physicalConnections() throws SQLException {
      HikariDataSource pool = bean(HikariDataSource.class);
      Set<SQLiteConnection> found = Collections.newSetFromMap(new IdentityHashMap<>());
      List<Connection> open = new ArrayList<>();
      try {
        for (int i = 0; i < pool.getMaximumPoolSize(); i++) {
          Connection connection = pool.getConnection();
          open.add(connection);
          found.add(connection.unwrap(SQLiteConnection.class));
        }
      } finally {
        for (Connection connection : open) {
          connection.close();
        }
      }
      return found;
    }

    List<String> texts(String sql) {
      return bean(JdbcClient.class).sql(sql).query(String.class).list();
    }

    List<String> products() {
      return texts("select name || ' ' || stock from product order by name");
    }

    void awaitLevelWith(Node other) {
      try {
        assertThat(database().await(other.database().status().position(), PATIENCE))
            .as("%s against %s", database().status(), other.database().status())
            .isTrue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() {
      context.close();
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {

    @Bean
    Shop shop(JdbcClient jdbc, ShopNested nested) {
      return new Shop(jdbc, nested);
    }

    @Bean
    ShopNested shopNested(JdbcClient jdbc) {
      return new ShopNested(jdbc);
    }

    @Bean
    StopProtocol stopProtocol() {
      return new StopProtocol(new ArrayList<>(), new AtomicReference<>());
    }

    /** Is destroyed after the pool, which depends on it, and before the engine. */
    @Bean(destroyMethod = "stop")
    static BetweenPoolAndEngine between(HaSqlite database, StopProtocol protocol) {
      return new BetweenPoolAndEngine(database, protocol);
    }

    @Bean
    static BeanFactoryPostProcessor poolDependsOnIt() {
      return factory -> factory.getBeanDefinition("dataSource").setDependsOn("between");
    }
  }

  record StopProtocol(List<String> events, AtomicReference<HikariDataSource> pool) {}

  static final class BetweenPoolAndEngine {
    private final HaSqlite database;
    private final StopProtocol protocol;

    BetweenPoolAndEngine(HaSqlite database, StopProtocol protocol) {
      this.database = database;
      this.protocol = protocol;
    }

    void stop() {
      HikariDataSource pool = protocol.pool().get();
      protocol
          .events()
          .add(
              "pool closed: "
                  + (pool == null ? "?" : pool.isClosed())
                  + ", engine "
                  + database.status().state());
    }
  }

  static class Shop {
    private final JdbcClient jdbc;
    private final ShopNested nested;

    Shop(JdbcClient jdbc, ShopNested nested) {
      this.jdbc = jdbc;
      this.nested = nested;
    }

    @Transactional
    public void add(String... names) {
      Arrays.stream(names).forEach(name -> insert(jdbc, name));
    }

    @Transactional
    public void addAndFail(String name) {
      insert(jdbc, name);
      throw new IllegalStateException("on purpose");
    }

    @Transactional
    public void addWithNestedFailure(String outer, String inner) {
      insert(jdbc, outer);
      assertThatThrownBy(() -> nested.addAndFail(inner)).isInstanceOf(IllegalStateException.class);
    }

    @Transactional(readOnly = true)
    public void addReadOnly(String name) {
      insert(jdbc, name);
    }

    @Transactional
    public void reset() {
      jdbc.sql("delete from stock_history").update();
      jdbc.sql("delete from product").update();
      jdbc.sql("insert into product(name, stock) values ('pear', 10)").update();
    }

    @Transactional
    public void sell(String name, int count) {
      jdbc.sql("update product set stock = stock - ? where name = ?").params(count, name).update();
    }
  }

  static class ShopNested {
    private final JdbcClient jdbc;

    ShopNested(JdbcClient jdbc) {
      this.jdbc = jdbc;
    }

    @Transactional(propagation = Propagation.NESTED)
    public void addAndFail(String name) {
      insert(jdbc, name);
      throw new IllegalStateException("on purpose");
    }
  }

  private static void insert(JdbcClient jdbc, String name) {
    jdbc.sql("insert into product(name, stock) values (?, 1)").param(name).update();
  }
}
