package io.hasqlite.boot.observation;

import static org.assertj.core.api.Assertions.assertThat;

import brave.handler.MutableSpan;
import brave.handler.SpanHandler;
import brave.propagation.TraceContext;
import io.hasqlite.engine.HaSqlite;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Two applications with Boot's tracing, as a user configures it. */
@Timeout(60)
class MessageTracingIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private final String stream = "t" + UUID.randomUUID().toString().substring(0, 8);
  private ConfigurableApplicationContext one;
  private ConfigurableApplicationContext two;

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration(exclude = FlywayAutoConfiguration.class)
  static class Application {

    @Bean
    Spans spans() {
      return new Spans();
    }
  }

  /** Keeps what ended. */
  static class Spans extends SpanHandler {

    final List<MutableSpan> ended = new CopyOnWriteArrayList<>();

    @Override
    public boolean end(TraceContext context, MutableSpan span, Cause cause) {
      ended.add(span);
      return true;
    }

    List<MutableSpan> named(String name) {
      return ended.stream().filter(span -> name.equals(span.name())).toList();
    }
  }

  private ConfigurableApplicationContext start(String node, String... properties) {
    return new SpringApplicationBuilder(Application.class)
        .web(WebApplicationType.NONE)
        .properties(properties)
        .run(
            "--ha.sqlite.path=" + folder.resolve(node + ".db"),
            "--ha.sqlite.node-name=" + node,
            "--ha.sqlite.cdc-id=shop",
            "--ha.sqlite.stream.name=" + stream,
            "--ha.sqlite.nats.url=" + NATS.url(),
            "--management.tracing.sampling.probability=1.0");
  }

  private void startBoth(String... properties) throws Exception {
    one = start("one", properties);
    two = start("two");
    sql(one, "CREATE TABLE t(id INTEGER PRIMARY KEY)");
    awaitSame();
    Eventually.holds(() -> assertThat(spans(two).named("shop apply")).isNotEmpty());
    spans(one).ended.clear();
    spans(two).ended.clear();
  }

  @AfterEach
  void stop() {
    two.close();
    one.close();
  }

  private static void sql(ConfigurableApplicationContext node, String sql) {
    node.getBean(JdbcClient.class).sql(sql).update();
  }

  private static Spans spans(ConfigurableApplicationContext node) {
    return node.getBean(Spans.class);
  }

  private void awaitSame() throws Exception {
    HaSqlite writer = one.getBean(HaSqlite.class);
    Eventually.holds(() -> assertThat(writer.status().backlog().transactions()).isZero());
    assertThat(
            two.getBean(HaSqlite.class).await(writer.status().position(), Duration.ofSeconds(20)))
        .isTrue();
  }

  /** Writes as part of something that is observed; returns the trace's id. */
  private String observed(String... statements) {
    ObservationRegistry registry = one.getBean(ObservationRegistry.class);
    Observation.createNotStarted("order", registry)
        .observe(
            () -> {
              for (String sql : statements) {
                sql(one, sql);
              }
            });
    return spans(one).named("order").get(spans(one).named("order").size() - 1).traceId();
  }

  @Test
  @DisplayName("Applying on another node is a span of the trace that the commit belongs to")
  void traceGoesToTheOtherNode() throws Exception {
    startBoth();

    String trace = observed("INSERT INTO t VALUES(1)");
    awaitSame();

    Eventually.holds(() -> assertThat(spans(two).named("shop apply")).hasSize(1));
    MutableSpan publish = spans(one).named("shop publish").get(0);
    MutableSpan apply = spans(two).named("shop apply").get(0);
    assertThat(publish.traceId()).isEqualTo(trace);
    assertThat(publish.kind()).isEqualTo(brave.Span.Kind.PRODUCER);
    assertThat(publish.parentId()).isEqualTo(spans(one).named("order").get(0).id());
    assertThat(apply.traceId()).isEqualTo(trace);
    assertThat(apply.kind()).isEqualTo(brave.Span.Kind.CONSUMER);
    assertThat(apply.parentId()).isEqualTo(publish.id());
    assertThat(apply.tag("database")).isEqualTo("shop");
    assertThat(apply.tag("origin")).isEqualTo("one");
    assertThat(apply.tag("sequence")).isEqualTo("2");
    assertThat(spans(one).named("shop apply")).as("its own").isEmpty();
  }

  @Test
  @DisplayName("A transaction that is published later belongs to the trace of its commit, too")
  void asynchronousTransactionKeepsItsTrace() throws Exception {
    startBoth("ha.sqlite.publisher.async=true");
    HaSqlite writer = one.getBean(HaSqlite.class);
    writer.pause();
    Eventually.holds(() -> assertThat(writer.status().state().name()).isEqualTo("PAUSED"));

    String first = observed("INSERT INTO t VALUES(1)");
    String second = observed("INSERT INTO t VALUES(2)");
    assertThat(second).isNotEqualTo(first);
    assertThat(spans(two).named("shop apply")).isEmpty();
    writer.resume();
    awaitSame();

    Eventually.holds(() -> assertThat(spans(two).named("shop apply")).isNotEmpty());
    List<MutableSpan> applied = spans(two).named("shop apply");
    assertThat(applied.get(0).traceId()).isEqualTo(first);
    if (applied.size() == 2) { // the first may have been on its way alone
      assertThat(applied.get(1).traceId()).isEqualTo(second);
    }
    assertThat(spans(one).named("shop publish"))
        .filteredOn(span -> span.error() == null)
        .first()
        .satisfies(publish -> assertThat(publish.traceId()).isEqualTo(first));
  }
}
