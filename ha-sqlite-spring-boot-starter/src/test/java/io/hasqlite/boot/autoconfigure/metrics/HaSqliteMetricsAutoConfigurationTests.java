package io.hasqlite.boot.autoconfigure.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.boot.autoconfigure.HaSqliteAutoConfiguration;
import io.hasqlite.boot.metrics.HaSqliteCounters;
import io.hasqlite.boot.metrics.HaSqliteMetrics;
import io.hasqlite.engine.HaSqlite;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.metrics.DataSourcePoolMetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class HaSqliteMetricsAutoConfigurationTests {

  @TempDir Path directory;

  private ApplicationContextRunner runner;

  @BeforeEach
  void prepare() {
    runner =
        new ApplicationContextRunner()
            .withConfiguration(
                AutoConfigurations.of(
                    HaSqliteAutoConfiguration.class,
                    MetricsAutoConfiguration.class,
                    CompositeMeterRegistryAutoConfiguration.class,
                    DataSourcePoolMetricsAutoConfiguration.class,
                    HaSqliteMetricsAutoConfiguration.class))
            .withPropertyValues(
                "ha.sqlite.path=" + directory.resolve("app.db"), "ha.sqlite.node-name=n1");
  }

  @Test
  void metersOfReplicationAndOfThePoolAreRegistered() {
    runner
        .withBean(SimpleMeterRegistry.class)
        .run(
            context -> {
              MeterRegistry registry = context.getBean(MeterRegistry.class);
              assertThat(
                      registry
                          .get("ha.sqlite.connected")
                          .tags("database", "app.db", "node", "n1")
                          .gauge()
                          .value())
                  .isZero();
              assertThat(
                      registry
                          .get("hikaricp.connections.max")
                          .tag("pool", "ha-sqlite-app.db")
                          .gauge()
                          .value())
                  .isEqualTo(10);
            });
  }

  @Test
  void countersAreTheEnginesListener() {
    runner
        .withBean(SimpleMeterRegistry.class)
        .run(
            context ->
                assertThat(context.getBean(HaSqlite.class).options())
                    .extracting("listener.listeners")
                    .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                    .containsExactly(
                        context
                            .getBean(HaSqliteCounters.class)
                            .of(new DatabaseName("app.db"), new NodeId("n1"))));
  }

  @Test
  void metricsOfTheUserWin() {
    HaSqliteCounters mine = new HaSqliteCounters();
    runner
        .withBean(SimpleMeterRegistry.class)
        .withBean("mine", HaSqliteCounters.class, () -> mine)
        .run(context -> assertThat(context.getBean(HaSqliteCounters.class)).isSameAs(mine));
  }

  @Test
  void areAbsentWithoutARegistry() {
    new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                HaSqliteAutoConfiguration.class, HaSqliteMetricsAutoConfiguration.class))
        .withPropertyValues("ha.sqlite.path=" + directory.resolve("app.db"))
        .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(HaSqliteMetrics.class));
  }

  @Test
  void areAbsentWithoutADatabase() {
    runner
        .withBean(SimpleMeterRegistry.class)
        .withPropertyValues("ha.sqlite.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(HaSqliteMetrics.class));
  }

  @Test
  void areAbsentWithoutMicrometer() {
    new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                HaSqliteAutoConfiguration.class, HaSqliteMetricsAutoConfiguration.class))
        .withPropertyValues("ha.sqlite.path=" + directory.resolve("app.db"))
        .withClassLoader(
            new FilteredClassLoader(
                "io.micrometer", "org.springframework.boot.micrometer", "com.codahale"))
        .run(
            context ->
                assertThat(context)
                    .hasNotFailed()
                    .hasSingleBean(HaSqlite.class)
                    .doesNotHaveBean("haSqliteMetrics"));
  }
}
