package io.hasqlite.boot.autoconfigure.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.engine.HaSqlite;
import io.hasqlite.testing.NatsServerExtension;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Flyway and Liquibase on several nodes of one database. */
@Timeout(240)
class MigrationIntegrationTests {

  private static final String[] FLYWAY = {"--spring.flyway.locations=classpath:migrations/flyway"};
  private static final String[] LIQUIBASE = {
    "--spring.flyway.enabled=false",
    "--spring.liquibase.enabled=true",
    "--spring.liquibase.change-log=classpath:migrations/liquibase/changelog.sql"
  };

  @RegisterExtension static final NatsServerExtension nats = new NatsServerExtension();

  @TempDir Path directory;

  private final String stream = "m" + UUID.randomUUID().toString().substring(0, 8);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<ConfigurableApplicationContext> nodes = new ArrayList<>();

  /** Boot initialises the logging of the JVM with each application: not for several at once. */
  @BeforeAll
  static void leaveLoggingAlone() {
    System.setProperty(LoggingSystem.SYSTEM_PROPERTY, LoggingSystem.NONE);
  }

  @AfterAll
  static void letLoggingBeInitialised() {
    System.clearProperty(LoggingSystem.SYSTEM_PROPERTY);
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
    nodes.forEach(ConfigurableApplicationContext::close);
  }

  private ConfigurableApplicationContext start(Class<?> application, String name, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--ha.sqlite.path=" + directory.resolve(name + ".db"),
                "--spring.docker.compose.enabled=false", // on other threads it takes no test for
                // one
                "--ha.sqlite.cdc-id=notes",
                "--ha.sqlite.node-name=" + name,
                "--ha.sqlite.stream.name=" + stream,
                "--ha.sqlite.nats.url=" + nats.url()));
    arguments.addAll(List.of(more));
    return new SpringApplicationBuilder(application)
        .web(WebApplicationType.NONE)
        .run(arguments.toArray(String[]::new));
  }

  /** Starts three nodes at the same moment on an empty cluster. */
  private void startThree(Class<?> application, String... more) throws Exception {
    CyclicBarrier barrier = new CyclicBarrier(3);
    List<Future<ConfigurableApplicationContext>> starting = new ArrayList<>();
    for (String name : List.of("one", "two", "three")) {
      starting.add(
          threads.submit(
              () -> {
                barrier.await();
                return start(application, name, more);
              }));
    }
    for (Future<ConfigurableApplicationContext> node : starting) {
      nodes.add(node.get(200, TimeUnit.SECONDS));
    }
  }

  private static List<String> texts(ConfigurableApplicationContext node, String sql) {
    return node.getBean(JdbcClient.class).sql(sql).query(String.class).list();
  }

  private void assertEqual() throws SQLException, InterruptedException {
    HaSqlite first = nodes.get(0).getBean(HaSqlite.class);
    long end =
        nodes.stream()
            .mapToLong(n -> n.getBean(HaSqlite.class).status().position())
            .max()
            .orElse(0);
    for (ConfigurableApplicationContext node : nodes) {
      HaSqlite database = node.getBean(HaSqlite.class);
      assertThat(database.await(end, Duration.ofSeconds(30))).isTrue();
      assertThat(texts(node, "select text || stars from note"))
          .containsExactly("made by the migration5");
      assertThat(first.await(end, Duration.ofSeconds(30))).isTrue();
      assertThat(database.digest().differences(first.digest())).isEmpty();
    }
  }

  @Test
  @DisplayName(
      "Three nodes run Flyway on an empty cluster in the same second: migrated once, no node fails")
  void flywayRunsOnce() throws Exception {
    startThree(Application.class, FLYWAY);

    assertEqual();
    for (ConfigurableApplicationContext node : nodes) {
      assertThat(texts(node, "select version from flyway_schema_history order by installed_rank"))
          .containsExactly("1", "2");
    }
  }

  @Test
  @DisplayName(
      "Three nodes run Liquibase on an empty cluster in the same second, and a lock that was left is released")
  void liquibaseRunsOnce() throws Exception {
    startThree(Application.class, LIQUIBASE);

    assertEqual();
    for (ConfigurableApplicationContext node : nodes) {
      assertThat(texts(node, "select id from DATABASECHANGELOG order by orderexecuted"))
          .containsExactly("1", "2", "3");
    }

    nodes
        .get(0)
        .getBean(JdbcClient.class)
        .sql("update DATABASECHANGELOGLOCK set LOCKED = 1, LOCKEDBY = 'one that was killed'")
        .update();
    nodes.add(start(Application.class, "four", LIQUIBASE));
    assertEqual();
    assertThat(texts(nodes.get(3), "select LOCKED from DATABASECHANGELOGLOCK"))
        .containsExactly("0");
  }

  @Test
  @DisplayName("The application's own strategy is locked, too, and is run again after a conflict")
  void theApplicationsOwnStrategyIsLocked() throws Exception {
    nodes.add(start(WithStrategy.class, "one", FLYWAY));

    assertEqual();
    assertThat(nodes.get(0).getBean(AtomicInteger.class)).hasValue(2);
  }

  @Test
  @DisplayName("A node with nothing to migrate takes no lock")
  void aNodeWithNothingToMigrateTakesNoLock() throws Exception {
    nodes.add(start(Application.class, "one", FLYWAY));
    HaSqlite one = nodes.get(0).getBean(HaSqlite.class);
    long before = one.status().position();
    nodes.add(start(Application.class, "two", FLYWAY));
    assertEqual();
    assertThat(nodes.get(1).getBean(HaSqlite.class).status().position()).isEqualTo(before);
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class WithStrategy {

    @Bean
    AtomicInteger runs() {
      return new AtomicInteger();
    }

    /** Fails once like a commit that another node's message came before. */
    @Bean
    FlywayMigrationStrategy strategy(AtomicInteger runs, HaSqlite database) {
      return flyway -> {
        if (runs.incrementAndGet() == 1) {
          assertThat(openFences(database)).isEqualTo(1);
          throw new CannotAcquireLockException("on purpose", new SQLException("", "40001"));
        }
        flyway.migrate();
      };
    }

    private static int openFences(HaSqlite database) {
      return (int)
          database.status().notices().stream().filter(notice -> notice.contains("Flyway")).count();
    }
  }
}
