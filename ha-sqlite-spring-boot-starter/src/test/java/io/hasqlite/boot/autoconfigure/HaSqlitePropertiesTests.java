package io.hasqlite.boot.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.RowIdentity;
import io.hasqlite.engine.BootstrapPolicy;
import io.hasqlite.engine.HaSqliteOptions;
import io.hasqlite.server.EmbeddedServerOptions;
import io.hasqlite.stream.DeliverPolicy;
import io.hasqlite.subscribe.OnError;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

class HaSqlitePropertiesTests {

  @Test
  void defaultsAreTheEngines() {
    HaSqliteOptions mapped = map("ha.sqlite.path=app.db");

    assertThat(mapped)
        .usingRecursiveComparison()
        .ignoringFields("clock", "listener")
        .isEqualTo(HaSqliteOptions.builder(Path.of("app.db")).build());
  }

  @Test
  void defaultsOfTheEmbeddedServerAreTheEngines() {
    HaSqliteOptions mapped = map("ha.sqlite.path=app.db", "ha.sqlite.nats.embedded.enabled=true");

    assertThat(mapped)
        .extracting("embeddedServer")
        .isEqualTo(EmbeddedServerOptions.builder().stopAtExit(false).build());
  }

  @Test
  void everyPropertyReachesTheEngine() {
    HaSqliteOptions mapped =
        map(
            "ha.sqlite.path=data/../app.db",
            "ha.sqlite.node-name=n1",
            "ha.sqlite.cdc-id=orders",
            "ha.sqlite.row-identity=full",
            "ha.sqlite.extensions=a.so,b.so!init",
            "ha.sqlite.exclude-tables=local,cache",
            "ha.sqlite.pragmas.busy_timeout=100",
            "ha.sqlite.pragmas.cache-size=-2000",
            "ha.sqlite.bootstrap=cluster",
            "ha.sqlite.startup-timeout=7s",
            "ha.sqlite.ddl-sync.enabled=false",
            "ha.sqlite.stream.name=s",
            "ha.sqlite.stream.replicas=3",
            "ha.sqlite.stream.max-age=2d",
            "ha.sqlite.publisher.enabled=false",
            "ha.sqlite.publisher.timeout=9s",
            "ha.sqlite.subscriber.enabled=false",
            "ha.sqlite.subscriber.deliver-policy=by_start_sequence=12",
            "ha.sqlite.subscriber.on-error=skip",
            "ha.sqlite.verify.interval=3m",
            "ha.sqlite.nats.url=nats://a:1,nats://b:2",
            "ha.sqlite.nats.username=u",
            "ha.sqlite.nats.password=p");

    assertThat(mapped.path()).isEqualTo(Path.of("data/../app.db"));
    assertThat(mapped.nodeName().value()).isEqualTo("n1");
    assertThat(mapped.databaseName().value()).isEqualTo("orders");
    assertThat(mapped)
        .extracting(
            "rowIdentity",
            "bootstrap",
            "startupTimeout",
            "ddlSync",
            "publisherEnabled",
            "publisherTimeout",
            "subscriberEnabled",
            "deliverPolicy",
            "onError",
            "verifyInterval")
        .containsExactly(
            RowIdentity.FULL,
            BootstrapPolicy.CLUSTER,
            Duration.ofSeconds(7),
            false,
            false,
            Duration.ofSeconds(9),
            false,
            new DeliverPolicy.ByStartSequence(12),
            OnError.SKIP,
            Duration.ofMinutes(3));
    assertThat(mapped)
        .extracting("stream.name", "stream.replicas", "stream.maxAge")
        .containsExactly("s", 3, Duration.ofDays(2));
    assertThat(mapped).extracting("extensions").isEqualTo(java.util.List.of("a.so", "b.so!init"));
    assertThat(mapped).extracting("excludedTables").isEqualTo(java.util.Set.of("local", "cache"));
    assertThat(mapped)
        .extracting("pragmas")
        .isEqualTo(Map.of("busy_timeout", "100", "cache-size", "-2000"));
    assertThat(mapped)
        .extracting("nats.urls", "nats.username", "nats.password")
        .containsExactly(java.util.List.of("nats://a:1", "nats://b:2"), "u", "p");
  }

