package io.hasqlite.boot.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetInterceptor;
import io.hasqlite.engine.EngineListener;
import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.HaSqliteOptions;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.publish.CdcPublisher;
import io.hasqlite.subscribe.CdcSubscriber;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.AbstractDataSource;

class HaSqliteAutoConfigurationTests {

  @TempDir Path directory;

  private Path file;
  private ApplicationContextRunner runner;

  @BeforeEach
  void prepare() {
    file = directory.resolve("app.db");
    runner =
        new ApplicationContextRunner()
            .withConfiguration(
                AutoConfigurations.of(
                    HaSqliteAutoConfiguration.class,
                    SslAutoConfiguration.class,
                    DataSourceAutoConfiguration.class,
                    JdbcTemplateAutoConfiguration.class,
                    JdbcClientAutoConfiguration.class,
                    DataSourceTransactionManagerAutoConfiguration.class))
            .withPropertyValues("ha.sqlite.path=" + file, "ha.sqlite.node-name=n1");
  }

  @Test
  void databaseIsTheApplicationsDataSource() {
    runner.run(
        context -> {
          assertThat(context).hasSingleBean(HaSqlite.class).hasSingleBean(DataSource.class);
          JdbcClient jdbc = context.getBean(JdbcClient.class);
          jdbc.sql("create table t(id integer primary key, v text)").update();
          jdbc.sql("insert into t(v) values (?)").param("x").update();
          assertThat(jdbc.sql("select v from t").query(String.class).list()).containsExactly("x");
          assertThat(context.getBean(HaSqlite.class).path()).isEqualTo(file).exists();
        });
  }

