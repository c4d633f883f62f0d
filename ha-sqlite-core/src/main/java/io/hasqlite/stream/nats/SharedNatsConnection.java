package io.hasqlite.stream.nats;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One user's share in a connection to NATS. All databases of this process that connect with equal
 * options and under the same name share one connection; the last one to close its share closes it.
 * Safe for use by several threads.
 */
public final class SharedNatsConnection implements AutoCloseable {

  private record Key(NatsConnectionOptions options, String name) {}

  /** One connection in use; guarded by the map of all. */
  private static final class Entry {

    private final NatsConnection connection;
    private int users;

    private Entry(NatsConnection connection) {
      this.connection = connection;
    }
  }

  private static final Map<Key, Entry> IN_USE = new HashMap<>();

  private final Key key;
  private final NatsConnection connection;
  private final AtomicBoolean closed = new AtomicBoolean();

  private SharedNatsConnection(Key key, NatsConnection connection) {
    this.key = key;
    this.connection = connection;
  }

  /**
   * Returns a share in the connection with these options, which its first user starts to make, in
   * the background.
   *
   * @param name what the server shows for this connection: the node
   */
  public static SharedNatsConnection acquire(NatsConnectionOptions options, String name) {
    Key key = new Key(options, name);
    synchronized (IN_USE) {
      Entry entry =
          IN_USE.computeIfAbsent(key, missing -> new Entry(NatsConnection.open(options, name)));
      entry.users++;
      return new SharedNatsConnection(key, entry.connection);
    }
  }

  /** Returns the connection, which is not to be closed by itself. */
  public NatsConnection connection() {
    return connection;
  }

  /** Gives the share back. Further calls do nothing. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    synchronized (IN_USE) {
      Entry entry = Objects.requireNonNull(IN_USE.get(key));
      entry.users--;
      if (entry.users > 0) {
        return;
      }
      IN_USE.remove(key);
    }
    connection.close();
  }
}
