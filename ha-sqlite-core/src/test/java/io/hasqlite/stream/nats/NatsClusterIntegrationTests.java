package io.hasqlite.stream.nats;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.ChangeStreamContractTests;
import io.hasqlite.stream.SnapshotStamp;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.StreamOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A replicated stream: servers before 2.9.21 accept two messages with one expectation there. */
@Timeout(120)
class NatsClusterIntegrationTests {

  private static final int SERVERS = 3;
  private static final int EXPECTATIONS = 40;
  private static final int SNAPSHOTS = 20;
  private static final String CREATED = "2026-01-31T10:00:00Z";
  private static final Duration WAIT = Duration.ofSeconds(60);
  private static final StreamOptions OPTIONS = StreamOptions.defaults().withReplicas(SERVERS);

  @TempDir Path directory;
  private final List<PrivateNatsServer> servers = new ArrayList<>();
  private final List<NatsConnection> connections = new ArrayList<>();

  @BeforeEach
  void startCluster() throws Exception {
    List<Integer> ports = freePorts();
    List<String> routes = new ArrayList<>();
    for (int port : ports) {
      routes.add("nats://127.0.0.1:" + port);
    }
    for (int i = 0; i < SERVERS; i++) {
      Path home = Files.createDirectory(directory.resolve("s" + i));
      servers.add(
          PrivateNatsServer.withJetStream(
              home,
              "--name",
              "s" + i,
              "--cluster_name",
              "test",
              "--cluster",
              routes.get(i),
              "--routes",
              String.join(",", routes)));
    }
    for (PrivateNatsServer server : servers) {
      connections.add(
          NatsConnection.connect(
              NatsConnectionOptions.servers(server.url()).build(), "node", WAIT));
    }
  }

  private static List<Integer> freePorts() throws Exception {
    List<ServerSocket> sockets = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < SERVERS; i++) {
      sockets.add(new ServerSocket(0));
      ports.add(sockets.get(i).getLocalPort());
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    return Collections.unmodifiableList(ports);
  }

  @AfterEach
  void stopCluster() {
    connections.forEach(NatsConnection::close);
    servers.forEach(PrivateNatsServer::close);
  }

  private static void awaitOpen(ChangeStream stream) {
    long deadline = System.nanoTime() + WAIT.toNanos();
    while (true) {
      try {
        assertThat(stream.open()).isEmpty();
        return;
      } catch (StreamException e) {
        // The cluster is looking for its leader.
        if (!e.isRetryable() || System.nanoTime() - deadline > 0) {
          throw e;
        }
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void ofManyMessagesWithOneExpectationOneWins() throws Exception {
    List<ChangeStream> streams = new ArrayList<>();
    for (int i = 0; i < SERVERS; i++) {
      ChangeStream stream =
          new NatsChangeStream(
              connections.get(i),
              OPTIONS,
              new DatabaseName("app.db"),
              new Origin(new NodeId("node" + i), i));
      awaitOpen(stream);
      streams.add(stream);
    }
    Winners.assertOneEach(streams);
    streams.forEach(ChangeStream::close);
  }

  @Test
  void ofManySnapshotsAtOnceTheNewestIsTheLatestAndReadable() throws Exception {
    DatabaseName database = new DatabaseName("app.db");
    ExecutorService rivals = Executors.newFixedThreadPool(SERVERS);
    try (NatsChangeStream stream =
        new NatsChangeStream(
            connections.get(0), OPTIONS, database, new Origin(new NodeId("node"), 1))) {
      awaitOpen(stream); // the cluster is ready
      List<NatsSnapshotStore> stores = new ArrayList<>();
      for (NatsConnection connection : connections) {
        stores.add(new NatsSnapshotStore(connection, OPTIONS, database));
      }
      awaitPut(stores.get(0), 1); // makes the bucket
      for (long round = 1; round <= SNAPSHOTS; round++) {
        long first = round * SERVERS;
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Boolean>> results = new ArrayList<>();
        for (int i = 0; i < SERVERS; i++) {
          NatsSnapshotStore store = stores.get(i);
          long position = first + (round % 2 == 0 ? 0 : i); // of one position, and of three
          results.add(
              rivals.submit(
                  () -> {
                    start.await();
                    return put(store, position);
                  }));
        }
        start.countDown();
        int winners = 0;
        for (Future<Boolean> result : results) {
          winners += result.get(WAIT.toSeconds(), TimeUnit.SECONDS) ? 1 : 0;
        }
        // Two may believe it of equal content; what counts is that the latest one can be read.
        assertThat(winners).as("nodes whose snapshot was the latest in %s", round).isPositive();
        long newest = first + (round % 2 == 0 ? 0 : SERVERS - 1);
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        assertThat(stores.get(0).get(read).orElseThrow().sequence()).isEqualTo(newest);
        assertThat(read.size()).isEqualTo(10);
      }
    } finally {
      rivals.shutdownNow();
    }
  }

  private static boolean put(NatsSnapshotStore store, long sequence) throws IOException {
    return store.put(
        new ByteArrayInputStream(new byte[10]),
        new SnapshotStamp(sequence, sequence, CREATED, 4096, "none"));
  }

  private static void awaitPut(NatsSnapshotStore store, long sequence) throws IOException {
    long deadline = System.nanoTime() + WAIT.toNanos();
    while (true) {
      try {
        put(store, sequence);
        return;
      } catch (IOException | StreamException e) {
        // The cluster is making the bucket.
        if (System.nanoTime() - deadline > 0) {
          throw e;
        }
        Thread.onSpinWait();
      }
    }
  }

  /** Reaches what the contract tests share. */
  private abstract static class Winners extends ChangeStreamContractTests {
    static void assertOneEach(List<ChangeStream> streams) throws Exception {
      assertOneWinnerPerExpectation(streams, EXPECTATIONS);
    }
  }
}
