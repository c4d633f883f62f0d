package io.hasqlite.faults;

import io.hasqlite.FaultPoint;
import io.hasqlite.engine.BootstrapPolicy;
import io.hasqlite.testing.TcpProxy;
import io.hasqlite.testing.TestNatsServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A node over all its lives: its file, its way to the servers, and the process that it has now.
 * Controlled by one thread; used by several.
 */
final class Node implements AutoCloseable {

  /** Longer than anything may take, on a slow machine too. */
  static final Duration PATIENCE = Duration.ofSeconds(120);

  private final Path log;
  private final List<TcpProxy> network = new ArrayList<>();
  private final Consumer<String> timeline;
  private final Consumer<String> uncaught;
  private NodeSettings settings;
  private volatile @Nullable WorkerProcess worker;

  Node(
      Path folder,
      String name,
      boolean async,
      List<TestNatsServer> servers,
      Consumer<String> timeline,
      Consumer<String> uncaught) {
    this.log = folder.resolve(name + ".log");
    this.timeline = timeline;
    this.uncaught = uncaught;
    for (TestNatsServer server : servers) {
      network.add(TcpProxy.to(server.port()));
    }
    settings =
        new NodeSettings(
            name,
            folder.resolve(name + ".db"),
            network.stream().map(TcpProxy::url).toList(),
            async,
            BootstrapPolicy.AUTO,
            servers.size(),
            Duration.ZERO,
            false,
            null);
  }

  String name() {
    return settings.name();
  }

  boolean isAsync() {
    return settings.async();
  }

  Path file() {
    return settings.file();
  }

  List<TcpProxy> network() {
    return network;
  }

  /** Everything passes again. */
  void healNetwork() {
    network.forEach(TcpProxy::pass);
  }

  /** Returns the process; null if none was started. */
  @Nullable WorkerProcess worker() {
    return worker;
  }

  boolean isAlive() {
    WorkerProcess now = worker;
    return now != null && now.isAlive();
  }

  /** Asks for something; the answer is in doubt if there is no process. */
  CompletableFuture<Answer> ask(String what) {
    WorkerProcess now = worker;
    return now == null ? CompletableFuture.completedFuture(Answer.NONE) : now.ask(what);
  }

  /** Returns what the node says of itself; null if it says nothing. */
  @Nullable NodeStatus status() throws Exception {
    try {
      Answer answer = ask("status").get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return answer.isOk() ? NodeStatus.parse(answer.text()) : null;
    } catch (TimeoutException e) {
      return null;
    }
  }

  /** Starts the node, again and again while the start is refused. */
  void start() throws Exception {
    start(settings);
  }

  /** Starts the node, for once, as a human does who has decided what its file is to become. */
  void start(BootstrapPolicy decision) throws Exception {
    start(settings.withBootstrap(decision));
  }

  private void start(NodeSettings with) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    String refusal;
    while (!(refusal = startOnce(with)).isEmpty()) {
      timeline.accept(name() + " did not start: " + refusal);
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(name() + " does not start: " + refusal);
      }
      Patience.pause();
    }
  }

  private String startOnce(NodeSettings with) throws Exception {
    WorkerProcess started = new WorkerProcess(with, log, uncaught);
    worker = started;
    return started.started().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Starts the node so that it dies at a point; false if it started without coming there. */
  boolean startDyingAt(FaultPoint point) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() - deadline < 0) {
      String refusal = startOnce(settings.withDeathAt(point));
      if (refusal.isEmpty()) {
        return false;
      }
      if (diedAtFaultPoint()) {
        return true;
      }
      timeline.accept(name() + " did not start: " + refusal);
      Patience.pause();
    }
    throw new AssertionError(name() + " does not come to " + point);
  }

  /** Waits until the process has come to the point where it was told to die. */
  boolean diedAtFaultPoint() throws InterruptedException {
    WorkerProcess now = worker;
    return now != null
        && now.awaitEnd(Duration.ofSeconds(15))
        && now.exitCode() == Worker.DIED_AT_FAULT_POINT;
  }

  /** Starts the node with a disk that is full; true if that is what kept it from starting. */
  boolean startWithDiskFull() throws Exception {
    String refusal = startOnce(settings.withDiskFull());
    return refusal.contains("SQLITE_FULL");
  }

  /** Moves the node's clock, now and in its next lives. */
  boolean moveClock(Duration shift) throws Exception {
    settings = settings.withClock(shift);
    return ask("clock " + shift).get(PATIENCE.toSeconds(), TimeUnit.SECONDS).isOk();
  }

  void kill() throws InterruptedException {
    WorkerProcess now = worker;
    if (now != null) {
      now.kill();
    }
  }

  /** Waits until the node follows the stream. */
  void awaitRunning() throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      NodeStatus status = status();
      if (status == null) {
        if (!diedAtFaultPoint()) {
          throw new AssertionError(name() + " has ended or does not answer");
        }
        start(); // it came there in the moment in which it was told not to die any more
        continue;
      }
      if (status.state().equals("RUNNING")) {
        return;
      }
      if (status.isHalted() || System.nanoTime() - deadline > 0) {
        throw new AssertionError(name() + " does not follow the stream: " + status);
      }
      Patience.pause();
    }
  }

  /** Deletes the database. */
  void deleteFiles() throws IOException {
    for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
      Files.deleteIfExists(file().resolveSibling(file().getFileName() + suffix));
    }
  }

  /** Stops the node in good order; fails if it does not end well. */
  void stop() throws Exception {
    WorkerProcess now = worker;
    if (now == null) {
      return;
    }
    Future<Answer> stopped = now.ask("stop");
    if (!now.awaitEnd(PATIENCE) || now.exitCode() != 0) {
      throw new AssertionError(name() + " did not stop: " + stopped);
    }
  }

  /** Describes the node for whoever has to find out what went wrong. */
  String describe() throws Exception {
    StringBuilder text = new StringBuilder(name()).append(": ");
    text.append(isAlive() ? status() : "no process").append('\n');
    WorkerProcess.lastLines(log, 40).forEach(line -> text.append("  ").append(line).append('\n'));
    return text.toString();
  }

  @Override
  public void close() throws InterruptedException {
    kill();
    network.forEach(TcpProxy::close);
  }
}
