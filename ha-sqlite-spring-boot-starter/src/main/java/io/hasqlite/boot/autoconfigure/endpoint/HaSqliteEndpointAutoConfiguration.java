package io.hasqlite.boot.autoconfigure.endpoint;

import io.hasqlite.boot.autoconfigure.HaSqliteAutoConfiguration;
import io.hasqlite.boot.autoconfigure.HaSqliteDatabasesAutoConfiguration;
import io.hasqlite.boot.endpoint.HaSqliteEndpoint;
import io.hasqlite.engine.HaSqlite;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of Actuator's endpoint {@code hasqlite}. */
@AutoConfiguration(
    after = {HaSqliteAutoConfiguration.class, HaSqliteDatabasesAutoConfiguration.class})
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean(HaSqlite.class)
@ConditionalOnAvailableEndpoint(HaSqliteEndpoint.class)
public final class HaSqliteEndpointAutoConfiguration {

  HaSqliteEndpointAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  HaSqliteEndpoint haSqliteEndpoint(ObjectProvider<HaSqlite> databases) {
    return new HaSqliteEndpoint(databases.stream(ObjectProvider.UNFILTERED).toList());
  }
}
