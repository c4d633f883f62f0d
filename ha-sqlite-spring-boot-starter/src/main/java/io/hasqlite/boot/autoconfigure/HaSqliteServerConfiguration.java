package io.hasqlite.boot.autoconfigure;

import io.hasqlite.stream.nats.NatsOptionsCustomizer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What all databases of the application have in common. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(HaSqliteProperties.class)
class HaSqliteServerConfiguration {

  @Bean
  @ConfigurationPropertiesBinding
  static DeliverPolicyConverter haSqliteDeliverPolicyConverter() {
    return new DeliverPolicyConverter();
  }

  @Bean
  HaSqliteServer haSqliteServer(
      HaSqliteProperties properties,
      ObjectProvider<HaSqliteConnectionDetails> connectionDetails,
      ObjectProvider<SslBundles> sslBundles,
      ObjectProvider<NatsOptionsCustomizer> customizers) {
    List<NatsOptionsCustomizer> changes = customizers.orderedStream().toList();
    return new HaSqliteServerMapper(
            properties.nats(),
            connectionDetails.getIfAvailable(() -> ofProperties(properties.nats(), sslBundles)),
            sslBundles.getIfAvailable(),
            nats -> changes.forEach(customizer -> customizer.customize(nats)))
        .map();
  }

  /** Not a bean: which beans there are may be decided at build time, the address is not. */
  private static @Nullable HaSqliteConnectionDetails ofProperties(
      HaSqliteProperties.Nats nats, ObjectProvider<SslBundles> sslBundles) {
    String url = nats.url();
    return url == null
        ? null
        : new PropertiesHaSqliteConnectionDetails(nats, url, sslBundles.getIfAvailable());
  }
}
