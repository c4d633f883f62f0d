package io.hasqlite.faults;

import io.hasqlite.testing.TestNatsServer;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.ClusterInfo;
import io.nats.client.api.Replica;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One nats-server, or three that form a cluster, and a client that no fault stands before. */
final class Servers implements AutoCloseable {

  static final String STREAM = "ha_replication";
  static final String SUBJECT = STREAM + ".test";

  private static final String NAME = "server";

  /**
   * What is in it expires in moments. A server of 2.9.10 that came back empty then begins to count
   * anew.
   */
  private static final String CLAIMS = "_CLAIMS";

  private static final Duration PATIENCE = Duration.ofSeconds(180);

  /**
   * nats-server 2.9.10 now and then does not bring a replica up to date. A human restarts it then,
   * empties it once more if it came back empty, or has another server lead, and so do we.
   */
  private static final Duration RESTART_AFTER = Duration.ofSeconds(30);

  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);

  private final List<TestNatsServer> servers = new ArrayList<>();
  private final List<ServerMonitor> monitors = new ArrayList<>();
  private final Consumer<String> timeline;
  private final Connection client;

  Servers(Path folder, int count, Consumer<String> timeline) throws Exception {
    this.timeline = timeline;
    List<Integer> ports = freePorts(3 * count);
    List<String> routes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      routes.add("nats-route://127.0.0.1:" + ports.get(count + i));
    }
    List<String> urls = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Path home = Files.createDirectories(folder.resolve("server" + i));
      Path config = home.resolve("server.conf");
      String text =
          "server_name: %s%d\nhost: 127.0.0.1\nport: %d\nping_interval: \"5s\"\nping_max: 2\n"
                  .formatted(NAME, i, ports.get(i))
              + "http: \"127.0.0.1:%d\"\n".formatted(ports.get(2 * count + i))
              + "jetstream { store_dir: \"%s\" }\n".formatted(home);
      if (count > 1) {
        text +=
            "cluster { name: faults, host: 127.0.0.1, port: %d, no_advertise: true, routes: [%s] }\n"
                .formatted(ports.get(count + i), String.join(", ", routes));
      }
      Files.writeString(config, text);
      servers.add(TestNatsServer.start(options -> options.configFile(config).storeDir(home)));
      monitors.add(new ServerMonitor(ports.get(2 * count + i)));
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

  /** Returns the sequence of the database's last message. */
  long lastSequence() throws Exception {
    return management().getLastMessage(STREAM, SUBJECT).getSeq();
  }

  /**
   * Waits until each stream has a leader, and each server has everything that any of them has now.
   */
  void awaitReplicas() throws Exception {
    awaitReplicas(null);
  }

  /**
   * Waits as {@link #awaitReplicas()} does.
   *
   * @param emptied the server that came back empty, so that it has nothing to lose; null for none
   */
  void awaitReplicas(@Nullable TestNatsServer emptied) throws Exception {
    Map<String, Long> wanted = new HashMap<>();
    long start = System.nanoTime();
    long restarted = start;
    boolean again = false;
    Unwell unwell;
    while ((unwell = findUnwell(wanted)) != null) {
      long now = System.nanoTime();
      if (now - start > PATIENCE.toNanos()) {
        throw new AssertionError("NATS did not heal within " + PATIENCE + ": " + unwell.why());
      }
      if (servers.size() > 1 && now - restarted > RESTART_AFTER.toNanos()) {
        TestNatsServer server = servers.get(unwell.server());
        boolean empty = again && server == emptied;
        timeline.accept(
            NAME
                + unwell.server()
                + (empty ? " is emptied again: " : " is restarted: ")
                + unwell.why());
        if (again && unwell.stream() != null) {
          stepDown(unwell.stream());
        }
        if (empty) {
          server.restartEmpty();
        } else {
          server.restart();
        }
        restarted = System.nanoTime();
        again = true;
      }
      Patience.pause();
    }
  }

  private void stepDown(String stream) throws InterruptedException {
    timeline.accept("the leader of " + stream + " steps down");
    client.request("$JS.API.STREAM.LEADER.STEPDOWN." + stream, null, REQUEST_TIMEOUT);
  }

  /**
   * A server that has not what it should have.
   *
   * @param stream the stream whose leader says so; null where it is no leader
   */
  private record Unwell(int server, String why, @Nullable String stream) {

    Unwell(int server, String why) {
      this(server, why, null);
    }
  }

  private @Nullable Unwell findUnwell(Map<String, Long> wanted) {
    List<Map<String, Long>> copies = new ArrayList<>();
    for (int i = 0; i < servers.size(); i++) {
      try {
        monitors.get(i).checkHealth();
        copies.add(monitors.get(i).lastSequences());
      } catch (IOException e) {
        return new Unwell(i, e.toString());
      }
    }
    if (wanted.isEmpty()) {
      copies.forEach(copy -> copy.forEach((name, last) -> wanted.merge(name, last, Math::max)));
      wanted.keySet().removeIf(name -> name.endsWith(CLAIMS));
    }
    for (int i = 0; i < servers.size(); i++) {
      for (Map.Entry<String, Long> stream : wanted.entrySet()) {
        if (copies.get(i).getOrDefault(stream.getKey(), -1L) < stream.getValue()) {
          return new Unwell(i, copies.get(i) + " instead of " + wanted);
        }
      }
    }
    return servers.size() == 1 ? null : findUnwellReplica(wanted.keySet());
  }

  private @Nullable Unwell findUnwellReplica(Set<String> streams) {
    for (String name : streams) {
      try {
        ClusterInfo cluster = management().getStreamInfo(name).getClusterInfo();
        if (cluster.getLeader() == null) {
          return new Unwell(0, "stream " + name + " has no leader");
        }
        for (Replica replica : cluster.getReplicas()) {
          if (!replica.isCurrent() || replica.isOffline() || replica.getLag() > 0) {
            int server = Integer.parseInt(replica.getName().substring(NAME.length()));
            return new Unwell(server, "stream " + name + ": " + replica, name);
          }
        }
      } catch (IOException | JetStreamApiException | IllegalStateException e) {
        return new Unwell(0, "stream " + name + ": " + e);
      }
    }
    return null;
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
