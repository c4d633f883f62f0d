package io.hasqlite.boot.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.hasqlite.engine.EngineListener;
import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.HaSqliteOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;

class HaSqliteDatabasesAutoConfigurationTests {

  @TempDir Path directory;

  private ApplicationContextRunner runner;

  @BeforeEach
  void prepare() {
    runner =
        new ApplicationContextRunner()
            .withConfiguration(
                AutoConfigurations.of(
                    HaSqliteAutoConfiguration.class,
                    HaSqliteDatabasesAutoConfiguration.class,
                    SslAutoConfiguration.class,
                    DataSourceAutoConfiguration.class,
                    JdbcTemplateAutoConfiguration.class,
                    JdbcClientAutoConfiguration.class,
                    DataSourceTransactionManagerAutoConfiguration.class))
            .withPropertyValues("ha.sqlite.node-name=n1");
  }

  private ApplicationContextRunner databases(String... names) {
    ApplicationContextRunner result = runner;
    for (String name : names) {
      result =
          result.withPropertyValues(
              "ha.sqlite.databases." + name + ".path=" + directory.resolve(name + ".db"));
    }
    return result;
  }

  private ApplicationContextRunner withDefault(String... names) {
    return databases(names).withPropertyValues("ha.sqlite.path=" + directory.resolve("default.db"));
  }

  private static DataSource pool(AssertableApplicationContext context, String name) {
    return BeanFactoryAnnotationUtils.qualifiedBeanOfType(
        context.getBeanFactory(), DataSource.class, name);
  }

  private static HaSqlite database(AssertableApplicationContext context, String name) {
    return BeanFactoryAnnotationUtils.qualifiedBeanOfType(
        context.getBeanFactory(), HaSqlite.class, name);
  }

  private static void write(DataSource pool, String value) {
    JdbcClient jdbc = JdbcClient.create(pool);
    jdbc.sql("create table t(v)").update();
    jdbc.sql("insert into t values (?)").param(value).update();
  }

  private static List<String> read(DataSource pool) {
    return JdbcClient.create(pool).sql("select v from t").query(String.class).list();
  }

