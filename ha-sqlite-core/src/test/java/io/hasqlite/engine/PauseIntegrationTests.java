package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A node that a person lets stand still. */
@Timeout(60)
class PauseIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private TestCluster cluster;
  private TestNode one;

  @BeforeEach
  void prepare() throws SQLException {
    cluster = new TestCluster(folder, NATS.url());
    one = cluster.node("one");
    one.run("CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT)");
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  private static void pause(TestNode node) throws Exception {
    node.engine().pause();
    Eventually.holds(() -> assertThat(node.engine().status().state()).isEqualTo(State.PAUSED));
  }

  @Test
  @DisplayName(
      "A paused node applies nothing, tells how far it is behind, and catches up when resumed")
  void pausedNodeStandsStillAndCatchesUp() throws Exception {
    TestNode two = cluster.node("two");
    pause(two);
    one.run("INSERT INTO t VALUES(1, 'a')", "INSERT INTO t VALUES(2, 'b')");

    Eventually.holds(() -> assertThat(two.engine().status().lagMessages()).isEqualTo(2));
    assertThat(two.query("SELECT * FROM t")).isEmpty();
    assertThat(two.engine().status().state()).isEqualTo(State.PAUSED);
    assertThat(two.engine().status().problem()).contains("Paused", "resume");

    two.engine().pause();
    two.engine().resume();
    cluster.converge();
    Eventually.holds(
        () -> {
          assertThat(two.engine().status().state()).isEqualTo(State.RUNNING);
          assertThat(two.engine().status().problem()).isNull();
        });
    assertThat(two.query("SELECT id FROM t")).containsExactly("1", "2");
  }

  @Test
  @DisplayName("A synchronous commit on a paused node fails at once and says why")
  void synchronousCommitFails() throws Exception {
    TestNode two = cluster.node("two");
    pause(two);

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> two.run("INSERT INTO t VALUES(1, 'a')"))
        .withMessageContaining("Paused on this node")
        .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("55000"));

    two.engine().resume();
    Eventually.holds(() -> assertThat(two.engine().status().state()).isEqualTo(State.RUNNING));
    two.run("INSERT INTO t VALUES(1, 'a')");
    cluster.converge();
  }

  @Test
  @DisplayName("What a paused node commits asynchronously waits in the outbox until it is resumed")
  void asynchronousCommitWaits() throws Exception {
    TestNode two = cluster.node("two", options -> options.publisherAsync(true));
    pause(two);
    two.run("INSERT INTO t VALUES(1, 'two')");
    one.run("INSERT INTO t VALUES(1, 'one')");

    assertThat(two.query("SELECT x FROM t")).containsExactly("two");
    assertThat(two.engine().status().backlog().transactions()).isEqualTo(1);

    two.engine().resume();
    Eventually.holds(() -> assertThat(two.engine().status().backlog().transactions()).isZero());
    cluster.converge();
    assertThat(one.query("SELECT x FROM t")).containsExactly("two");
  }

  @Test
  @DisplayName("A pause ends with the engine, and closing does not wait for its end")
  void pauseEndsWithTheEngine() throws Exception {
    TestNode two = cluster.node("two");
    pause(two);
    one.run("INSERT INTO t VALUES(1, 'a')");

    two.restart();

    cluster.converge();
    assertThat(two.engine().status().state()).isEqualTo(State.RUNNING);
  }

  @Test
  @DisplayName("A paused node can be restored to a snapshot, and stays paused")
  void pausedNodeCanBeRestored() throws Exception {
    TestNode two = cluster.node("two");
    pause(two);
    one.run("INSERT INTO t VALUES(1, 'a')");
    one.engine().snapshotter().take();

    two.engine().snapshotter().restore();

    assertThat(two.query("SELECT x FROM t")).containsExactly("a");
    Eventually.holds(() -> assertThat(two.engine().status().state()).isEqualTo(State.PAUSED));
  }

  @Test
  void nodeThatDoesNotSubscribeCannotBePaused() {
    TestNode writer = cluster.node("writer", options -> options.subscriberEnabled(false));

    assertThatThrownBy(() -> writer.engine().pause())
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("does not subscribe");
  }
}
