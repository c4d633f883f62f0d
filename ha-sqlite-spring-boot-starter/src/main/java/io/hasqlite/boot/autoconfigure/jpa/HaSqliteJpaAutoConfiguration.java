package io.hasqlite.boot.autoconfigure.jpa;

import io.hasqlite.boot.autoconfigure.HaSqliteAutoConfiguration;
import io.hasqlite.boot.autoconfigure.HaSqliteDatabasesAutoConfiguration;
import io.hasqlite.boot.jpa.HaSqliteDialect;
import io.hasqlite.engine.HaSqlite;
import org.hibernate.community.dialect.SQLiteDialect;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;
import org.springframework.boot.jpa.autoconfigure.JpaProperties;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of Hibernate's dialect, unless the application names one. */
@AutoConfiguration(
    after = {HaSqliteAutoConfiguration.class, HaSqliteDatabasesAutoConfiguration.class},
    before = HibernateJpaAutoConfiguration.class)
@ConditionalOnClass({HibernatePropertiesCustomizer.class, SQLiteDialect.class})
@ConditionalOnBean(HaSqlite.class)
public final class HaSqliteJpaAutoConfiguration {

  private static final String DIALECT = "hibernate.dialect";

  HaSqliteJpaAutoConfiguration() {}

  @Bean
  HibernatePropertiesCustomizer haSqliteHibernateProperties(
      ObjectProvider<JpaProperties> settings) {
    return properties -> {
      JpaProperties jpa = settings.getIfAvailable(JpaProperties::new);
      if (jpa.getDatabasePlatform() == null && jpa.getDatabase() == null) {
        properties.putIfAbsent(DIALECT, HaSqliteDialect.class.getName());
      }
    };
  }
}
