package io.hasqlite.testing;

import io.hasqlite.server.EmbeddedServer;
import io.hasqlite.server.EmbeddedServerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A private nats-server on a free port with a store directory of its own, for tests with and
 * without JUnit. It is not started again by itself: a test decides when it dies and returns. Not
 * safe for use by several threads.
 */
public final class TestNatsServer implements AutoCloseable {

  private static final long KILL_TIMEOUT_SECONDS = 10;

  private final Path directory;
  private EmbeddedServerOptions options;
  private @Nullable EmbeddedServer server;

  private TestNatsServer(Path directory, EmbeddedServerOptions options) {
    this.directory = directory;
    this.options = options;
  }

  /** Starts a server. */
  public static TestNatsServer start() {
    return start(UnaryOperator.identity());
  }

  /** Starts a server with options that differ from the usual ones, such as a password. */
  public static TestNatsServer start(UnaryOperator<EmbeddedServerOptions.Builder> changes) {
    Path directory = temporaryDirectory();
    EmbeddedServerOptions.Builder builder =
        EmbeddedServerOptions.builder().port(0).restart(false).storeDir(directory);
    TestNatsServer started = new TestNatsServer(directory, changes.apply(builder).build());
    started.acquire();
    return started;
  }

  /** Returns the address for clients; it stays the same for ever. */
  public String url() {
    return "nats://" + options.host() + ":" + options.port();
  }

  /** Returns the port for clients. */
  public int port() {
    return options.port();
  }

  /** Returns where the streams are stored. */
  public Path streams() {
    return options.storeDir().resolve("jetstream");
  }

  /** Whether the server runs. */
  public boolean isRunning() {
    return server != null && server.isRunning();
  }

  /** Stops the server; what is stored stays. Does nothing if it does not run. */
  public void stop() {
    if (server != null) {
      server.close();
      server = null;
    }
  }

  /** Kills the server (SIGKILL), so that it can write nothing more, and waits for its end. */
  public void kill() {
    if (server == null || server.pid().isEmpty()) {
      throw new IllegalStateException("The server does not run");
    }
    ProcessHandle process = ProcessHandle.of(server.pid().getAsLong()).orElseThrow();
    process.destroyForcibly();
    try {
      process.onExit().get(KILL_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("The server survived SIGKILL", e);
    }
    stop();
  }

  /**
   * Starts the server again on the same port with what it has stored; stops it before if it runs.
   */
  public void restart() {
    stop();
    acquire();
  }

  /** Starts the server again on the same port without any stream. */
  public void restartEmpty() {
    stop();
    delete(streams());
    acquire();
  }

  /** Stops the server and deletes what it has stored; may be called again. */
  @Override
  public void close() {
    stop();
    delete(directory);
  }

  private void acquire() {
    EmbeddedServer started = EmbeddedServer.acquire(options);
    server = started;
    options = options.toBuilder().port(started.port()).build();
  }

  private static Path temporaryDirectory() {
    try {
      return Files.createTempDirectory("ha-sqlite-nats-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(directory)) {
      List<Path> paths = tree.sorted(Comparator.reverseOrder()).toList();
      for (Path path : paths) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
