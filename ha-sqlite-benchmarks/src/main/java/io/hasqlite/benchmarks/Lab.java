package io.hasqlite.benchmarks;

import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.HaSqliteOptions;
import io.hasqlite.server.EmbeddedServer;
import io.hasqlite.server.EmbeddedServerOptions;
import io.hasqlite.stream.StreamOptions;
import io.hasqlite.stream.nats.NatsConnectionOptions;
import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the benchmarks work with: a folder, a nats-server of its own, streams and engines. A forked
 * JVM of JMH uses the server of the run.
 */
final class Lab implements AutoCloseable {

  /** By these properties a forked JVM learns of the run's server and folder. */
  static final String URL = "bench.url";

  static final String FOLDER = "bench.folder";

  private final Path folder;
  private final String url;
  private final @Nullable EmbeddedServer server;
  private @Nullable Connection nats;

  private Lab(Path folder, String url, @Nullable EmbeddedServer server) {
    this.folder = folder;
    this.url = url;
    this.server = server;
  }

  /** Starts a server, in a new folder. */
  static Lab start() throws Exception {
    Path folder = Files.createTempDirectory("ha-sqlite-bench-");
    EmbeddedServer server =
        EmbeddedServer.acquire(
            EmbeddedServerOptions.builder().port(0).storeDir(folder.resolve("nats")).build());
    return new Lab(folder, server.clientUrl(), server);
  }

  /** Returns the lab of the process that forked this one. */
  static Lab ofParent() {
    return new Lab(Path.of(System.getProperty(FOLDER)), System.getProperty(URL), null);
  }

  String url() {
    return url;
  }

  Path folder() {
    return folder;
  }

  /** Returns a name that was not used before. */
  static String fresh(String what) {
    return what + "_" + UUID.randomUUID().toString().substring(0, 8);
  }

  /** Returns a client of the server, the same each time. */
  Connection nats() throws Exception {
    Connection open = nats;
    if (open == null) {
      open = connect();
      nats = open;
    }
    return open;
  }

  /** Returns another client of the server. */
  Connection connect() throws Exception {
    return Nats.connect(
        Options.builder().server(url).errorListener(new ErrorListener() {}).build());
  }

  /** Makes a stream like the engine's, with one subject; returns its name, which is the subject. */
  String stream() throws Exception {
    String name = fresh("plain");
    nats()
        .jetStreamManagement()
        .addStream(
            StreamConfiguration.builder()
                .name(name)
                .subjects(name)
                .storageType(StorageType.File)
                .maxAge(Duration.ofHours(24))
                .build());
    return name;
  }

  void deleteStream(String name) throws Exception {
    nats().jetStreamManagement().deleteStream(name);
  }

  /**
   * Opens a node. Snapshots and comparisons are off unless they are turned on: they come once in a
   * while, and a short measurement would meet them by chance.
   */
  HaSqlite node(
      String stream, String name, Path file, UnaryOperator<HaSqliteOptions.Builder> changes) {
    HaSqliteOptions.Builder builder =
        HaSqliteOptions.builder(file).nodeName(name).databaseName("bench").stream(
                StreamOptions.defaults().withName(stream))
            .startupTimeout(Duration.ofMinutes(5))
            .snapshotterEnabled(false)
            .nats(NatsConnectionOptions.servers(url).build());
    return HaSqlite.open(changes.apply(builder).build());
  }

  /** Returns the path of a new file in a folder of its own. */
  Path file(String name) throws Exception {
    return Files.createDirectory(folder.resolve(fresh(name))).resolve("bench.db");
  }

  /** Waits until a node has sent all that it committed, and has seen it come back. */
  static void drain(HaSqlite node) throws InterruptedException {
    while (node.status().backlog().transactions() > 0) {
      Thread.sleep(1);
    }
  }

  /** Runs statements on a node. */
  static void run(HaSqlite node, String... statements) throws SQLException {
    try (java.sql.Connection connection = node.dataSource().getConnection();
        java.sql.Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  @Override
  public void close() throws Exception {
    if (nats != null) {
      nats.close();
    }
    if (server != null) {
      server.close();
      Folders.delete(folder);
    }
  }
}
