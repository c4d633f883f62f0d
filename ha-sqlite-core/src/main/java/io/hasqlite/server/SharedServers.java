package io.hasqlite.server;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The servers of this process and how many use each. */
final class SharedServers {

  /** One server in use; its counter is guarded by the outer object. */
  static final class Shared {

    private final EmbeddedServerOptions options;
    private final ServerSupervisor supervisor;
    private final @Nullable Thread exitHook;
    private int users;

    private Shared(EmbeddedServerOptions options) {
      this.options = options;
      this.supervisor = new ServerSupervisor(options, ServerBinary.Places.ofThisMachine());
      this.exitHook =
          options.stopAtExit() ? new Thread(supervisor::stop, "ha-sqlite-nats-server-exit") : null;
    }

    ServerSupervisor supervisor() {
      return supervisor;
    }
  }

  private final Map<Path, Shared> byStoreDir = new HashMap<>();

  /** Returns the server with these options, started if this is its first user. */
  synchronized Shared acquire(EmbeddedServerOptions options) {
    Shared shared = byStoreDir.get(options.storeDir());
    if (shared == null) {
      requireFreePort(options);
      shared = new Shared(options);
      if (shared.exitHook != null) {
        Runtime.getRuntime().addShutdownHook(shared.exitHook);
      }
      boolean started = false;
      try {
        shared.supervisor.start();
        started = true;
      } finally {
        if (!started) {
          removeExitHook(shared);
        }
      }
      byStoreDir.put(options.storeDir(), shared);
    } else if (!shared.options.equals(options)) {
      throw new EmbeddedServerException(
          "This process already runs an embedded nats-server in "
              + options.storeDir()
              + " with another "
              + difference(shared.options, options)
              + ". Databases that share a server need the same ha.sqlite.nats.embedded settings");
    }
    shared.users++;
    return shared;
  }

  /** Gives a server back; the last user stops it. */
  synchronized void release(Shared shared) {
    shared.users--;
    if (shared.users == 0) {
      byStoreDir.remove(shared.options.storeDir());
      removeExitHook(shared);
      shared.supervisor.stop();
    }
  }

  private void requireFreePort(EmbeddedServerOptions options) {
    if (options.port() == 0 || options.configFile() != null) {
      return;
    }
    for (Shared other : byStoreDir.values()) {
      if (other.options.configFile() == null && other.options.port() == options.port()) {
        throw new EmbeddedServerException(
            "This process already runs an embedded nats-server on port "
                + options.port()
                + ", with the store-dir "
                + other.options.storeDir()
                + " instead of "
                + options.storeDir()
                + ". Databases that share a server need the same ha.sqlite.nats.embedded settings");
      }
    }
  }

  private static String difference(EmbeddedServerOptions a, EmbeddedServerOptions b) {
    List<String> names = new ArrayList<>();
    for (RecordComponent component : EmbeddedServerOptions.class.getRecordComponents()) {
      try {
        if (!Objects.equals(component.getAccessor().invoke(a), component.getAccessor().invoke(b))) {
          names.add(component.getName());
        }
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
    return String.join(", ", names);
  }

  private static void removeExitHook(Shared shared) {
    if (shared.exitHook == null) {
      return;
    }
    try {
      Runtime.getRuntime().removeShutdownHook(shared.exitHook);
    } catch (IllegalStateException e) {
      // The JVM is exiting: the hook runs and finds the server stopped.
    }
  }
}
