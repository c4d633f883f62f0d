package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.server.EmbeddedServer;
import io.hasqlite.server.EmbeddedServerOptions;
import io.hasqlite.server.EmbeddedServerOptions.Cluster;
import io.hasqlite.stream.StreamOptions;
import io.hasqlite.stream.nats.NatsConnectionOptions;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.TestNode;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three applications that form a JetStream cluster without any other process. */
@Timeout(180)
class EmbeddedClusterIntegrationTests {

  private static final int NODES = 3;
  private static final int ROWS = 10;
  private static final Duration WAIT = Duration.ofSeconds(60);
  private static final StreamOptions REPLICATED = StreamOptions.defaults().withReplicas(NODES);

  @TempDir Path folder;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<TestNode> nodes = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    // All at once: the last of a cluster would wait for the others.
    List<Future<?>> closing = new ArrayList<>();
    for (TestNode node : nodes) {
      closing.add(threads.submit(node::close));
    }
    for (Future<?> closed : closing) {
      closed.get(WAIT.toSeconds(), TimeUnit.SECONDS);
    }
    threads.shutdownNow();
  }

  @Test
  @DisplayName(
      "D38: three applications with a server each; one has default settings, one is killed")
  void threeApplicationsAreACluster() throws Exception {
    List<EmbeddedServerOptions> servers = servers();
    // None can start without the others: the stream is kept by three.
    List<Future<TestNode>> starting = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      EmbeddedServerOptions server = servers.get(i);
      String name = "node" + i;
      starting.add(threads.submit(() -> start(name, server)));
    }
    for (Future<TestNode> started : starting) {
      nodes.add(started.get(WAIT.toSeconds(), TimeUnit.SECONDS));
    }
    nodes.get(0).run("CREATE TABLE t(id TEXT NOT NULL PRIMARY KEY, v INTEGER)");

    try (EmbeddedServer server = EmbeddedServer.acquire(servers.get(0));
        TestNode joining = join(server.clientUrl())) {
      assertThat(joining.engine().status().notices())
          .anyMatch(notice -> notice.contains("replicas 3, not 1"));
      assertThat(replicas(server.clientUrl())).isEqualTo(NODES);
      joining.run("INSERT INTO t VALUES('joining', 1)");
    }

    write("before");
    converge(NODES * ROWS + 2);

    killServer(servers.get(0)); // its application starts it again
    write("while");
    converge(2 * NODES * ROWS + 2);

    nodes.get(1).restart();
    write("after");
    converge(3 * NODES * ROWS + 2);
  }

  private TestNode join(String url) {
    return TestNode.start(
        folder,
        "joining",
        url,
        options -> options.nats(NatsConnectionOptions.servers(url).user("app", "s3cret").build()));
  }

  private TestNode start(String name, EmbeddedServerOptions server) {
    return TestNode.start(
        folder,
        name,
        "nats://unused",
        options -> options.embeddedServer(server).stream(REPLICATED).startupTimeout(WAIT));
  }

  private List<EmbeddedServerOptions> servers() throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
    }
    List<String> routes = new ArrayList<>();
    for (ServerSocket socket : sockets) {
      routes.add("127.0.0.1:" + socket.getLocalPort());
      socket.close();
    }
    List<EmbeddedServerOptions> servers = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      servers.add(
          EmbeddedServerOptions.builder()
              .name("server" + i)
              .port(0)
              .username("app")
              .password("s3cret")
              .storeDir(folder.resolve("nats" + i))
              .cluster(new Cluster("test", sockets.get(i).getLocalPort(), routes))
              .build());
    }
    return servers;
  }

  /** All nodes write at the same moment, rows of their own and one that all want. */
  private void write(String when) throws Exception {
    List<Future<?>> writers = new ArrayList<>();
    for (TestNode node : nodes) {
      String name = node.file().getFileName().toString();
      writers.add(
          threads.submit(
              () -> {
                for (int i = 0; i < ROWS; i++) {
                  insert(node, when + name + i, i);
                }
                return true;
              }));
    }
    for (Future<?> writer : writers) {
      writer.get(WAIT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /** Repeats what failed while the cluster was looking for a leader: it has a key of its own. */
  private static void insert(TestNode node, String id, int value) throws Exception {
    Eventually.holds(
        () -> {
          try {
            node.run(
                "INSERT OR REPLACE INTO t VALUES('" + id + "', " + value + ")",
                "INSERT OR REPLACE INTO t VALUES('all', " + value + ")");
          } catch (SQLException e) {
            throw new AssertionError(e);
          }
        });
  }

  private void converge(int rows) throws Exception {
    long end = 0;
    for (TestNode node : nodes) {
      end = Math.max(end, node.engine().status().position());
    }
    Map<String, List<String>> expected = null;
    for (TestNode node : nodes) {
      node.awaitSequence(end);
      Map<String, List<String>> content = node.content();
      expected = expected == null ? content : expected;
      assertThat(content).isEqualTo(expected);
      assertThat(node.one("SELECT count(*) FROM t")).isEqualTo(String.valueOf(rows));
    }
  }

  private static int replicas(String url) throws Exception {
    try (Connection client =
        Nats.connect(new Options.Builder().server(url).userInfo("app", "s3cret").build())) {
      return client
          .jetStreamManagement()
          .getStreamInfo(REPLICATED.name())
          .getConfiguration()
          .getReplicas();
    }
  }

  private static void killServer(EmbeddedServerOptions options) {
    try (EmbeddedServer server = EmbeddedServer.acquire(options)) {
      ProcessHandle.of(server.pid().orElseThrow()).orElseThrow().destroyForcibly();
    }
  }
}
