package io.hasqlite.boot.autoconfigure.health;

import io.hasqlite.boot.autoconfigure.HaSqliteAutoConfiguration;
import io.hasqlite.boot.autoconfigure.HaSqliteDatabasesAutoConfiguration;
import io.hasqlite.boot.health.HaSqliteHealthIndicator;
import io.hasqlite.engine.HaSqlite;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of the health component {@code haSqlite}. */
@AutoConfiguration(
    after = {HaSqliteAutoConfiguration.class, HaSqliteDatabasesAutoConfiguration.class})
@ConditionalOnClass({HealthContributor.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(HaSqlite.class)
@ConditionalOnEnabledHealthIndicator("ha-sqlite")
public final class HaSqliteHealthContributorAutoConfiguration {

  HaSqliteHealthContributorAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean(name = {"haSqliteHealthIndicator", "haSqliteHealthContributor"})
  HealthContributor haSqliteHealthContributor(HaSqlite database) {
    return new HaSqliteHealthIndicator(database);
  }
}
