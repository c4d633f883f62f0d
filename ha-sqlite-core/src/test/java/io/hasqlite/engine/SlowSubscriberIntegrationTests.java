package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetInterceptor;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.stream.ConsumerPosition;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.SettableClock;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A node that applies more slowly than others write. */
@Timeout(120)
class SlowSubscriberIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = NatsServerExtension.shared();

  private static final int MESSAGES = 5_000;

  /** What the server may have sent ahead of what is applied: two batches. */
  private static final int AHEAD_MAX = 2_000;

  @TempDir Path folder;
  private final Semaphore permits = new Semaphore(0);

  @SuppressWarnings("NullAway.Init")
  private TestCluster cluster;

  @BeforeEach
  void prepare() {
    cluster = new TestCluster(folder, NATS.url());
  }

  @AfterEach
  void stop() throws Exception {
    permits.release(10 * MESSAGES);
    cluster.close();
  }

  @Test
  @DisplayName("NATS: a slow subscriber shows its lag, takes little ahead, and loses nothing")
  void lagIsShownAndBounded() throws Exception {
    SettableClock clock = new SettableClock();
    permits.release(1);
    TestNode slow =
        cluster.node(
            "slow",
            options ->
                options
                    .clock(clock)
                    .interceptor(waiting())
                    .startupTimeout(Duration.ofMillis(500))
                    .snapshotterEnabled(false));
    slow.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    slow.close();
    publish(1, MESSAGES);
    slow.restart();
    assertThat(slow.engine().status().state()).isEqualTo(State.CATCHING_UP);
    assertThat(slow.engine().status().lagMessages()).isEqualTo(MESSAGES);
    publish(MESSAGES + 1, 2 * MESSAGES);

    clock.advance(Duration.ofMinutes(5));
    assertThat(slow.engine().status().lag()).isGreaterThanOrEqualTo(Duration.ofMinutes(5));
    assertTakesLittleAhead(slow);
    permits.release(2 * AHEAD_MAX);
    Eventually.holds(
        () ->
            assertThat(slow.engine().status().lagMessages())
                .isBetween(2L * MESSAGES - 2 * AHEAD_MAX, 2L * MESSAGES - AHEAD_MAX));
    assertTakesLittleAhead(slow);

    permits.release(2 * MESSAGES);
    slow.awaitSequence(cluster.lastSequence());
    Eventually.holds(
        () -> {
          assertThat(slow.engine().status().state()).isEqualTo(State.RUNNING);
          assertThat(slow.engine().status().lagMessages()).isZero();
          assertThat(slow.engine().status().lag()).isZero();
        });
    assertThat(slow.query("SELECT count(*), min(id), max(id) FROM t"))
        .containsExactly(2 * MESSAGES + "|1|" + 2 * MESSAGES);
  }

  @Test
  @DisplayName("NATS: what was applied in a burst is acknowledged when no more comes")
  void endOfABurstIsAcknowledged() throws Exception {
    TestNode writer = cluster.node("writer");
    TestNode reader = cluster.node("reader");
    writer.run("CREATE TABLE t(v)");
    for (int burst = 0; burst < 4; burst++) {
      for (int i = 0; i < 30; i++) {
        writer.run("INSERT INTO t VALUES('x')"); // faster than acknowledgements
      }
      long last = writer.engine().status().position();
      Eventually.holds(
          () -> assertThat(sent(reader).acknowledgedSequence()).isGreaterThanOrEqualTo(last));
    }
  }

  /** Looks at what the server has sent: all of it that is not applied is in this node's memory. */
  private static void assertTakesLittleAhead(TestNode node) throws Exception {
    Eventually.holds(() -> assertThat(sent(node).unacknowledged()).isPositive());
    assertThat(sent(node).unacknowledged()).isLessThanOrEqualTo(AHEAD_MAX);
  }

  private static ConsumerPosition sent(TestNode node) {
    return node.engine().subscriber().deliveredInfo().orElseThrow();
  }

  private void publish(int first, int last) throws Exception {
    for (int id = first; id <= last; id++) {
      String message =
          "{\"node\":\"other\",\"process_id\":1,\"changes\":[{\"database\":\"main\",\"table\":\"t\","
              + "\"columns\":[\"id\"],\"operation\":\"INSERT\",\"new_rowid\":"
              + id
              + ",\"new_values\":["
              + id
              + "],\"pk_columns\":[\"id\"]}]}";
      cluster.client().publish(cluster.subject(), message.getBytes(StandardCharsets.UTF_8));
    }
    Eventually.holds(() -> assertThat(cluster.lastSequence()).isEqualTo(1 + last));
  }

  private ChangeSetInterceptor waiting() {
    return new ChangeSetInterceptor() {
      @Override
      public Optional<ChangeSet> before(ChangeSet changeSet, Connection connection) {
        permits.acquireUninterruptibly();
        return Optional.of(changeSet);
      }
    };
  }
}
