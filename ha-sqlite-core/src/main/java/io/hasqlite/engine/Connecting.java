package io.hasqlite.engine;

import io.hasqlite.server.EmbeddedServer;
import io.hasqlite.stream.nats.NatsConnection;
import io.hasqlite.stream.nats.NatsConnectionOptions;
import io.hasqlite.stream.nats.SharedNatsConnection;
import java.util.Deque;
import java.util.Objects;

/** Connects to the configured server, which is started if it is an embedded one. */
final class Connecting {

  private Connecting() {}

  /**
   * Connects in the background, or shares the connection of another database of this process.
   *
   * @param resources what is to be closed, the last one first; gets the embedded server and the
   *     connection
   */
  static NatsConnection connect(HaSqliteOptions options, Deque<AutoCloseable> resources) {
    NatsConnectionOptions nats = options.nats;
    if (options.embeddedServer != null) {
      EmbeddedServer server = EmbeddedServer.acquire(options.embeddedServer);
      resources.push(server);
      NatsConnectionOptions.Builder builder =
          nats != null
              ? nats.toBuilder(server.clientUrl())
              : NatsConnectionOptions.servers(server.clientUrl());
      if (options.embeddedServer.username() != null && options.embeddedServer.password() != null) {
        builder.user(options.embeddedServer.username(), options.embeddedServer.password());
      }
      nats = builder.build();
    }
    SharedNatsConnection shared =
        SharedNatsConnection.acquire(Objects.requireNonNull(nats), options.node.value());
    resources.push(shared);
    return shared.connection();
  }
}
