package io.hasqlite.boot.autoconfigure;

import io.hasqlite.server.EmbeddedServerOptions;
import io.hasqlite.stream.nats.NatsConnectionOptions;
import org.jspecify.annotations.Nullable;

/**
 * How all databases of the application connect: one set of options, so one connection.
 *
 * @param nats how to connect; null where nothing is replicated
 * @param embedded the server to run for it; null where there is another one
 */
record HaSqliteServer(
    @Nullable NatsConnectionOptions nats, @Nullable EmbeddedServerOptions embedded) {}
