package io.hasqlite.boot.autoconfigure.migration;

import io.hasqlite.boot.autoconfigure.HaSqliteAutoConfiguration;
import io.hasqlite.boot.autoconfigure.HaSqliteDatabasesAutoConfiguration;
import io.hasqlite.boot.autoconfigure.HaSqliteProperties;
import io.hasqlite.engine.HaSqlite;
import liquibase.integration.spring.SpringLiquibase;
import org.flywaydb.core.Flyway;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Auto-configuration of migrations: Flyway's and Liquibase's of a replicated database run while no
 * other node commits, the application's own {@link FlywayMigrationStrategy} included.
 */
@AutoConfiguration(
    after = {HaSqliteAutoConfiguration.class, HaSqliteDatabasesAutoConfiguration.class},
    // By name: an application has one of them at most.
    beforeName = {
      "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration",
      "org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration"
    })
@ConditionalOnBean(HaSqlite.class)
@ConditionalOnBooleanProperty(name = "ha.sqlite.migration.lock.enabled", matchIfMissing = true)
public final class HaSqliteMigrationAutoConfiguration {

  HaSqliteMigrationAutoConfiguration() {}

  @Bean
  MigrationLock haSqliteMigrationLock(HaSqliteProperties properties) {
    return new MigrationLock(properties.migration().lock());
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({Flyway.class, FlywayMigrationStrategy.class})
  static class FlywayMigrations {

    private static final String OWN = "haSqliteFlywayMigrationStrategy";

    @Bean(name = OWN)
    @ConditionalOnMissingBean
    FlywayMigrationStrategy haSqliteFlywayMigrationStrategy(MigrationLock lock) {
      return LockedFlyway.ofDefault(lock);
    }

    @Bean
    static BeanPostProcessor haSqliteFlywayLocking(ObjectProvider<MigrationLock> lock) {
      return new BeanPostProcessor() {
        @Override
        public Object postProcessAfterInitialization(Object bean, String name) {
          return bean instanceof FlywayMigrationStrategy strategy && !name.equals(OWN)
              ? new LockedFlyway(lock.getObject(), strategy)
              : bean;
        }
      };
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(SpringLiquibase.class)
  static class LiquibaseMigrations {

    @Bean
    static BeanPostProcessor haSqliteLiquibaseLocking(ObjectProvider<MigrationLock> lock) {
      return new BeanPostProcessor() {
        @Override
        public Object postProcessBeforeInitialization(Object bean, String name) {
          return bean instanceof SpringLiquibase liquibase
              ? new LockedLiquibase(lock.getObject(), liquibase)
              : bean;
        }

        @Override
        public Object postProcessAfterInitialization(Object bean, String name) {
          return bean instanceof LockedLiquibase locked ? locked.liquibase() : bean;
        }
      };
    }
  }
}
