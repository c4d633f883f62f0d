package io.hasqlite.boot.autoconfigure.metrics;

import io.hasqlite.boot.autoconfigure.HaSqliteAutoConfiguration;
import io.hasqlite.boot.autoconfigure.HaSqliteDatabasesAutoConfiguration;
import io.hasqlite.boot.metrics.HaSqliteCounters;
import io.hasqlite.boot.metrics.HaSqliteMetrics;
import io.hasqlite.engine.HaSqlite;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of the metrics below {@code ha.sqlite}. */
@AutoConfiguration(
    after = {
      HaSqliteAutoConfiguration.class,
      HaSqliteDatabasesAutoConfiguration.class,
      MetricsAutoConfiguration.class,
      CompositeMeterRegistryAutoConfiguration.class
    })
@ConditionalOnClass({MeterRegistry.class, MetricsAutoConfiguration.class})
@ConditionalOnBean({HaSqlite.class, MeterRegistry.class})
public final class HaSqliteMetricsAutoConfiguration {

  HaSqliteMetricsAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  HaSqliteCounters haSqliteCounters() {
    return new HaSqliteCounters();
  }

  @Bean
  @ConditionalOnMissingBean
  HaSqliteMetrics haSqliteMetrics(ObjectProvider<HaSqlite> databases, HaSqliteCounters counters) {
    return new HaSqliteMetrics(databases.stream(ObjectProvider.UNFILTERED).toList(), counters);
  }
}