  @Test
  void withoutPathThereIsNothing() {
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(HaSqliteAutoConfiguration.class))
        .run(context -> assertThat(context).doesNotHaveBean(HaSqlite.class));
  }

  @Test
  void canBeSwitchedOff() {
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(HaSqliteAutoConfiguration.class))
        .withPropertyValues("ha.sqlite.path=" + file, "ha.sqlite.enabled=false")
        .run(
            context -> {
              assertThat(context)
                  .doesNotHaveBean(HaSqlite.class)
                  .doesNotHaveBean(DataSource.class)
                  .hasNotFailed();
              assertThat(file).doesNotExist();
            });
  }

  @Test
  void unknownPropertyIsAnError() {
    runner
        .withPropertyValues("ha.sqlite.publisher.asynch=true")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessageContaining("ha.sqlite.publisher.asynch"));
  }

  @Nested
  class Pool {

    @Test
    void isNamedAfterTheDatabaseAndKeepsConnections() {
      runner
          .withPropertyValues("ha.sqlite.cdc-id=orders")
          .run(
              context -> {
                HikariDataSource pool = context.getBean(HikariDataSource.class);
                assertThat(pool.getPoolName()).isEqualTo("ha-sqlite-orders");
                assertThat(pool.getExceptionOverride())
                    .isInstanceOf(HaSqliteExceptionOverride.class);
                assertThat(pool.getMaximumPoolSize()).isEqualTo(10);
                assertThat(pool.isAutoCommit()).isTrue();
              });
    }

    @Test
    void takesItsSettings() {
      runner
          .withPropertyValues(
              "ha.sqlite.hikari.maximum-pool-size=3",
              "ha.sqlite.hikari.pool-name=mine",
              "ha.sqlite.hikari.exception-override-class-name=" + UsersOverride.class.getName())
          .run(
              context -> {
                HikariDataSource pool = context.getBean(HikariDataSource.class);
                assertThat(pool.getMaximumPoolSize()).isEqualTo(3);
                assertThat(pool.getPoolName()).isEqualTo("mine");
                assertThat(pool.getExceptionOverride()).isInstanceOf(UsersOverride.class);
              });
    }

    @Test
    void backsOffFromTheUsersDataSource() {
      runner
          .withUserConfiguration(UsersDataSource.class)
          .run(
              context -> {
                assertThat(context).hasSingleBean(DataSource.class).hasSingleBean(HaSqlite.class);
                assertThat(context).doesNotHaveBean(HikariDataSource.class);
              });
    }

    @Test
    void outlivesTheBeansThatUseIt() {
      List<String> events = new ArrayList<>();
      runner
          .withBean(Events.class, () -> new Events(events))
          .withUserConfiguration(ReaderConfiguration.class)
          .run(context -> assertThat(context).hasNotFailed());
      assertThat(events).containsExactly("read 1 while STANDALONE");
    }
  }

  @Nested
  class UsersBeans {

    @Test
    void engineOfTheUserWins() {
      runner
          .withUserConfiguration(UsersEngine.class)
          .run(
              context -> {
                assertThat(context)
                    .hasSingleBean(HaSqlite.class)
                    .doesNotHaveBean(HaSqliteOptions.class);
                assertThat(context.getBean(HaSqlite.class).options().nodeName().value())
                    .isEqualTo("users");
                assertThat(context).hasSingleBean(HikariDataSource.class);
              });
    }

    @Test
    void publisherAndSubscriberAreTheEnginesOwn() {
      runner.run(
          context -> {
            HaSqlite database = context.getBean(HaSqlite.class);
            assertThat(context.getBean(CdcPublisher.class)).isSameAs(database.publisher());
            assertThat(context.getBean(CdcSubscriber.class)).isSameAs(database.subscriber());
          });
    }

    @Test
    void publisherAndSubscriberCanBeSwitchedOff() {
      runner
          .withPropertyValues(
              "ha.sqlite.publisher.enabled=false", "ha.sqlite.subscriber.enabled=false")
          .run(
              context ->
                  assertThat(context)
                      .hasNotFailed()
                      .doesNotHaveBean(CdcPublisher.class)
                      .doesNotHaveBean(CdcSubscriber.class));
    }

    @Test
    void publisherOfTheUserGetsWhatIsCommitted() {
      List<ChangeSet> published = new ArrayList<>();
      runner
          .withBean(CdcPublisher.class, () -> published::add)
          .run(
              context -> {
                assertThat(context).hasSingleBean(CdcPublisher.class);
                JdbcClient jdbc = context.getBean(JdbcClient.class);
                jdbc.sql("create table t(id integer primary key)").update();
                jdbc.sql("insert into t values (1)").update();
                assertThat(published).hasSize(2);
              });
    }

    @Test
    void interceptorListenersGateAndCustomizersReachTheOptionsInTheirOrder() {
      ChangeSetInterceptor interceptor = new ChangeSetInterceptor() {};
      CompletableFuture<Void> gate = new CompletableFuture<>();
      runner
          .withBean(ChangeSetInterceptor.class, () -> interceptor)
          .withBean("first", EngineListener.class, () -> new EngineListener() {})
          .withBean("second", EngineListener.class, () -> new EngineListener() {})
          .withBean(WaitFor.class, () -> () -> gate)
          .withUserConfiguration(Customizers.class)
          .run(
              context -> {
                HaSqliteOptions options = context.getBean(HaSqliteOptions.class);
                assertThat(options.nodeName().value()).isEqualTo("second");
                assertThat(options)
                    .extracting("interceptor", "gate")
                    .containsExactly(interceptor, gate);
                assertThat(options)
                    .extracting("listener.listeners")
                    .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                    .containsExactly(context.getBean("first"), context.getBean("second"));
              });
    }
  }

  @Test
  void failedStartLeavesTheFileFree() throws Exception {
    runner
        .withUserConfiguration(FailingConfiguration.class)
        .run(context -> assertThat(context).hasFailed());
    runner.run(context -> assertThat(context).hasNotFailed());
    assertThat(Files.exists(file)).isTrue();
  }

  record Events(List<String> list) {}

  static final class LastReader implements DisposableBean {
    private final JdbcClient jdbc;
    private final HaSqlite database;
    private final Events events;

    LastReader(JdbcClient jdbc, HaSqlite database, Events events) {
      this.jdbc = jdbc;
      this.database = database;
      this.events = events;
    }

    @Override
    public void destroy() {
      int one = jdbc.sql("select 1").query(Integer.class).single();
      State state = database.status().state();
      events.list().add("read " + one + " while " + state);
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class ReaderConfiguration {
    @Bean
    LastReader reader(JdbcClient jdbc, HaSqlite database, Events events) {
      return new LastReader(jdbc, database, events);
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class FailingConfiguration {
    @Bean
    Object failing(DataSource dataSource) {
      throw new IllegalStateException("on purpose");
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class UsersDataSource {
    @Bean
    DataSource mine(HaSqlite database) {
      return new AbstractDataSource() {
        @Override
        public java.sql.Connection getConnection() throws java.sql.SQLException {
          return database.dataSource().getConnection();
        }

        @Override
        public java.sql.Connection getConnection(String username, String password)
            throws java.sql.SQLException {
          return getConnection();
        }
      };
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class UsersEngine {
    @Bean
    HaSqlite mine(HaSqliteProperties properties) {
      return HaSqlite.open(
          HaSqliteOptions.builder(Path.of(String.valueOf(properties.path())))
              .nodeName("users")
              .build());
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Customizers {
    @Bean
    @Order(2)
    HaSqliteCustomizer b() {
      return options -> options.nodeName("second");
    }

    @Bean
    @Order(1)
    HaSqliteCustomizer a() {
      return options -> options.nodeName("first");
    }
  }

  /** What an application may set instead of ours. */
  public static final class UsersOverride implements SQLExceptionOverride {}
}
