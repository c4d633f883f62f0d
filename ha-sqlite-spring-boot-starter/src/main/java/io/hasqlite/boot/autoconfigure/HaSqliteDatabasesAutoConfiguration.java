package io.hasqlite.boot.autoconfigure;

import io.hasqlite.engine.HaSqliteOptions;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Auto-configuration of the databases below {@code ha.sqlite.databases}: each has a data source
 * with its name as qualifier. Without a qualifier they are injected only where there is no other
 * data source, so the default database stays what it is.
 */
@AutoConfiguration(
    after = HaSqliteAutoConfiguration.class,
    before = DataSourceAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "ha.sqlite.enabled", matchIfMissing = true)
@Conditional(HaSqliteDatabasesAutoConfiguration.OnNamedDatabase.class)
@Import({HaSqliteServerConfiguration.class, HaSqliteDatabasesRegistrar.class})
public final class HaSqliteDatabasesAutoConfiguration {

  HaSqliteDatabasesAutoConfiguration() {}

  @Bean(name = HaSqliteDatabasesRegistrar.DATABASES)
  HaSqliteDatabases haSqliteDatabases(
      Environment environment,
      HaSqliteServer server,
      ObjectProvider<HaSqliteOptions> defaultOptions,
      ListableBeanFactory beans) {
    return new HaSqliteDatabases(environment, server, defaultOptions.getIfAvailable(), beans);
  }

  static final class OnNamedDatabase extends SpringBootCondition {

    @Override
    public ConditionOutcome getMatchOutcome(
        ConditionContext context, AnnotatedTypeMetadata metadata) {
      ConditionMessage.Builder message = ConditionMessage.forCondition("ha.sqlite.databases");
      return new NamedDatabaseProperties(context.getEnvironment()).names().isEmpty()
          ? ConditionOutcome.noMatch(message.because("no database is named"))
          : ConditionOutcome.match(message.because("databases are named"));
    }
  }
}
