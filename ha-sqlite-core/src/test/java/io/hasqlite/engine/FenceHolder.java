package io.hasqlite.engine;

import io.hasqlite.stream.StreamOptions;
import io.hasqlite.stream.nats.NatsConnectionOptions;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;

/**
 * A process that is killed in the middle of a migration: it has committed one step of it, and the
 * next is open.
 */
final class FenceHolder {

  static final String HELD = "held";

  private FenceHolder() {}

  /** Takes the file, the node's name, the server, the stream's name and the expiry in ms. */
  public static void main(String[] args) throws Exception {
    HaSqliteOptions options =
        HaSqliteOptions.builder(Path.of(args[0]))
            .nodeName(args[1])
            .databaseName("test")
            .nats(NatsConnectionOptions.servers(args[2]).build())
            .stream(StreamOptions.defaults().withName(args[3]))
            .build();
    FenceOptions fence =
        new FenceOptions(
            "a migration", Duration.ofSeconds(20), Duration.ofMillis(Long.parseLong(args[4])));
    try (HaSqlite engine = HaSqlite.open(options);
        Connection connection = engine.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      engine.exclusively(
          fence,
          () -> {
            statement.execute("CREATE TABLE step1(id INTEGER PRIMARY KEY)");
            connection.setAutoCommit(false);
            statement.execute("CREATE TABLE step2(id INTEGER PRIMARY KEY)");
            System.out.println(HELD);
            return System.in.read(); // until it is killed
          });
    }
  }
}
