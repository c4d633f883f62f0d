package io.hasqlite.faults;

import io.hasqlite.testing.TestNatsServer;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.ClusterInfo;
import io.nats.client.api.StreamInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One nats-server, or three that form a cluster, and a client that no fault stands before. */
final class Servers implements AutoCloseable {

  static final String STREAM = "ha_replication";
  static final String SUBJECT = STREAM + ".test";

  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);

  private final List<TestNatsServer> servers = new ArrayList<>();
  private final Connection client;

  Servers(Path folder, int count) throws Exception {
    List<Integer> ports = freePorts(2 * count);
    List<String> routes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      routes.add("nats-route://127.0.0.1:" + ports.get(count + i));
    }
    List<String> urls = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Path home = Files.createDirectories(folder.resolve("server" + i));
      Path config = home.resolve("server.conf");
      String text =
          "server_name: server%d\nhost: 127.0.0.1\nport: %d\nping_interval: \"5s\"\nping_max: 2\n"
                  .formatted(i, ports.get(i))
              + "jetstream { store_dir: \"%s\" }\n".formatted(home);
      if (count > 1) {
        text +=
            "cluster { name: faults, host: 127.0.0.1, port: %d, no_advertise: true, routes: [%s] }\n"
                .formatted(ports.get(count + i), String.join(", ", routes));
      }
      Files.writeString(config, text);
      servers.add(TestNatsServer.start(options -> options.configFile(config).storeDir(home)));
      urls.add(servers.get(i).url().replaceAll(":\\d+$", ":" + ports.get(i)));
    }
    client =
        Nats.connect(
            Options.builder()
                .servers(urls.toArray(String[]::new))
                .maxReconnects(-1)
                .reconnectWait(Duration.ofMillis(200))
                .pingInterval(Duration.ofSeconds(1))
                .ignoreDiscoveredServers()
                .errorListener(new io.nats.client.ErrorListener() {})
                .build());
  }

  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  List<TestNatsServer> all() {
    return servers;
  }

  TestNatsServer get(int index) {
    return servers.get(index);
  }

  /** Starts what does not run. */
  void heal() {
    for (TestNatsServer server : servers) {
      if (!server.isRunning()) {
        server.restart();
      }
    }
  }

  /** Returns the sequence of the database's last message. */
  long lastSequence() throws Exception {
    return management().getLastMessage(STREAM, SUBJECT).getSeq();
  }

  /** Waits until each stream has a leader, and all its replicas have everything. */
  void awaitReplicas() throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    String missing;
    while (!(missing = missing()).isEmpty()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("NATS did not heal within " + PATIENCE + ": " + missing);
      }
      Patience.pause();
    }
  }

  private String missing() throws InterruptedException {
    if (!servers.stream().allMatch(TestNatsServer::isRunning)) {
      return "not all servers run";
    }
    try {
      for (String name : management().getStreamNames()) {
        StreamInfo info = management().getStreamInfo(name);
        ClusterInfo cluster = info.getClusterInfo();
        if (servers.size() > 1
            && (cluster == null
                || cluster.getLeader() == null
                || cluster.getReplicas().size() + 1 < info.getConfiguration().getReplicas()
                || !cluster.getReplicas().stream()
                    .allMatch(r -> r.isCurrent() && !r.isOffline() && r.getLag() == 0))) {
          return "stream " + name + ": " + cluster;
        }
      }
      return "";
    } catch (IOException | JetStreamApiException | IllegalStateException e) {
      return e.toString();
    }
  }

  private JetStreamManagement management() throws IOException {
    return client.jetStreamManagement(
        io.nats.client.JetStreamOptions.builder().requestTimeout(REQUEST_TIMEOUT).build());
  }

  @Override
  public void close() throws InterruptedException {
    client.close();
    servers.forEach(TestNatsServer::close);
  }
}
