package io.hasqlite.engine;

import io.hasqlite.snapshot.Restorer;
import io.hasqlite.snapshot.SnapshotException;
import io.hasqlite.stream.StoredSnapshot;
import io.hasqlite.stream.nats.NatsConnection;
import io.hasqlite.stream.nats.NatsSnapshotStore;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** Reads the latest snapshot without opening a database. */
final class LatestSnapshot {

  private LatestSnapshot() {}

  static Optional<StoredSnapshot> read(HaSqliteOptions options, Path target) {
    if (!options.isReplicated()) {
      throw new SnapshotException(
          "There is no snapshot of \""
              + options.database
              + "\": no NATS server is configured (ha.sqlite.nats.url or ha.sqlite.nats.embedded)",
          null);
    }
    Deque<AutoCloseable> resources = new ArrayDeque<>();
    try {
      NatsConnection connection = Connecting.connect(options, resources);
      connection.awaitConnected(options.startupTimeout);
      return Restorer.read(
          new NatsSnapshotStore(connection, options.stream, options.database), target);
    } finally {
      close(resources);
    }
  }

  private static void close(Deque<AutoCloseable> resources) {
    while (!resources.isEmpty()) {
      try {
        resources.pop().close();
      } catch (Exception e) {
        throw new SnapshotException("The connection to NATS was not closed", e);
      }
    }
  }
}
