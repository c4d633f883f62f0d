package io.hasqlite.boot.autoconfigure.observation;

import io.hasqlite.boot.autoconfigure.HaSqliteAutoConfiguration;
import io.hasqlite.boot.autoconfigure.HaSqliteCustomizer;
import io.hasqlite.boot.autoconfigure.HaSqliteDatabasesAutoConfiguration;
import io.hasqlite.boot.observation.ObservationMessageTracing;
import io.hasqlite.engine.HaSqlite;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Auto-configuration of the observations of messages. The engine starts before the beans that
 * observe are there, and does not wait for them: what it does until then is not observed.
 */
@AutoConfiguration(
    after = {
      HaSqliteAutoConfiguration.class,
      HaSqliteDatabasesAutoConfiguration.class,
      ObservationAutoConfiguration.class
    })
@ConditionalOnClass({ObservationRegistry.class, ObservationAutoConfiguration.class})
@ConditionalOnBean({HaSqlite.class, ObservationRegistry.class})
public final class HaSqliteObservationAutoConfiguration {

  HaSqliteObservationAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  static ObservationMessageTracing haSqliteMessageTracing() {
    return new ObservationMessageTracing();
  }

  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE)
  static HaSqliteCustomizer haSqliteTracingCustomizer(ObservationMessageTracing tracing) {
    return options -> options.tracing(tracing);
  }

  @Bean
  static SmartInitializingSingleton haSqliteTracingStart(
      ObservationMessageTracing tracing, ObjectProvider<ObservationRegistry> registry) {
    return () -> registry.ifAvailable(tracing::observeWith);
  }
}
