package io.hasqlite.server;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A nats-server that belongs to this process: the real program as a child process. There is no NATS
 * server for the JVM.
 *
 * <p>It is ready when {@link #acquire} returns: it accepts clients and has JetStream. (In a cluster
 * JetStream also needs a majority of the servers, which is not waited for.) If it dies it is
 * started again at the same address. It stops with its last user's {@link #close()} or with the
 * JVM. If the JVM was killed it goes on, and the next process with the same store directory takes
 * it over.
 *
 * <p>Safe for use by several threads.
 */
public final class EmbeddedServer implements AutoCloseable {

  /** Hears of the server's end and return. */
  @FunctionalInterface
  public interface Listener {

    /**
     * Called after the server died or was started again, on the thread that watches it: must not
     * block and must not close the server.
     *
     * @param isRunning whether it runs now
     */
    void runningChanged(boolean isRunning);
  }

  private static final SharedServers SERVERS = new SharedServers();

  private final SharedServers.Shared shared;
  private final AtomicBoolean closed = new AtomicBoolean();

  private EmbeddedServer(SharedServers.Shared shared) {
    this.shared = shared;
  }

  /**
   * Returns the server with these options; starts it if nobody in this process uses it yet. Blocks
   * until it is ready, at most for the start time-out, after a download if that is needed.
   *
   * @throws EmbeddedServerException if it cannot be had; the message says what to do
   */
  public static EmbeddedServer acquire(EmbeddedServerOptions options) {
    return new EmbeddedServer(SERVERS.acquire(options));
  }

  /**
   * Returns the address for clients of this process, such as {@code nats://127.0.0.1:4222}, without
   * credentials. It stays the same while the server is in use.
   */
  public String clientUrl() {
    return shared.supervisor().url().toString();
  }

  /** Returns the port for clients, also if the system chose it. */
  public int port() {
    return shared.supervisor().url().getPort();
  }

  /** Whether the server runs at this moment. */
  public boolean isRunning() {
    return !closed.get() && shared.supervisor().running().isPresent();
  }

  /** Returns the process's number while it runs. */
  public OptionalLong pid() {
    return shared.supervisor().running().stream()
        .mapToLong(server -> server.process().pid())
        .findFirst();
  }

  /** Adds a listener. */
  public void addListener(Listener listener) {
    shared.supervisor().addListener(listener);
  }

  /** Removes a listener; one that was not added is ignored. */
  public void removeListener(Listener listener) {
    shared.supervisor().removeListener(listener);
  }

  /**
   * Gives the server back. The last user's call stops it and waits for its end, at most some
   * seconds. Further calls do nothing.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      SERVERS.release(shared);
    }
  }
}
