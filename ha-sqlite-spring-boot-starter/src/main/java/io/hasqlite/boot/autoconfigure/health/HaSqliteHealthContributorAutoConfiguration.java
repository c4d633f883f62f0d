package io.hasqlite.boot.autoconfigure.health;

import io.hasqlite.boot.autoconfigure.HaSqliteAutoConfiguration;
import io.hasqlite.boot.autoconfigure.HaSqliteDatabasesAutoConfiguration;
import io.hasqlite.boot.autoconfigure.HaSqliteProperties;
import io.hasqlite.boot.health.HaSqliteHealthIndicator;
import io.hasqlite.boot.health.HaSqliteReadinessIndicator;
import io.hasqlite.engine.HaSqlite;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.AvailabilityProbesAutoConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of the health components {@code haSqlite} and {@code haSqliteReadiness}, the
 * latter a member of the readiness group. With several databases, each is a component of theirs.
 */
@AutoConfiguration(
    after = {
      HaSqliteAutoConfiguration.class,
      HaSqliteDatabasesAutoConfiguration.class,
      AvailabilityProbesAutoConfiguration.class
    })
@ConditionalOnClass({HealthContributor.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(HaSqlite.class)
@ConditionalOnEnabledHealthIndicator("ha-sqlite")
public final class HaSqliteHealthContributorAutoConfiguration {

  private static final String READINESS = "haSqliteReadiness";

  HaSqliteHealthContributorAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean(name = {"haSqliteHealthIndicator", "haSqliteHealthContributor"})
  HealthContributor haSqliteHealthContributor(ObjectProvider<HaSqlite> databases) {
    return contributor(databases, HaSqliteHealthIndicator::new);
  }

  @Bean(READINESS + "HealthContributor")
  @ConditionalOnMissingBean(name = {READINESS + "HealthIndicator", READINESS + "HealthContributor"})
  HealthContributor haSqliteReadinessHealthContributor(
      ObjectProvider<HaSqlite> databases, HaSqliteProperties properties) {
    return contributor(
        databases,
        database -> new HaSqliteReadinessIndicator(database, properties.health().maxLag()));
  }

  private static HealthContributor contributor(
      ObjectProvider<HaSqlite> databases, Function<HaSqlite, HealthIndicator> indicator) {
    List<HaSqlite> all = databases.stream(ObjectProvider.UNFILTERED).toList();
    if (all.size() == 1) {
      return indicator.apply(all.get(0));
    }
    Map<String, HealthIndicator> components = new LinkedHashMap<>();
    for (HaSqlite database : all) {
      // Health takes "/" for a component of a component.
      String name = database.options().databaseName().value().replace('/', '_');
      components.put(name, indicator.apply(database));
    }
    return CompositeHealthContributor.fromMap(components);
  }

  /** The groups are those of Actuator's endpoint. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = "org.springframework.boot.actuate.endpoint.annotation.Endpoint")
  static class Readiness {

    @Bean
    ReadinessGroup haSqliteReadinessGroup(Environment environment) {
      return new ReadinessGroup(READINESS, environment);
    }
  }
}
