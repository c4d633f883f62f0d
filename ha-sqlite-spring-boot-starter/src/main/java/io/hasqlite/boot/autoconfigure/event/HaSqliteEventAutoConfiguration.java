package io.hasqlite.boot.autoconfigure.event;

import io.hasqlite.boot.autoconfigure.HaSqliteAutoConfiguration;
import io.hasqlite.boot.autoconfigure.HaSqliteDatabasesAutoConfiguration;
import io.hasqlite.boot.event.ChangeSetEvents;
import io.hasqlite.engine.HaSqlite;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of {@link io.hasqlite.boot.event.ChangeSetAppliedEvent}. */
@AutoConfiguration(
    after = {HaSqliteAutoConfiguration.class, HaSqliteDatabasesAutoConfiguration.class})
@ConditionalOnBean(HaSqlite.class)
public final class HaSqliteEventAutoConfiguration {

  HaSqliteEventAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  ChangeSetEvents haSqliteChangeSetEvents(ApplicationEventPublisher publisher) {
    return new ChangeSetEvents(publisher);
  }
}