  @Test
  void everyPropertyOfTheEmbeddedServerReachesIt() {
    HaSqliteOptions mapped =
        map(
            "ha.sqlite.path=app.db",
            "ha.sqlite.nats.embedded.enabled=true",
            "ha.sqlite.nats.embedded.name=s1",
            "ha.sqlite.nats.embedded.host=0.0.0.0",
            "ha.sqlite.nats.embedded.port=0",
            "ha.sqlite.nats.embedded.store-dir=store",
            "ha.sqlite.nats.embedded.username=u",
            "ha.sqlite.nats.embedded.password=p",
            "ha.sqlite.nats.embedded.logs=true",
            "ha.sqlite.nats.embedded.binary=/opt/nats-server",
            "ha.sqlite.nats.embedded.download-url=",
            "ha.sqlite.nats.embedded.sync-interval=10s",
            "ha.sqlite.nats.embedded.config-file=nats.conf",
            "ha.sqlite.nats.embedded.cluster.name=c",
            "ha.sqlite.nats.embedded.cluster.port=6222",
            "ha.sqlite.nats.embedded.cluster.routes=a:6222,b:6222",
            "ha.sqlite.nats.token=t");

    assertThat(mapped)
        .extracting("embeddedServer")
        .isEqualTo(
            EmbeddedServerOptions.builder()
                .name("s1")
                .host("0.0.0.0")
                .port(0)
                .storeDir(Path.of("store"))
                .username("u")
                .password("p")
                .logs(true)
                .binary(Path.of("/opt/nats-server"))
                .downloadUrl(null)
                .syncInterval(Duration.ofSeconds(10))
                .configFile(Path.of("nats.conf"))
                .cluster(
                    new EmbeddedServerOptions.Cluster(
                        "c", 6222, java.util.List.of("a:6222", "b:6222")))
                .stopAtExit(false)
                .build());
    assertThat(mapped).extracting("nats.token").isEqualTo("t");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ha.sqlite.path=                          | ha.sqlite.path is empty",
        "ha.sqlite.path=jdbc:sqlite:app.db        | ha.sqlite.path must be the plain path",
        "ha.sqlite.path=:memory:                  | ha.sqlite.path must be the plain path",
        "ha.sqlite.node-name=                     | ha.sqlite.node-name: A node's name",
        "ha.sqlite.cdc-id=...                     | ha.sqlite.cdc-id: The name of a database",
        "ha.sqlite.startup-timeout=0s             | ha.sqlite.startup-timeout: ",
        "ha.sqlite.publisher.timeout=-1s          | ha.sqlite.publisher.timeout: ",
        "ha.sqlite.stream.name=a.b                | ha.sqlite.stream.name: ",
        "ha.sqlite.stream.replicas=6              | ha.sqlite.stream.replicas: ",
        "ha.sqlite.stream.max-age=-1s             | ha.sqlite.stream.max-age: ",
        "ha.sqlite.nats.url=http://               | ha.sqlite.nats: The address of a NATS",
        "ha.sqlite.nats.embedded.port=70000       | ha.sqlite.nats.embedded.port must be",
        "ha.sqlite.nats.embedded.host=0.0.0.0     | ha.sqlite.nats.embedded.host is \"0.0.0.0\"",
        "ha.sqlite.nats.embedded.username=u       | ha.sqlite.nats.embedded.username and ",
        "ha.sqlite.nats.embedded.download-url=a b | ha.sqlite.nats.embedded.download-url: ",
        "ha.sqlite.nats.embedded.cluster.port=1   | ha.sqlite.nats.embedded.cluster.name is"
      })
  void valueThatCannotWorkNamesItsProperty(String property, String message) {
    boolean isEmbedded = property.contains(".embedded.");
    assertThatThrownBy(
            () ->
                map(
                    "ha.sqlite.path=app.db",
                    "ha.sqlite.nats.embedded.enabled=" + isEmbedded,
                    property))
        .isInstanceOf(InvalidPropertyException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void userWithoutPasswordIsRefused() {
    assertThatThrownBy(
            () ->
                map(
                    "ha.sqlite.path=app.db",
                    "ha.sqlite.nats.url=nats://a",
                    "ha.sqlite.nats.username=u"))
        .isInstanceOf(InvalidPropertyException.class)
        .hasMessageContaining("ha.sqlite.nats.password");
  }

  @Test
  void serverOfOurOwnAndServerOfOthersAreRefusedTogether() {
    assertThatThrownBy(
            () ->
                map(
                    "ha.sqlite.path=app.db",
                    "ha.sqlite.nats.url=nats://a",
                    "ha.sqlite.nats.embedded.enabled=true"))
        .isInstanceOf(InvalidPropertyException.class)
        .hasMessageContaining("ha.sqlite.nats.embedded.enabled")
        .hasMessageContaining("ha.sqlite.nats.url");
  }

  @ParameterizedTest
  @CsvSource({
    "ha.sqlite.node=x, ha.sqlite.node",
    "ha.sqlite.publisher.asynch=true, ha.sqlite.publisher.asynch",
    "ha.sqlite.publisher.outbox=o, ha.sqlite.publisher.outbox",
    "ha.sqlite.bootstap=auto, ha.sqlite.bootstap",
    "ha.sqlite.hikari.maximum-pol-size=2, ha.sqlite.hikari.maximum-pol-size",
    "ha.sqlite.nats.embedded.prt=1, ha.sqlite.nats.embedded.prt"
  })
  void unknownPropertyIsNamed(String property, String name) {
    assertThatThrownBy(() -> map("ha.sqlite.path=app.db", property))
        .rootCause()
        .hasMessageContaining("[" + name + "]");
  }

  @Test
  void textHoldsNoSecret() {
    context("ha.sqlite.path=app.db", "ha.sqlite.nats.password=hush", "ha.sqlite.nats.token=hush")
        .run(
            context ->
                assertThat(context.getBean(HaSqliteProperties.class).toString())
                    .contains("app.db")
                    .doesNotContain("hush"));
  }

  private static HaSqliteOptions map(String... properties) {
    HaSqliteOptions[] mapped = new HaSqliteOptions[1];
    RuntimeException[] failure = new RuntimeException[1];
    context(properties)
        .run(
            context -> {
              if (context.getStartupFailure() != null) {
                failure[0] = (RuntimeException) context.getStartupFailure();
                return;
              }
              HaSqliteProperties bound = context.getBean(HaSqliteProperties.class);
              String url = bound.nats().url();
              HaSqliteConnectionDetails details =
                  url == null
                      ? null
                      : new PropertiesHaSqliteConnectionDetails(bound.nats(), url, null);
              try {
                mapped[0] =
                    new HaSqliteOptionsMapper(
                            "ha.sqlite.",
                            bound,
                            new HaSqliteServerMapper(bound.nats(), details, null, options -> {})
                                .map())
                        .map()
                        .build();
              } catch (RuntimeException e) {
                failure[0] = e;
              }
            });
    if (failure[0] != null) {
      throw failure[0];
    }
    return mapped[0];
  }

  private static ApplicationContextRunner context(String... properties) {
    // The last one of a name counts.
    Map<String, String> pairs = new LinkedHashMap<>();
    Arrays.stream(properties)
        .forEach(pair -> pairs.put(pair.substring(0, pair.indexOf('=')), pair));
    return new ApplicationContextRunner()
        .withUserConfiguration(Binding.class)
        .withPropertyValues(pairs.values().toArray(String[]::new));
  }

  @Configuration(proxyBeanMethods = false)
  @EnableConfigurationProperties(HaSqliteProperties.class)
  static class Binding {
    @Bean
    @org.springframework.boot.context.properties.ConfigurationPropertiesBinding
    static DeliverPolicyConverter converter() {
      return new DeliverPolicyConverter();
    }
  }
}
