package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.hasqlite.NodeId;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.stream.StreamException;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a node knows of the others. */
@Timeout(60)
class PeersIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private TestCluster cluster;
  private TestNode one;
  private TestNode two;

  @BeforeEach
  void prepare() throws Exception {
    cluster = new TestCluster(folder, NATS.url());
    one = cluster.node("one");
    two = cluster.node("two with spaces");
    one.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    cluster.converge();
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  private static Peer peer(TestNode asked, String name) {
    return asked.engine().peers().stream()
        .filter(peer -> peer.node().equals(name))
        .findAny()
        .orElseThrow();
  }

  @Test
  @DisplayName("Every node knows all nodes, how far each is, and which of them it is itself")
  void peersTellHowFarTheyAre() throws Exception {
    two.engine().pause();
    Eventually.holds(() -> assertThat(two.engine().status().state()).isEqualTo(State.PAUSED));
    long before = one.engine().status().position();
    one.run("INSERT INTO t VALUES(1)", "INSERT INTO t VALUES(2)");

    Eventually.holds(
        () -> {
          Peer first = peer(two, "one");
          assertThat(first.position()).isEqualTo(one.engine().status().position());
          assertThat(first.lagMessages()).isZero();
        });
    assertThat(one.engine().peers())
        .extracting(Peer::node, Peer::self, Peer::live)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("one", true, true),
            org.assertj.core.groups.Tuple.tuple("two with spaces", false, true));
    Peer paused = peer(one, "two with spaces");
    assertThat(paused.position()).isEqualTo(before);
    assertThat(paused.lagMessages()).isEqualTo(2);
    assertThat(paused.process()).isNotEmpty().isNotEqualTo(peer(one, "one").process());
    two.engine().resume();
    cluster.converge();
  }

  @Test
  @DisplayName("A node that is gone stays a peer until its consumer is removed")
  void goneNodeIsRemoved() throws Exception {
    two.engine().close();

    assertThat(peer(one, "two with spaces").live()).isFalse();
    assertThat(one.engine().removePeer(new NodeId("two with spaces"))).isTrue();
    assertThat(one.engine().peers()).extracting(Peer::node).containsExactly("one");
    assertThat(one.engine().removePeer(new NodeId("two with spaces"))).isFalse();

    two.open();
    Eventually.holds(() -> assertThat(one.engine().peers()).hasSize(2));
  }

  @Test
  @DisplayName("Neither this node nor one that lives can be removed")
  void liveNodesStay() {
    for (String name : new String[] {"one", "two with spaces"}) {
      assertThatExceptionOfType(PeerInUseException.class)
          .isThrownBy(() -> one.engine().removePeer(new NodeId(name)))
          .withMessageContaining(name);
    }
    assertThat(one.engine().peers()).hasSize(2);
  }

  @Test
  void serverThatIsAwayIsSaid() throws Exception {
    NATS.stop();
    try {
      Eventually.holds(() -> assertThat(one.engine().status().connected()).isFalse());
      assertThatExceptionOfType(StreamException.class).isThrownBy(() -> one.engine().peers());
    } finally {
      NATS.restart();
    }
  }
}
