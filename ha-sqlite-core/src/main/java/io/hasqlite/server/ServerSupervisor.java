package io.hasqlite.server;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts one nats-server, starts it again when it dies, and stops it. All of this happens on one
 * thread, which owns the state; other threads only read what is volatile.
 */
final class ServerSupervisor {

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServer.class);

  /** How often a starting server is asked whether it is ready: a start takes 30 to 60 ms. */
  private static final long START_TICK_MS = 5;

  private static final long LOG_TICK_MS = 200;

  /** Long enough that a Ctrl-C which reached the server too has begun to stop this process. */
  private static final Duration BACKOFF_MIN = Duration.ofMillis(250);

  private static final Duration BACKOFF_MAX = Duration.ofSeconds(30);

  /** A server that ran for so long has started well; the next back-off is short again. */
  private static final Duration WELL_AFTER = Duration.ofMinutes(1);

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration KILL_TIMEOUT = Duration.ofSeconds(5);

  /** A server that runs and is ready. */
  record Running(ProcessHandle process, URI url, long sinceNanos) {}

  private final EmbeddedServerOptions options;
  private final ServerBinary.Places places;
  private final List<EmbeddedServer.Listener> listeners = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread created = new Thread(task, "ha-sqlite-nats-server");
            created.setDaemon(true);
            return created;
          });

  private volatile @Nullable Running running;
  private volatile @Nullable URI url;
  private volatile boolean stopping;

  private @Nullable StoreDirectory store;
  private @Nullable ServerLog log;
  private @Nullable ServerBinary binary;
  private int failedStarts;

  ServerSupervisor(EmbeddedServerOptions options, ServerBinary.Places places) {
    this.options = options;
    this.places = places;
  }

  /**
   * Starts the server or takes over the one that an earlier process of this application left, and
   * waits until it is ready.
   *
   * @throws EmbeddedServerException if it does not become ready; nothing is left running then
   */
  void start() {
    Future<?> started = thread.submit(this::firstStart);
    try {
      started.get();
    } catch (ExecutionException e) {
      stop();
      throw e.getCause() instanceof EmbeddedServerException known
          ? known
          : new EmbeddedServerException(
              "The embedded nats-server in "
                  + options.storeDir()
                  + " could not be started: "
                  + e.getCause(),
              e.getCause());
    } catch (InterruptedException e) {
      stop();
      Thread.currentThread().interrupt();
      throw new EmbeddedServerException(
          "Interrupted while the embedded nats-server in " + options.storeDir() + " started", e);
    }
  }

  /** Returns the server's address, which stays the same when it is started again. */
  URI url() {
    URI known = url;
    if (known == null) {
      throw new IllegalStateException("The embedded nats-server was never ready");
    }
    return known;
  }

  Optional<Running> running() {
    return Optional.ofNullable(running).filter(server -> server.process().isAlive());
  }

  void addListener(EmbeddedServer.Listener listener) {
    listeners.add(listener);
  }

  void removeListener(EmbeddedServer.Listener listener) {
    listeners.remove(listener);
  }

  /** Stops the server and waits for its end, also when interrupted; may be called again. */
  synchronized void stop() {
    if (stopping) {
      return;
    }
    stopping = true;
    Future<?> stopped = thread.submit(this::terminate);
    thread.shutdown();
    boolean interrupted = false;
    long deadline = System.nanoTime() + STOP_TIMEOUT.plus(KILL_TIMEOUT).multipliedBy(2).toNanos();
    while (true) {
      try {
        stopped.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException | TimeoutException e) {
        LOG.warn("The embedded nats-server in {} may still run", options.storeDir(), e);
        break;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Void firstStart() throws IOException, InterruptedException {
    binary = ServerBinary.find(options.binary(), options.downloadUrl(), places);
    StoreDirectory directory = StoreDirectory.open(options.storeDir());
    store = directory;
    log = ServerLog.open(directory.logFile(), options.logs());
    warnOfUnknownSyncInterval(binary.version());
    String config = new ServerConfig(options, binary.version()).text();
    Optional<ProcessHandle> leftover = directory.findServer();
    if (leftover.isPresent() && adopt(leftover.get(), config)) {
      LOG.info("Took over the running nats-server at {} in {}", url, directory.path());
    } else {
      if (leftover.isPresent()) {
        LOG.info(
            "Stopping the nats-server that an earlier process left in {}, pid {}",
            directory.path(),
            leftover.get().pid());
        end(leftover.get());
      }
      directory.writeConfig(config);
      launch();
      LOG.info("nats-server {} runs at {} in {}", binary.version(), url, directory.path());
    }
    thread.scheduleWithFixedDelay(this::pumpLog, LOG_TICK_MS, LOG_TICK_MS, TimeUnit.MILLISECONDS);
    return null;
  }

  private void warnOfUnknownSyncInterval(ServerVersion version) {
    if (options.syncInterval() != null
        && options.configFile() == null
        && !version.knowsSyncInterval()) {
      LOG.warn(
          "{}sync-interval needs nats-server 2.10 and is ignored by this one, {}",
          EmbeddedServerOptions.PREFIX,
          version);
    }
  }

  private boolean adopt(ProcessHandle process, String config) throws IOException {
    if (options.configFile() != null || !store().hasConfig(config)) {
      return false;
    }
    Optional<URI> address = address(process);
    if (address.isEmpty()) {
      return false;
    }
    Optional<ServerGreeting> greeting = greeting(address.get());
    String expected = binary().version().toString();
    if (greeting.filter(g -> g.jetStream() && g.version().equals(expected)).isEmpty()) {
      return false;
    }
    watch(process, address.get());
    return true;
  }

  private void launch() throws IOException, InterruptedException {
    store().removeTraces();
    log().pump();
    log().forgetLastLines();
    ProcessBuilder builder = new ProcessBuilder(command());
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(store().logFile().toFile()));
    Process process = builder.start();
    boolean ready = false;
    try {
      process.getOutputStream().close();
      URI address = awaitReady(process);
      log().forgetLastLines();
      watch(process.toHandle(), address);
      ready = true;
    } finally {
      if (!ready) {
        end(process.toHandle());
      }
    }
  }

  private List<String> command() {
    Path config = options.configFile() == null ? store().configFile() : options.configFile();
    if (!Files.isReadable(config)) {
      throw new EmbeddedServerException(
          EmbeddedServerOptions.PREFIX + "config-file is " + config + ", which cannot be read");
    }
    List<String> command = new ArrayList<>();
    command.add(binary().path().toString());
    command.addAll(List.of("-c", config.toString()));
    command.addAll(List.of("-P", store().pidFile().toString()));
    command.addAll(List.of("--ports_file_dir", store().path().toString()));
    URI known = url;
    if (known != null) {
      command.addAll(List.of("-p", String.valueOf(known.getPort())));
    }
    return command;
  }

  private URI awaitReady(Process process) throws IOException, InterruptedException {
    CompletableFuture<?> exit = process.onExit();
    long deadline = System.nanoTime() + options.startTimeout().toNanos();
    while (true) {
      log().pump();
      if (!process.isAlive()) {
        log().pump();
        throw notStarted(process.exitValue());
      }
      Optional<URI> address = address(process.toHandle());
      if (address.isPresent() && isReady(address.get())) {
        return address.get();
      }
      if (stopping) {
        throw new EmbeddedServerException("The embedded nats-server was stopped while it started");
      }
      if (System.nanoTime() - deadline > 0) {
        throw new EmbeddedServerException(
            "The embedded nats-server was not ready after "
                + options.startTimeout().toMillis()
                + " ms"
                + lastLines());
      }
      try {
        exit.get(START_TICK_MS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        continue;
      } catch (ExecutionException e) {
        throw new IOException(e.getCause());
      }
    }
  }

  private boolean isReady(URI address) {
    Optional<ServerGreeting> greeting = greeting(address);
    if (greeting.isPresent() && !greeting.get().jetStream()) {
      throw new EmbeddedServerException(
          options.configFile() == null
              ? "The embedded nats-server has no JetStream" + lastLines()
              : EmbeddedServerOptions.PREFIX
                  + "config-file is "
                  + options.configFile()
                  + ", which does not switch JetStream on: add jetstream { store_dir: ... }");
    }
    // With TLS first, which only a file of the user's can ask for, there is no greeting.
    return greeting.isPresent() || options.configFile() != null;
  }

  private static Optional<ServerGreeting> greeting(URI address) {
    try {
      return ServerGreeting.read(address);
    } catch (IOException e) {
      LOG.debug("{} does not answer yet", address, e);
      return Optional.empty();
    }
  }

  /** The address for clients; one that listens everywhere is reached through loopback. */
  private Optional<URI> address(ProcessHandle process) throws IOException {
    Optional<URI> listed = store().clientUrl(process.pid()).map(URI::create);
    if (options.configFile() != null) {
      return listed;
    }
    String host =
        switch (options.host()) {
          case "0.0.0.0", "::", "[::]" -> EmbeddedServerOptions.DEFAULT_HOST;
          default -> options.host();
        };
    String literal = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    return listed.map(uri -> URI.create("nats://" + literal + ":" + uri.getPort()));
  }

  private void watch(ProcessHandle process, URI address) {
    url = address;
    running = new Running(process, address, System.nanoTime());
    process.onExit().thenRunAsync(this::exited, thread);
  }

  private void exited() {
    Running ended = running;
    if (stopping || ended == null) {
      return;
    }
    running = null;
    pumpLog();
    if (System.nanoTime() - ended.sinceNanos() > WELL_AFTER.toNanos()) {
      failedStarts = 0;
    }
    if (options.restart()) {
      scheduleRestart("The embedded nats-server at " + ended.url() + " died" + lastLines());
    } else {
      LOG.warn("The embedded nats-server at {} died{}", ended.url(), lastLines());
    }
    listeners.forEach(listener -> notify(listener, false));
  }

  private void scheduleRestart(String reason) {
    long delay =
        Math.min(BACKOFF_MIN.toMillis() << Math.min(failedStarts, 10), BACKOFF_MAX.toMillis());
    failedStarts++;
    LOG.warn("{}; start number {} follows in {} ms", reason, failedStarts + 1, delay);
    thread.schedule(this::restart, delay, TimeUnit.MILLISECONDS);
  }

  private void restart() {
    if (stopping) {
      return;
    }
    try {
      launch();
      LOG.info("The embedded nats-server runs again at {}", url);
      listeners.forEach(listener -> notify(listener, true));
    } catch (IOException | EmbeddedServerException e) {
      if (!stopping) {
        scheduleRestart(String.valueOf(e.getMessage()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void notify(EmbeddedServer.Listener listener, boolean isRunning) {
    try {
      listener.runningChanged(isRunning);
    } catch (RuntimeException e) {
      LOG.warn("A listener of the embedded nats-server failed", e);
    }
  }

  private void pumpLog() {
    try {
      log().pump();
    } catch (IOException e) {
      LOG.warn("The log of the embedded nats-server cannot be read: {}", e.toString());
    }
  }

  private @Nullable Void terminate() throws IOException, InterruptedException {
    Running last = running;
    running = null;
    try {
      if (last != null) {
        end(last.process());
        LOG.info("The embedded nats-server at {} has stopped", last.url());
      }
    } finally {
      closeFiles();
    }
    return null;
  }

  private void closeFiles() throws IOException {
    try (StoreDirectory directory = store;
        ServerLog lines = log) {
      if (lines != null) {
        lines.pump();
      }
      if (directory != null && directory.findServer().isEmpty()) {
        directory.removeTraces();
      }
    }
  }

  /** Ends a process: politely, which lets it write everything to the disk, then not. */
  private void end(ProcessHandle process) throws InterruptedException {
    process.destroy();
    if (!awaitEnd(process, STOP_TIMEOUT)) {
      LOG.warn("nats-server, pid {}, does not stop and is killed", process.pid());
      process.destroyForcibly();
      if (!awaitEnd(process, KILL_TIMEOUT)) {
        throw new EmbeddedServerException(
            "nats-server, pid " + process.pid() + ", cannot be stopped; stop it by hand");
      }
    }
  }

  private boolean awaitEnd(ProcessHandle process, Duration timeout) throws InterruptedException {
    CompletableFuture<?> exit = process.onExit();
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!StoreDirectory.hasEnded(process)) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      try {
        exit.get(START_TICK_MS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        continue;
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
    return true;
  }

  private EmbeddedServerException notStarted(int exitValue) {
    for (String line : log().lastLines()) {
      if (line.contains("address already in use") || line.contains("Only one usage of each")) {
        boolean cluster = line.toLowerCase(Locale.ROOT).contains("router");
        return portInUse(cluster);
      }
    }
    return new EmbeddedServerException(
        "The embedded nats-server"
            + (options.configFile() == null ? "" : " with " + options.configFile())
            + " ended at once with exit value "
            + exitValue
            + lastLines());
  }

  private EmbeddedServerException portInUse(boolean isClusterPort) {
    if (options.configFile() != null) {
      return new EmbeddedServerException(
          "The embedded nats-server could not start: a port of "
              + options.configFile()
              + " is in use"
              + lastLines());
    }
    EmbeddedServerOptions.Cluster cluster = options.cluster();
    if (isClusterPort && cluster != null) {
      return new EmbeddedServerException(
          "The embedded nats-server could not start: port "
              + cluster.port()
              + " on "
              + options.host()
              + " is in use by another program. Set "
              + EmbeddedServerOptions.PREFIX
              + "cluster.port to a free one");
    }
    URI known = url;
    int port = known == null ? options.port() : known.getPort();
    return new EmbeddedServerException(
        "The embedded nats-server could not start: port "
            + port
            + " on "
            + options.host()
            + " is in use by another program. Set "
            + EmbeddedServerOptions.PREFIX
            + "port to a free one (0 lets the system choose), or use the server that runs there"
            + " with ha.sqlite.nats.url");
  }

  private String lastLines() {
    List<String> lines = log().lastLines();
    return lines.isEmpty() ? "" : "; its last lines:\n  " + String.join("\n  ", lines);
  }

  private StoreDirectory store() {
    return require(store);
  }

  private ServerLog log() {
    return require(log);
  }

  private ServerBinary binary() {
    return require(binary);
  }

  private static <T> T require(@Nullable T opened) {
    if (opened == null) {
      throw new IllegalStateException("The embedded nats-server was not started");
    }
    return opened;
  }
}
