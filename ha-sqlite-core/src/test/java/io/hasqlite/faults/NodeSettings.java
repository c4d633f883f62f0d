package io.hasqlite.faults;

import io.hasqlite.FaultPoint;
import io.hasqlite.engine.BootstrapPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a worker process is started with.
 *
 * @param name the node's name
 * @param file the database
 * @param servers the addresses of NATS
 * @param async whether it publishes asynchronously
 * @param bootstrap what its file is to become if it does not fit the cluster
 * @param replicas on how many servers the stream is kept
 * @param clock how far the node's clock is off
 * @param diskFull whether the file may not grow
 * @param dieAt where the process shall die; null for nowhere
 */
record NodeSettings(
    String name,
    Path file,
    List<String> servers,
    boolean async,
    BootstrapPolicy bootstrap,
    int replicas,
    Duration clock,
    boolean diskFull,
    @Nullable FaultPoint dieAt) {

  NodeSettings withClock(Duration value) {
    return new NodeSettings(
        name, file, servers, async, bootstrap, replicas, value, diskFull, dieAt);
  }

  NodeSettings withDiskFull() {
    return new NodeSettings(name, file, servers, async, bootstrap, replicas, clock, true, dieAt);
  }

  NodeSettings withDeathAt(FaultPoint point) {
    return new NodeSettings(
        name, file, servers, async, bootstrap, replicas, clock, diskFull, point);
  }

  NodeSettings withBootstrap(BootstrapPolicy value) {
    return new NodeSettings(name, file, servers, async, value, replicas, clock, diskFull, dieAt);
  }

  List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    arguments.add("node=" + name);
    arguments.add("file=" + file);
    arguments.add("servers=" + String.join(",", servers));
    arguments.add("async=" + async);
    arguments.add("bootstrap=" + bootstrap);
    arguments.add("replicas=" + replicas);
    arguments.add("clock=" + clock);
    if (diskFull) {
      arguments.add("pages=1"); // SQLite takes the present size for it
    }
    if (dieAt != null) {
      arguments.add("dieAt=" + dieAt);
    }
    return arguments;
  }
}
