package io.hasqlite.stream.nats;

import io.nats.client.Options;

/**
 * Changes the NATS client's options after all of ours are set. It is called before each attempt to
 * open the connection, so it must do the same each time. Taking away what replication relies on
 * (reconnecting, the reconnect buffer of size 0) is possible and on the caller's head.
 */
@FunctionalInterface
public interface NatsOptionsCustomizer {

  /** Changes options. */
  void customize(Options.Builder options);
}