  @Test
  void eachHasItsFileAndPool() {
    databases("orders", "users")
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              write(pool(context, "orders"), "order");
              write(pool(context, "users"), "user");

              assertThat(read(pool(context, "orders"))).containsExactly("order");
              assertThat(read(pool(context, "users"))).containsExactly("user");
              assertThat(database(context, "orders").path())
                  .isEqualTo(directory.resolve("orders.db"));
              assertThat(context.getBeansOfType(HikariDataSource.class).values())
                  .extracting(HikariDataSource::getPoolName)
                  .containsExactly("ha-sqlite-orders.db", "ha-sqlite-users.db");
            });
  }

  @Test
  void areClosedWithTheApplication() {
    List<HaSqlite> engines = new ArrayList<>();
    List<HikariDataSource> pools = new ArrayList<>();
    databases("orders", "users")
        .run(
            context -> {
              engines.addAll(context.getBeansOfType(HaSqlite.class).values());
              pools.addAll(context.getBeansOfType(HikariDataSource.class).values());
            });
    assertThat(engines)
        .hasSize(2)
        .allSatisfy(engine -> assertThat(engine.status().state()).hasToString("CLOSED"));
    assertThat(pools).hasSize(2).allMatch(HikariDataSource::isClosed);
  }

  @Test
  @DisplayName("The default database stays what is injected without a qualifier")
  void theDefaultStaysWhatItIs() {
    withDefault("orders", "users")
        .run(
            context -> {
              assertThat(context.getBean(HaSqlite.class).path())
                  .isEqualTo(directory.resolve("default.db"));
              assertThat(context.getBean(DataSource.class))
                  .isSameAs(context.getBean("dataSource"))
                  .isNotSameAs(pool(context, "orders"));
              write(context.getBean(DataSource.class), "default");
              assertThat(
                      context
                          .getBean(JdbcClient.class)
                          .sql("select v from t")
                          .query(String.class)
                          .list())
                  .containsExactly("default");
              assertThat(context.getBeansOfType(HaSqlite.class)).hasSize(3);
              assertThat(context.getBean(PlatformTransactionManager.class))
                  .isSameAs(context.getBean("transactionManager"));
            });
  }

  @Test
  @DisplayName("An only named database is injected without a qualifier, too")
  void anOnlyOneIsTheApplicationsDataSource() {
    databases("orders")
        .run(
            context -> {
              assertThat(context.getBean(DataSource.class)).isSameAs(pool(context, "orders"));
              assertThat(context).hasSingleBean(JdbcClient.class);
            });
  }

  @Test
  void severalNeedAQualifier() {
    databases("orders", "users")
        .run(
            context -> {
              assertThat(context).doesNotHaveBean(JdbcClient.class);
              assertThatThrownBy(() -> context.getBeanFactory().getBean(DataSource.class))
                  .isInstanceOf(NoUniqueBeanDefinitionException.class);
            });
  }

  @Test
  void theApplicationsOwnDataSourceComesFirst() {
    databases("orders")
        .withUserConfiguration(OwnDataSource.class)
        .run(
            context ->
                assertThat(context.getBean(DataSource.class)).isSameAs(context.getBean("own")));
  }

  @Test
  @DisplayName("@Transactional(\"orders\") is a transaction of that database")
  void transactionsHaveTheName() {
    withDefault("orders")
        .withUserConfiguration(Transactions.class)
        .run(
            context -> {
              write(pool(context, "orders"), "before");
              Writer writer = context.getBean(Writer.class);
              assertThatThrownBy(writer::writeAndFail).hasMessage("on purpose");
              assertThat(read(pool(context, "orders"))).containsExactly("before");
            });
  }

  @Test
  void whatIsNotSetIsAsForTheDefault() {
    HaSqliteOptions options =
        options(
            "ha.sqlite.path=" + directory.resolve("default.db"),
            "ha.sqlite.cdc-id=main",
            "ha.sqlite.publisher.timeout=7s",
            "ha.sqlite.verify.interval=3m",
            "ha.sqlite.subscriber.deliver-policy=by_start_sequence=3",
            "ha.sqlite.subscriber.on-error=skip",
            "ha.sqlite.exclude-tables=a,b",
            "ha.sqlite.pragmas.cache_size=-4000",
            "ha.sqlite.pragmas.busy_timeout=100",
            "ha.sqlite.databases.orders.subscriber.on-error=halt",
            "ha.sqlite.databases.orders.exclude-tables=c",
            "ha.sqlite.databases.orders.pragmas.busy_timeout=200",
            "ha.sqlite.databases.orders.publisher.async=true");

    assertThat(options)
        .usingRecursiveComparison()
        .ignoringFields("clock", "listener", "streamWrapper")
        .isEqualTo(
            HaSqliteOptions.builder(directory.resolve("orders.db"))
                .nodeName("n1")
                .publisherTimeout(Duration.ofSeconds(7))
                .publisherAsync(true)
                .verifyInterval(Duration.ofMinutes(3))
                .deliverPolicy(io.hasqlite.stream.DeliverPolicy.parse("by_start_sequence=3"))
                .excludedTables(java.util.Set.of("c"))
                .pragmas(Map.of("cache_size", "-4000", "busy_timeout", "200"))
                .build());
    assertThat(options.databaseName()).hasToString("orders.db");
  }

  @Test
  void poolSettingsAreInheritedButNotThePoolsName() {
    withDefault("orders", "users")
        .withPropertyValues(
            "ha.sqlite.hikari.maximum-pool-size=3",
            "ha.sqlite.hikari.pool-name=main",
            "ha.sqlite.databases.users.hikari.maximum-pool-size=4",
            "ha.sqlite.databases.users.hikari.pool-name=people")
        .run(
            context -> {
              HikariDataSource orders = (HikariDataSource) pool(context, "orders");
              HikariDataSource users = (HikariDataSource) pool(context, "users");
              assertThat(orders.getMaximumPoolSize()).isEqualTo(3);
              assertThat(orders.getPoolName()).isEqualTo("ha-sqlite-orders.db");
              assertThat(users.getMaximumPoolSize()).isEqualTo(4);
              assertThat(users.getPoolName()).isEqualTo("people");
            });
  }

  @Test
  void canBeNamedByEnvironmentVariables() {
    runner
        .withInitializer(
            context ->
                context
                    .getEnvironment()
                    .getPropertySources()
                    .addFirst(
                        new org.springframework.core.env.SystemEnvironmentPropertySource(
                            "test-systemEnvironment",
                            Map.of(
                                "HA_SQLITE_DATABASES_ORDERS_PATH",
                                directory.resolve("env.db").toString(),
                                "HA_SQLITE_DATABASES_ORDERS_CDCID",
                                "from-env"))))
        .run(
            context -> {
              assertThat(database(context, "orders").path()).isEqualTo(directory.resolve("env.db"));
              assertThat(database(context, "orders").options().databaseName())
                  .hasToString("from-env");
            });
  }

  @Test
  void beansWithItsNameBelongToIt() {
    withDefault("orders", "users")
        .withUserConfiguration(Listening.class)
        .run(
            context -> {
              List<String> heard = context.getBean(Listening.class).heard;
              // Listeners are told of what is applied; customizers are seen by what they do.
              assertThat(context.getBean(HaSqlite.class).options().nodeName()).hasToString("n1");
              assertThat(database(context, "users").options().nodeName()).hasToString("n1");
              assertThat(database(context, "orders").options().nodeName()).hasToString("second");
              assertThat(heard).containsExactly("default", "first", "second");
              assertThat(database(context, "orders").options())
                  .extracting("listener.listeners")
                  .asInstanceOf(InstanceOfAssertFactories.LIST)
                  .containsExactly(context.getBean("ordersListener"));
              assertThat(context.getBean(HaSqlite.class).options())
                  .extracting("listener.listeners")
                  .asInstanceOf(InstanceOfAssertFactories.LIST)
                  .containsExactly(context.getBean("defaultListener"));
              assertThat(database(context, "orders").options()).extracting("gate").isNotNull();
              assertThat(database(context, "users").options()).extracting("gate").isNull();
            });
  }

  @Test
  void withoutPathIsExplained() {
    assertFails(
        databases("orders").withPropertyValues("ha.sqlite.databases.users.cdc-id=u"),
        "ha.sqlite.databases.users.path is empty");
  }

  @Test
  void theServerIsNotOneDatabases() {
    assertFails(
        databases("orders")
            .withPropertyValues("ha.sqlite.databases.orders.nats.url=nats://localhost:1"),
        "ha.sqlite.databases.orders.nats is set, but all databases of the application share"
            + " ha.sqlite.nats");
  }

  @Test
  void unknownPropertyIsAnError() {
    assertFails(
        databases("orders").withPropertyValues("ha.sqlite.databases.orders.pth=x"),
        "ha.sqlite.databases.orders.pth");
  }

  @Test
  void badValueNamesItsProperty() {
    assertFails(
        databases("orders").withPropertyValues("ha.sqlite.databases.orders.startup-timeout=-1s"),
        "ha.sqlite.databases.orders.startup-timeout");
  }

  @Test
  void badNameIsExplained() {
    assertFails(
        runner.withPropertyValues("ha.sqlite.databases.[my orders].path=x.db"),
        "ha.sqlite.databases.my orders: the name of a database");
  }

  @Test
  void twoWithOneNameInTheStreamAreRefused() {
    assertFails(
        databases("orders", "users")
            .withPropertyValues(
                "ha.sqlite.databases.orders.cdc-id=same", "ha.sqlite.databases.users.cdc-id=same"),
        "The database \"orders\" and the database \"users\" have the same name in the stream");
    assertFails(
        withDefault("orders").withPropertyValues("ha.sqlite.databases.orders.cdc-id=default.db"),
        "The default database and the database \"orders\" have the same name in the stream");
  }

  @Test
  void canBeSwitchedOff() {
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(HaSqliteDatabasesAutoConfiguration.class))
        .withPropertyValues("ha.sqlite.databases.orders.path=x.db", "ha.sqlite.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(HaSqlite.class).hasNotFailed());
  }

  @Test
  void withoutNamesThereIsNothing() {
    withDefault()
        .run(
            context ->
                assertThat(context)
                    .doesNotHaveBean(HaSqliteDatabases.class)
                    .hasSingleBean(HaSqlite.class));
  }

  private HaSqliteOptions options(String... properties) {
    HaSqliteOptions[] found = new HaSqliteOptions[1];
    databases("orders")
        .withPropertyValues(properties)
        .run(context -> found[0] = database(context, "orders").options());
    return found[0];
  }

  private static void assertFails(ApplicationContextRunner failing, String message) {
    failing.run(context -> assertThat(context).getFailure().hasStackTraceContaining(message));
  }

  @Configuration(proxyBeanMethods = false)
  static class OwnDataSource {
    @Bean
    DataSource own() {
      return new org.springframework.jdbc.datasource.SimpleDriverDataSource();
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableTransactionManagement(proxyTargetClass = true)
  static class Transactions {
    @Bean
    Writer writer(@Qualifier("orders") DataSource orders) {
      return new Writer(JdbcClient.create(orders));
    }
  }

  static class Writer {
    private final JdbcClient jdbc;

    Writer(JdbcClient jdbc) {
      this.jdbc = jdbc;
    }

    @Transactional("orders")
    public void writeAndFail() {
      jdbc.sql("insert into t values ('lost')").update();
      throw new IllegalStateException("on purpose");
    }
  }

  @Configuration
  static class Listening {
    final List<String> heard = new ArrayList<>();

    @Bean
    HaSqliteCustomizer defaultCustomizer() {
      return options -> heard.add("default");
    }

    @Bean
    @Qualifier("orders")
    @Order(2)
    HaSqliteCustomizer aSecond() {
      return options -> {
        heard.add("second");
        options.nodeName("second");
      };
    }

    @Bean
    @Qualifier("orders")
    @Order(1)
    HaSqliteCustomizer first() {
      return options -> {
        heard.add("first");
        options.nodeName("first");
      };
    }

    @Bean
    EngineListener defaultListener() {
      return new EngineListener() {};
    }

    @Bean
    @Qualifier("orders")
    EngineListener ordersListener() {
      return new EngineListener() {};
    }

    @Bean
    @Qualifier("orders")
    WaitFor gate() {
      return () -> CompletableFuture.completedFuture("open");
    }
  }
}
