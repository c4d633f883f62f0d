package io.hasqlite.boot.autoconfigure;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.hasqlite.changeset.ChangeSetInterceptor;
import io.hasqlite.engine.EngineListener;
import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.HaSqliteOptions;
import io.hasqlite.publish.CdcPublisher;
import io.hasqlite.snapshot.DbSnapshotter;
import io.hasqlite.stream.nats.NatsOptionsCustomizer;
import io.hasqlite.subscribe.CdcSubscriber;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;

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
@EnableConfigurationProperties(HaSqliteProperties.class)
public final class HaSqliteAutoConfiguration {

  private static final String OWN_PUBLISHER = "haSqlitePublisher";
  private static final String OWN_SUBSCRIBER = "haSqliteSubscriber";
  private static final String OWN_SNAPSHOTTER = "haSqliteSnapshotter";

  HaSqliteAutoConfiguration() {}

  @Bean
  @ConfigurationPropertiesBinding
  static DeliverPolicyConverter haSqliteDeliverPolicyConverter() {
    return new DeliverPolicyConverter();
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnProperty("ha.sqlite.nats.url")
  NatsConnectionDetails natsConnectionDetails(
      HaSqliteProperties properties, ObjectProvider<SslBundles> sslBundles) {
    return new PropertiesNatsConnectionDetails(
        properties.nats(), String.valueOf(properties.nats().url()), sslBundles.getIfAvailable());
  }

  @Bean
  @ConditionalOnMissingBean({HaSqliteOptions.class, HaSqlite.class})
  HaSqliteOptions haSqliteOptions(
      HaSqliteProperties properties,
      ObjectProvider<NatsConnectionDetails> connectionDetails,
      ObjectProvider<SslBundles> sslBundles,
      ObjectProvider<NatsOptionsCustomizer> natsCustomizers,
      ObjectProvider<ChangeSetInterceptor> interceptor,
      ObjectProvider<EngineListener> listeners,
      ObjectProvider<WaitFor> waitFor,
      ObjectProvider<HaSqliteCustomizer> customizers,
      ObjectProvider<CdcPublisher> publisher,
      ObjectProvider<CdcSubscriber> subscriber,
      ObjectProvider<DbSnapshotter> snapshotter,
      BeanFactory beans) {
    List<NatsOptionsCustomizer> natsChanges = natsCustomizers.orderedStream().toList();
    HaSqliteOptions.Builder options =
        new HaSqliteOptionsMapper(
                properties,
                connectionDetails.getIfAvailable(),
                sslBundles.getIfAvailable(),
                nats -> natsChanges.forEach(customizer -> customizer.customize(nats)))
            .map();
    options.interceptor(interceptor.getIfAvailable());
    options.listener(new CompositeEngineListener(listeners.orderedStream().toList()));
    waitFor.ifAvailable(gate -> options.waitFor(gate.gate()));
    // Ours come out of the engine, so only the application's can go into it.
    if (!beans.containsBean(OWN_PUBLISHER)) {
      options.publisher(publisher.getIfAvailable());
    }
    if (!beans.containsBean(OWN_SUBSCRIBER)) {
      options.subscriber(subscriber.getIfAvailable());
    }
    if (!beans.containsBean(OWN_SNAPSHOTTER)) {
      options.snapshotter(snapshotter.getIfAvailable());
    }
    customizers.orderedStream().forEach(customizer -> customizer.customize(options));
    return options.build();
  }

  @Bean(destroyMethod = "close")
  @ConditionalOnMissingBean
  HaSqlite haSqlite(HaSqliteOptions options) {
    return HaSqlite.open(options);
  }

  @Bean
  @ConditionalOnMissingBean(DataSource.class)
  HikariDataSource dataSource(HaSqlite database, HaSqliteProperties properties) {
    HikariConfig pool = new HikariConfig();
    properties.hikari().copyStateTo(pool);
    pool.setDataSource(database.dataSource());
    if (pool.getPoolName() == null) {
      pool.setPoolName("ha-sqlite-" + database.options().databaseName());
    }
    if (pool.getExceptionOverride() == null && pool.getExceptionOverrideClassName() == null) {
      pool.setExceptionOverride(new HaSqliteExceptionOverride());
    }
    return new HikariDataSource(pool);
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
