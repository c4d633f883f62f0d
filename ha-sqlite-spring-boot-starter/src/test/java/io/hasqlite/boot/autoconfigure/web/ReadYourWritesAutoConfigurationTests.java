package io.hasqlite.boot.autoconfigure.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.boot.autoconfigure.HaSqliteAutoConfiguration;
import io.hasqlite.boot.web.OnTimeout;
import io.hasqlite.boot.web.ReadYourWritesFilter;
import io.hasqlite.boot.web.ReadYourWritesInterceptor;
import io.hasqlite.boot.web.TokenCarrier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ClientHttpRequestInterceptor;

class ReadYourWritesAutoConfigurationTests {

  private static final AutoConfigurations CONFIGURATIONS =
      AutoConfigurations.of(HaSqliteAutoConfiguration.class, ReadYourWritesAutoConfiguration.class);

  @TempDir Path directory;

  private WebApplicationContextRunner web(String... properties) {
    return new WebApplicationContextRunner()
        .withConfiguration(CONFIGURATIONS)
        .withPropertyValues("ha.sqlite.path=" + directory.resolve("app.db"))
        .withPropertyValues(properties);
  }

  @Test
  void isOffUnlessItIsWanted() {
    web()
        .run(
            context ->
                assertThat(context)
                    .hasNotFailed()
                    .doesNotHaveBean(ReadYourWritesFilter.class)
                    .doesNotHaveBean(ReadYourWritesInterceptor.class));
  }

  @Test
  void propertiesReachTheFilter() {
    web(
            "ha.sqlite.read-your-writes.enabled=true",
            "ha.sqlite.read-your-writes.carrier=cookie",
            "ha.sqlite.read-your-writes.max-wait=7s",
            "ha.sqlite.read-your-writes.on-timeout=unavailable")
        .run(
            context -> {
              assertThat(context.getBean(ReadYourWritesFilter.class))
                  .hasFieldOrPropertyWithValue("carrier", TokenCarrier.COOKIE)
                  .hasFieldOrPropertyWithValue("maxWait", Duration.ofSeconds(7))
                  .hasFieldOrPropertyWithValue("onTimeout", OnTimeout.UNAVAILABLE);
              assertThat(context.getBean(ReadYourWritesInterceptor.class))
                  .hasFieldOrPropertyWithValue("carrier", TokenCarrier.COOKIE);
            });
  }

  @Test
  void theApplicationsOwnFilterCounts() {
    web("ha.sqlite.read-your-writes.enabled=true")
        .withUserConfiguration(Own.class)
        .run(
            context ->
                assertThat(context)
                    .getBean(ReadYourWritesFilter.class)
                    .isSameAs(context.getBean("own")));
  }

  @Test
  void withoutAWebServerThereIsTheInterceptorOnly() {
    new ApplicationContextRunner()
        .withConfiguration(CONFIGURATIONS)
        .withPropertyValues(
            "ha.sqlite.path=" + directory.resolve("app.db"),
            "ha.sqlite.read-your-writes.enabled=true")
        .run(
            context ->
                assertThat(context)
                    .doesNotHaveBean(ReadYourWritesFilter.class)
                    .hasSingleBean(ReadYourWritesInterceptor.class));
  }

  @Test
  void withoutSpringWebThereIsNothing() {
    new ApplicationContextRunner()
        .withConfiguration(CONFIGURATIONS)
        .withClassLoader(new FilteredClassLoader(ClientHttpRequestInterceptor.class))
        .withPropertyValues(
            "ha.sqlite.path=" + directory.resolve("app.db"),
            "ha.sqlite.read-your-writes.enabled=true")
        .run(
            context ->
                assertThat(context).hasNotFailed().doesNotHaveBean("readYourWritesInterceptor"));
  }

  @Configuration(proxyBeanMethods = false)
  static class Own {
    @Bean
    ReadYourWritesFilter own() {
      return new ReadYourWritesFilter(
          List.of(), TokenCarrier.HEADER, Duration.ZERO, OnTimeout.STALE);
    }
  }
}
