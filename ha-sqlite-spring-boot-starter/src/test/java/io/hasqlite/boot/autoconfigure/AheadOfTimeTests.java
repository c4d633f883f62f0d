package io.hasqlite.boot.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import io.hasqlite.boot.autoconfigure.web.ReadYourWritesAutoConfiguration;
import io.hasqlite.boot.web.ReadYourWritesInterceptor;
import io.hasqlite.engine.HaSqlite;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;
import org.springframework.javapoet.ClassName;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionManager;

/** The context as it is prepared at build time. */
class AheadOfTimeTests {

  @TempDir Path directory;

  private Map<String, Object> properties(String where) {
    Map<String, Object> properties = new TreeMap<>();
    properties.put("ha.sqlite.path", where + ".db");
    properties.put("ha.sqlite.databases.orders.path", where + "-orders.db");
    properties.put("ha.sqlite.databases.users.path", where + "-users.db");
    properties.put("ha.sqlite.read-your-writes.enabled", "true");
    return properties;
  }

  @Test
  @CompileWithForkedClassLoader
  @DisplayName("Databases that were registered at build time take their properties at run time")
  void databasesTakeTheirPropertiesAtRunTime() {
    Map<String, Object> atRunTime = properties(directory.resolve("run").toString());
    atRunTime.put("ha.sqlite.publisher.timeout", "7s");
    atRunTime.put("ha.sqlite.databases.orders.hikari.maximum-pool-size", "3");
    atRunTime.put("ha.sqlite.subscriber.deliver-policy", "new");
    run(
        properties("/nowhere/build"),
        atRunTime,
        context -> {
          assertThat(context.getBeansOfType(HaSqlite.class)).hasSize(3);
          assertThat(context.getBean(HaSqlite.class).path())
              .isEqualTo(directory.resolve("run.db"));
          HaSqlite orders =
              BeanFactoryAnnotationUtils.qualifiedBeanOfType(
                  context.getBeanFactory(), HaSqlite.class, "orders");
          assertThat(orders.path()).isEqualTo(directory.resolve("run-orders.db"));
          assertThat(orders.options())
              .hasFieldOrPropertyWithValue("publisherTimeout", Duration.ofSeconds(7));
          assertThat(
                  BeanFactoryAnnotationUtils.qualifiedBeanOfType(
                      context.getBeanFactory(), DataSource.class, "orders"))
              .isSameAs(context.getBean("ordersDataSource"))
              .hasFieldOrPropertyWithValue("maximumPoolSize", 3);
          assertThat(context.getBean(DataSource.class)).isSameAs(context.getBean("dataSource"));
          assertThat(context.getBean(TransactionManager.class))
              .isSameAs(context.getBean("transactionManager"));
          assertThat(
                  BeanFactoryAnnotationUtils.qualifiedBeanOfType(
                      context.getBeanFactory(), TransactionManager.class, "orders"))
              .isSameAs(context.getBean("ordersTransactionManager"));
          assertThat(context.getBean(ReadYourWritesInterceptor.class)).isNotNull();
          assertThat(
                  context
                      .getBean(JdbcClient.class)
                      .sql("select 1")
                      .query(Integer.class)
                      .single())
              .isEqualTo(1);
        });
  }

  private static void run(
      Map<String, Object> atBuildTime,
      Map<String, Object> atRunTime,
      Consumer<GenericApplicationContext> check) {
    TestGenerationContext generated = new TestGenerationContext();
    ClassName initializer =
        new ApplicationContextAotGenerator().processAheadOfTime(context(atBuildTime), generated);
    generated.writeGeneratedContent();
    assertHints(generated.getRuntimeHints());
    TestCompiler.forSystem()
        .with(generated)
        .compile(
            compiled -> {
              GenericApplicationContext context = new GenericApplicationContext();
              addProperties(context, atRunTime);
              @SuppressWarnings("unchecked")
              ApplicationContextInitializer<GenericApplicationContext> start =
                  compiled.getInstance(ApplicationContextInitializer.class, initializer.toString());
              start.initialize(context);
              try (context) {
                context.refresh();
                check.accept(context);
              }
            });
  }

  private static GenericApplicationContext context(Map<String, Object> properties) {
    AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    addProperties(context, properties);
    context.register(
        HaSqliteAutoConfiguration.class,
        HaSqliteDatabasesAutoConfiguration.class,
        DataSourceAutoConfiguration.class,
        DataSourceTransactionManagerAutoConfiguration.class,
        JdbcTemplateAutoConfiguration.class,
        JdbcClientAutoConfiguration.class,
        ReadYourWritesAutoConfiguration.class);
    return context;
  }

  private static void addProperties(
      GenericApplicationContext context, Map<String, Object> properties) {
    context
        .getEnvironment()
        .getPropertySources()
        .addFirst(new MapPropertySource("test", properties));
  }

  private static void assertHints(RuntimeHints hints) {
    assertThat(RuntimeHintsPredicates.reflection().onType(HaSqliteProperties.class))
        .accepts(hints);
    assertThat(RuntimeHintsPredicates.reflection().onType(HaSqliteProperties.Publisher.class))
        .accepts(hints);
    assertThat(RuntimeHintsPredicates.reflection().onType(HikariConfig.class)).accepts(hints);
  }

  @Test
  void whatIsUsedByReflectionIsKept() throws Exception {
    RuntimeHints hints = new RuntimeHints();
    new HaSqliteRuntimeHints().registerHints(hints, null);
    assertThat(
            RuntimeHintsPredicates.reflection()
                .onFieldAccess(HikariConfig.class.getDeclaredField("poolName")))
        .accepts(hints);
    assertThat(
            RuntimeHintsPredicates.reflection()
                .onMethodInvocation(
                    io.hasqlite.server.EmbeddedServerOptions.class.getMethod("port")))
        .accepts(hints);
  }
}
