package io.hasqlite.boot.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.boot.autoconfigure.HaSqliteAutoConfiguration;
import io.hasqlite.boot.autoconfigure.event.HaSqliteEventAutoConfiguration;
import io.hasqlite.engine.HaSqlite;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** A node without Spring writes, an application on another node hears of it. */
@Timeout(60)
class ChangeSetAppliedEventIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private TestCluster cluster;
  private TestNode one;

  @BeforeEach
  void prepare() throws Exception {
    cluster = new TestCluster(folder, NATS.url());
    one = cluster.node("one");
    one.run("CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT)", "CREATE TABLE u(a, b)");
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  /** What an application does with events. */
  static class Listener {

    final List<ChangeSetAppliedEvent> heard = new CopyOnWriteArrayList<>();
    volatile Consumer<ChangeSetAppliedEvent> reaction = event -> {};

    @EventListener
    void on(ChangeSetAppliedEvent event) {
      heard.add(event);
      reaction.accept(event);
    }

    ChangeSetAppliedEvent of(long sequence) {
      return heard.stream().filter(e -> e.sequence() == sequence).findAny().orElseThrow();
    }
  }

  private void run(ContextConsumer<AssertableApplicationContext> test) {
    new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                HaSqliteAutoConfiguration.class,
                HaSqliteEventAutoConfiguration.class,
                JdbcTemplateAutoConfiguration.class,
                JdbcClientAutoConfiguration.class,
                DataSourceTransactionManagerAutoConfiguration.class))
        .withBean(Listener.class)
        .withPropertyValues(
            "ha.sqlite.path=" + folder.resolve("two.db"),
            "ha.sqlite.node-name=two",
            "ha.sqlite.cdc-id=test",
            "ha.sqlite.stream.name=" + cluster.stream(),
            "ha.sqlite.nats.url=" + NATS.url())
        .run(test);
  }

  private static void await(AssertableApplicationContext context, long sequence) throws Exception {
    assertThat(context.getBean(HaSqlite.class).await(sequence, Duration.ofSeconds(20))).isTrue();
    Listener listener = context.getBean(Listener.class);
    Eventually.holds(
        () ->
            assertThat(listener.heard)
                .extracting(ChangeSetAppliedEvent::sequence)
                .contains(sequence));
  }

  @Test
  @DisplayName(
      "An event names node, sequence, tables and keys, and comes when the rows are visible")
  void eventTellsWhatIsVisible() {
    run(
        context -> {
          Listener listener = context.getBean(Listener.class);
          JdbcClient jdbc = context.getBean(JdbcClient.class);
          List<Object> seen = new CopyOnWriteArrayList<>();
          listener.reaction =
              event -> {
                if (event.everything()) {
                  return; // of the tables, which were made before
                }
                seen.add(jdbc.sql("SELECT count(*) FROM t").query(Long.class).single());
                seen.add(TransactionSynchronizationManager.isActualTransactionActive());
                seen.add(Thread.currentThread().getName());
              };
          one.transaction(
              "INSERT INTO t VALUES(1, 'a')",
              "INSERT INTO t VALUES(2, 'b')",
              "INSERT INTO u VALUES('x', 1)");
          long inserted = one.engine().status().position();
          await(context, inserted);

          ChangeSetAppliedEvent event = listener.of(inserted);
          assertThat(event.database()).isEqualTo("test");
          assertThat(event.node()).isEqualTo("one");
          assertThat(event.keys("t")).contains(List.of(Map.of("id", 1L), Map.of("id", 2L)));
          assertThat(event.keys("u")).contains(List.of(Map.of("rowid", 1L)));
          assertThat(event.mayHaveChanged("v")).isFalse();
          Eventually.holds(
              () -> assertThat(seen).containsExactly(2L, false, "ha-sqlite-events-test"));

          one.run("UPDATE t SET id = 3 WHERE id = 1");
          await(context, inserted + 1);
          assertThat(listener.of(inserted + 1).keys("t"))
              .contains(List.of(Map.of("id", 1L), Map.of("id", 3L)));
          one.run("DELETE FROM t WHERE id = 2");
          await(context, inserted + 2);
          assertThat(listener.of(inserted + 2).keys("t")).contains(List.of(Map.of("id", 2L)));
        });
  }

  @Test
  @DisplayName(
      "What this node writes itself is no event, a change of the schema is one of everything")
  void ownWritesAndSchema() {
    run(
        context -> {
          context.getBean(JdbcClient.class).sql("INSERT INTO t VALUES(9, 'mine')").update();
          one.awaitSequence(context.getBean(HaSqlite.class).status().position());
          one.run("ALTER TABLE t ADD COLUMN y");
          long altered = one.engine().status().position();
          await(context, altered);

          Listener listener = context.getBean(Listener.class);
          assertThat(listener.of(altered).everything()).isTrue();
          assertThat(listener.of(altered).keys("t")).isEmpty();
          assertThat(listener.heard)
              .extracting(ChangeSetAppliedEvent::sequence)
              .doesNotContain(altered - 1);
        });
  }

  @Test
  @DisplayName(
      "A row that lost its place in a unique key is not among the keys, so these are not all")
  void displacedRow() {
    run(
        context -> {
          one.run("CREATE TABLE k(id INTEGER PRIMARY KEY, name TEXT UNIQUE)");
          await(context, one.engine().status().position());
          HaSqlite two = context.getBean(HaSqlite.class);
          two.pause();
          Eventually.holds(() -> assertThat(two.status().state().name()).isEqualTo("PAUSED"));
          one.run("INSERT INTO k VALUES(1, 'ann')");
          // A message of a node that did not see it.
          long last =
              cluster.publish(
                  """
                  {"node":"x","process_id":1,"filename":"x","timestamp_ns":1,
                   "changes":[{"database":"main","table":"k","columns":["id","name"],
                   "operation":"INSERT","new_rowid":2,"new_values":[2,"ann"],"pk_columns":["id"],
                   "ts_ns":1,"types":"/it"}]}
                  """);
          two.resume();
          await(context, last);

          ChangeSetAppliedEvent event = context.getBean(Listener.class).of(last);
          assertThat(event.mayHaveChanged("k")).isTrue();
          assertThat(event.keys("k")).isEmpty();
        });
  }

  @Test
  @DisplayName("A listener that fails or hangs does not stop replication")
  void badListeners() {
    run(
        context -> {
          Listener listener = context.getBean(Listener.class);
          listener.reaction =
              event -> {
                throw new IllegalStateException("on purpose");
              };
          one.run("INSERT INTO t VALUES(1, 'a')");
          await(context, one.engine().status().position());

          CountDownLatch open = new CountDownLatch(1);
          listener.reaction =
              event -> {
                try {
                  open.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              };
          one.run("INSERT INTO t VALUES(2, 'b')", "INSERT INTO t VALUES(3, 'c')");
          long last = one.engine().status().position();
          await(context, last - 1);
          assertThat(context.getBean(HaSqlite.class).await(last, Duration.ofSeconds(20))).isTrue();
          assertThat(
                  context
                      .getBean(JdbcClient.class)
                      .sql("SELECT count(*) FROM t")
                      .query()
                      .singleValue())
              .isEqualTo(3);
          open.countDown();
          await(context, last);
        });
  }
}
