package io.hasqlite.boot.autoconfigure;

import com.zaxxer.hikari.HikariDataSource;
import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.HaSqliteOptions;
import io.hasqlite.publish.CdcPublisher;
import io.hasqlite.snapshot.DbSnapshotter;
import io.hasqlite.subscribe.CdcSubscriber;
import javax.sql.DataSource;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/**
 * Auto-configuration of a replicated SQLite database as the application's data source.
 *
 * <p>Everything that uses the database depends on the data source, and that on the engine. So the
 * engine is level with the stream before migrations and everything else run; at the end, web server
 * and schedulers stop first (they have a lifecycle), then the beans that use the data source, then
 * the pool, the engine, and an embedded server last.
 */
@AutoConfiguration(before = DataSourceAutoConfiguration.class, after = SslAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "ha.sqlite.enabled", matchIfMissing = true)
@ConditionalOnProperty("ha.sqlite.path")
@Import(HaSqliteServerConfiguration.class)
public final class HaSqliteAutoConfiguration {

  private static final String PREFIX = "ha.sqlite.";
  private static final String OWN_PUBLISHER = "haSqlitePublisher";
  private static final String OWN_SUBSCRIBER = "haSqliteSubscriber";
  private static final String OWN_SNAPSHOTTER = "haSqliteSnapshotter";

  HaSqliteAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean({HaSqliteOptions.class, HaSqlite.class})
  HaSqliteOptions haSqliteOptions(
      HaSqliteProperties properties, HaSqliteServer server, ListableBeanFactory beans) {
    HaSqliteOptions.Builder options = new HaSqliteOptionsMapper(PREFIX, properties, server).map();
    DatabaseBeans own = DatabaseBeans.ofDefault(beans, properties.databases().keySet());
    HaSqliteFactory.addBeans(options, own);
    // Ours come out of the engine, so only the application's can go into it.
    if (!beans.containsBean(OWN_PUBLISHER)) {
      options.publisher(own.one(CdcPublisher.class));
    }
    if (!beans.containsBean(OWN_SUBSCRIBER)) {
      options.subscriber(own.one(CdcSubscriber.class));
    }
    if (!beans.containsBean(OWN_SNAPSHOTTER)) {
      options.snapshotter(own.one(DbSnapshotter.class));
    }
    return HaSqliteFactory.customized(options, own);
  }

  @Bean(destroyMethod = "close")
  @ConditionalOnMissingBean
  HaSqlite haSqlite(HaSqliteOptions options) {
    return HaSqlite.open(options);
  }

  @Bean
  @ConditionalOnMissingBean(DataSource.class)
  HikariDataSource dataSource(HaSqlite database, HaSqliteProperties properties) {
    return HaSqliteFactory.pool(database, properties.hikari());
  }

  @Bean(name = OWN_PUBLISHER, destroyMethod = "")
  @ConditionalOnMissingBean
  @ConditionalOnBooleanProperty(name = "ha.sqlite.publisher.enabled", matchIfMissing = true)
  CdcPublisher publisher(HaSqlite database) {
    return database.publisher();
  }

  @Bean(name = OWN_SUBSCRIBER, destroyMethod = "")
  @ConditionalOnMissingBean
  @ConditionalOnBooleanProperty(name = "ha.sqlite.subscriber.enabled", matchIfMissing = true)
  CdcSubscriber subscriber(HaSqlite database) {
    return database.subscriber();
  }

  @Bean(name = OWN_SNAPSHOTTER, destroyMethod = "")
  @ConditionalOnMissingBean
  @ConditionalOnBooleanProperty(name = "ha.sqlite.snapshotter.enabled", matchIfMissing = true)
  DbSnapshotter snapshotter(HaSqlite database) {
    return database.snapshotter();
  }
}
