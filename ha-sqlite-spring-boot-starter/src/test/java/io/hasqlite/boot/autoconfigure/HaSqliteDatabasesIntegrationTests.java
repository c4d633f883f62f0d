package io.hasqlite.boot.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.engine.HaSqlite;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TcpProxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

class HaSqliteDatabasesIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path directory;

  @Test
  @DisplayName("Each database is replicated for itself, over one connection of the application")
  void eachDatabaseIsReplicatedOverOneConnection() throws Exception {
    try (TcpProxy proxy = TcpProxy.to(URI.create(NATS.url()).getPort())) {
      try (ConfigurableApplicationContext one = start("one", proxy.url());
          ConfigurableApplicationContext two = start("two", NATS.url())) {
        assertThat(proxy.connections()).isEqualTo(1);
        jdbc(one, "orders").sql("create table t(v)").update();
        jdbc(one, "orders").sql("insert into t values ('an order')").update();
        jdbc(two, "users").sql("create table t(v)").update();
        jdbc(two, "users").sql("insert into t values ('a user')").update();
        awaitLevel(two, one, "orders");
        awaitLevel(one, two, "users");

        assertThat(read(two, "orders")).isEqualTo("an order");
        assertThat(read(one, "users")).isEqualTo("a user");
        assertThat(
                one.getBean(JdbcClient.class)
                    .sql("select count(*) from sqlite_schema where name = 't'")
                    .query(Integer.class)
                    .single())
            .isZero();
        assertThat(proxy.connections()).isEqualTo(1);
      }
      Eventually.holds(() -> assertThat(proxy.connections()).isZero());
    }
  }

  private ConfigurableApplicationContext start(String node, String url) throws Exception {
    Path folder = Files.createDirectories(directory.resolve(node));
    return new SpringApplicationBuilder(Application.class)
        .web(WebApplicationType.NONE)
        .properties(
            "spring.main.banner-mode=off",
            "spring.flyway.enabled=false",
            "ha.sqlite.path=" + folder.resolve("main.db"),
            "ha.sqlite.node-name=" + node,
            "ha.sqlite.nats.url=" + url,
            "ha.sqlite.databases.orders.path=" + folder.resolve("orders.db"),
            "ha.sqlite.databases.users.path=" + folder.resolve("users.db"))
        .run();
  }

  private static <T> T bean(ConfigurableApplicationContext context, Class<T> type, String name) {
    return BeanFactoryAnnotationUtils.qualifiedBeanOfType(context.getBeanFactory(), type, name);
  }

  private static JdbcClient jdbc(ConfigurableApplicationContext context, String name) {
    return JdbcClient.create(bean(context, DataSource.class, name));
  }

  private static String read(ConfigurableApplicationContext context, String name) {
    return jdbc(context, name).sql("select v from t").query(String.class).single();
  }

  private static void awaitLevel(
      ConfigurableApplicationContext node, ConfigurableApplicationContext other, String name)
      throws InterruptedException {
    long end = bean(other, HaSqlite.class, name).status().position();
    assertThat(bean(node, HaSqlite.class, name).await(end, Duration.ofSeconds(20))).isTrue();
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}
}
