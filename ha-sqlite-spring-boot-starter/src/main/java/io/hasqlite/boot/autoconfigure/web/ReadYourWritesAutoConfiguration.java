package io.hasqlite.boot.autoconfigure.web;

import io.hasqlite.boot.autoconfigure.HaSqliteAutoConfiguration;
import io.hasqlite.boot.autoconfigure.HaSqliteDatabasesAutoConfiguration;
import io.hasqlite.boot.autoconfigure.HaSqliteProperties;
import io.hasqlite.boot.web.ReadYourWritesFilter;
import io.hasqlite.boot.web.ReadYourWritesInterceptor;
import io.hasqlite.engine.HaSqlite;
import jakarta.servlet.Filter;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Auto-configuration of the filter with which clients read their own writes, and of the interceptor
 * for a {@code RestClient} that asks other nodes. The interceptor is only given to clients by the
 * application: a token is nobody else's business.
 */
@AutoConfiguration(
    after = {HaSqliteAutoConfiguration.class, HaSqliteDatabasesAutoConfiguration.class})
@ConditionalOnBooleanProperty("ha.sqlite.read-your-writes.enabled")
@ConditionalOnBean(HaSqlite.class)
public final class ReadYourWritesAutoConfiguration {

  ReadYourWritesAutoConfiguration() {}

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
  @ConditionalOnClass({Filter.class, OncePerRequestFilter.class})
  static class Server {

    @Bean
    @ConditionalOnMissingBean
    ReadYourWritesFilter readYourWritesFilter(
        ObjectProvider<HaSqlite> databases, HaSqliteProperties properties) {
      HaSqliteProperties.ReadYourWrites settings = properties.readYourWrites();
      return new ReadYourWritesFilter(
          databases.stream().toList(),
          settings.carrier(),
          settings.maxWait(),
          settings.onTimeout());
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(ClientHttpRequestInterceptor.class)
  static class Client {

    @Bean
    @ConditionalOnMissingBean
    ReadYourWritesInterceptor readYourWritesInterceptor(
        ObjectProvider<HaSqlite> databases, HaSqliteProperties properties) {
      return new ReadYourWritesInterceptor(
          databases.stream().toList(), properties.readYourWrites().carrier());
    }
  }
}
