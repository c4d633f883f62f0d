package io.hasqlite.boot.autoconfigure;

import io.hasqlite.stream.nats.NatsOptionsCustomizer;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
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
  @ConditionalOnMissingBean
  @ConditionalOnProperty("ha.sqlite.nats.url")
  NatsConnectionDetails natsConnectionDetails(
      HaSqliteProperties properties, ObjectProvider<SslBundles> sslBundles) {
    return new PropertiesNatsConnectionDetails(
        properties.nats(), String.valueOf(properties.nats().url()), sslBundles.getIfAvailable());
  }

  @Bean
  HaSqliteServer haSqliteServer(
      HaSqliteProperties properties,
      ObjectProvider<NatsConnectionDetails> connectionDetails,
      ObjectProvider<SslBundles> sslBundles,
      ObjectProvider<NatsOptionsCustomizer> customizers) {
    List<NatsOptionsCustomizer> changes = customizers.orderedStream().toList();
    return new HaSqliteServerMapper(
            properties.nats(),
            connectionDetails.getIfAvailable(),
            sslBundles.getIfAvailable(),
            nats -> changes.forEach(customizer -> customizer.customize(nats)))
        .map();
  }
}
