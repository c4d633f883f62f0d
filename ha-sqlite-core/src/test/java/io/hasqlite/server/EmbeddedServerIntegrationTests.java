package io.hasqlite.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.hasqlite.server.EmbeddedServerOptions.Cluster;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Timeout(60)
class EmbeddedServerIntegrationTests {

  @TempDir Path directory;

  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
  }

  @Test
  void acceptsClientsAndHasJetStreamAsSoonAsItIsThere() throws Exception {
    EmbeddedServer server = acquire(options("a"));

    assertThat(server.isRunning()).isTrue();
    assertThat(server.clientUrl()).isEqualTo("nats://127.0.0.1:" + server.port());
    publish(server, "hello");
    assertThat(messages(server)).isEqualTo(1);
  }

  @Test
  void stopsWithItsLastUserAndKeepsItsStreams() throws Exception {
    EmbeddedServer server = acquire(options("a"));
    publish(server, "hello");
    ProcessHandle process = process(server);
    assertThat(directory.resolve("a/nats-server.pid")).hasContent(String.valueOf(process.pid()));

    server.close();
    server.close();

    assertThat(StoreDirectory.hasEnded(process)).isTrue();
    assertThat(server.isRunning()).isFalse();
    assertThat(directory.resolve("a/nats-server.pid")).doesNotExist();
    EmbeddedServer again = acquire(options("a"));
    assertThat(messages(again)).isEqualTo(1);
  }

  @Test
  void usersWithTheSameOptionsShareOneServer() throws Exception {
    EmbeddedServer first = acquire(options("a"));
    EmbeddedServer second = acquire(options("a"));

    assertThat(second.pid()).isEqualTo(first.pid());
    first.close();
    assertThat(second.isRunning()).isTrue();
    publish(second, "hello");
    ProcessHandle process = process(second);
    second.close();
    assertThat(StoreDirectory.hasEnded(process)).isTrue();
  }

  @Test
  void otherOptionsForTheSameServerAreRefused() throws Exception {
    int port = freePort();
    acquire(options("a").port(port));

    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(() -> acquire(options("a").port(port).logs(true).name("x")))
        .withMessageContaining("with another name, logs");
    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(() -> acquire(options("b").port(port)))
        .withMessageContaining("on port " + port)
        .withMessageContaining(directory.resolve("a").toString());
  }

  @Test
  void aPortInUseIsSaidWithItsProperty() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatExceptionOfType(EmbeddedServerException.class)
          .isThrownBy(() -> acquire(options("a").port(other.getLocalPort())))
          .withMessageContaining("port " + other.getLocalPort() + " on 127.0.0.1 is in use")
          .withMessageContaining("ha.sqlite.nats.embedded.port");
    }
  }

  @Test
  void aServerOfAnotherApplicationIsNotTakenOver() throws Exception {
    EmbeddedServer other = acquire(options("other"));
    Process stranger = strangerOn(freePort());
    int strangersPort = Integer.parseInt(Files.readString(directory.resolve("stranger.port")));

    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(() -> acquire(options("a").port(strangersPort)))
        .withMessageContaining("port " + strangersPort);
    assertThat(stranger.isAlive()).isTrue();

    // Its number in our pid file, as after a restart of the machine, is no proof either.
    Files.writeString(directory.resolve("a/nats-server.pid"), String.valueOf(stranger.pid()));
    EmbeddedServer own = acquire(options("a"));
    assertThat(own.pid()).isNotEqualTo(other.pid()).isNotEqualTo(stranger.pid());
    assertThat(stranger.isAlive()).isTrue();
  }

  /** Defect D37; that nobody outside is let in without one is in the options' tests. */
  @Test
  void onlyThoseWithThePasswordGetIn() throws Exception {
    String user = "an\"n\\";
    String password = "p $x #{}'\" /@:%";
    EmbeddedServer server = acquire(options("a").username(user).password(password));

    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(directory.resolve("a/nats-server.conf"))))
        .isEqualTo("rw-------");
    assertThat(server.clientUrl()).doesNotContain("ann").doesNotContain("@");
    Options.Builder right =
        new Options.Builder()
            .server(server.clientUrl())
            .userInfo(user.toCharArray(), password.toCharArray());
    try (Connection connection = Nats.connect(right.build())) {
      assertThat(connection.getStatus()).isEqualTo(Connection.Status.CONNECTED);
    }
    assertThat(answerTo(server, "{}")).startsWith("-ERR 'Authorization Violation'");
    assertThat(answerTo(server, "{\"user\":\"an\\\"n\\\\\",\"pass\":\"wrong\"}"))
        .startsWith("-ERR 'Authorization Violation'");
  }

  /** Speaks to the server without a client library, which would try again for seconds. */
  private static String answerTo(EmbeddedServer server, String connect) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(in.readLine()).startsWith("INFO ");
      socket
          .getOutputStream()
          .write(("CONNECT " + connect + "\r\nPING\r\n").getBytes(StandardCharsets.UTF_8));
      return String.valueOf(in.readLine());
    }
  }

  @Test
  void aSyncIntervalIsUsedOrSaidToBeUnknown() throws Exception {
    BlockingQueue<ILoggingEvent> log = logOf(EmbeddedServer.class.getName());

    EmbeddedServer server = acquire(options("a").syncInterval(Duration.ZERO));

    publish(server, "hello");
    boolean isKnown =
        ServerBinary.find(null, null, ServerBinary.Places.ofThisMachine())
            .version()
            .knowsSyncInterval();
    String config = Files.readString(directory.resolve("a/nats-server.conf"));
    assertThat(config.contains("sync_interval: always")).isEqualTo(isKnown);
    assertThat(log.stream().anyMatch(event -> event.getFormattedMessage().contains("is ignored")))
        .isEqualTo(!isKnown);
  }

  @Test
  void listeningEverywhereIsReachedThroughLoopback() throws Exception {
    EmbeddedServer server = acquire(options("a").host("0.0.0.0").username("u").password("p"));

    assertThat(server.clientUrl()).startsWith("nats://127.0.0.1:");
  }

  @Test
  void diesAndIsStartedAgainAtTheSameAddress() throws Exception {
    EmbeddedServer server = acquire(options("a"));
    publish(server, "hello");
    String url = server.clientUrl();
    ProcessHandle first = process(server);
    BlockingQueue<Boolean> heard = new LinkedBlockingQueue<>();
    server.addListener(heard::add);

    assertThat(first.destroyForcibly()).isTrue();

    assertThat(heard.poll(20, TimeUnit.SECONDS)).isFalse();
    assertThat(heard.poll(20, TimeUnit.SECONDS)).isTrue();
    assertThat(server.clientUrl()).isEqualTo(url);
    assertThat(process(server).pid()).isNotEqualTo(first.pid());
    assertThat(messages(server)).isEqualTo(1);
  }

  @Test
  void aRestartGoesOnTryingWhileThePortIsTaken() throws Exception {
    EmbeddedServer server = acquire(options("a"));
    BlockingQueue<Boolean> heard = new LinkedBlockingQueue<>();
    CompletableFuture<Void> portTaken = new CompletableFuture<>();
    List<ServerSocket> sockets = new ArrayList<>();
    server.addListener(
        isRunning -> {
          if (!isRunning) {
            try {
              sockets.add(new ServerSocket(server.port(), 1, InetAddress.getLoopbackAddress()));
              portTaken.complete(null);
            } catch (IOException e) {
              portTaken.completeExceptionally(e);
            }
          }
          heard.add(isRunning);
        });
    BlockingQueue<ILoggingEvent> warnings = logOf(EmbeddedServer.class.getName());

    assertThat(process(server).destroyForcibly()).isTrue();
    portTaken.get(20, TimeUnit.SECONDS);
    assertThat(awaitMessage(warnings, "start number 3")).contains("is in use");
    sockets.get(0).close();

    assertThat(heard.poll(20, TimeUnit.SECONDS)).isFalse();
    assertThat(heard.poll(20, TimeUnit.SECONDS)).isTrue();
    publish(server, "hello");
  }

  @Test
  void whatTheServerWarnsOfIsLoggedAndWithTheSwitchEverything() throws Exception {
    BlockingQueue<ILoggingEvent> log = logOf("io.hasqlite.server");

    acquire(options("a").logs(true));

    assertThat(awaitMessage(log, "Server is ready")).isEqualTo("Server is ready");
    log.clear();
    acquire(options("b"));
    assertThat(log).noneMatch(event -> event.getFormattedMessage().contains("Server is ready"));
  }

  @Test
  void aConfigurationFileOverridesTheRest() throws Exception {
    Path config =
        Files.writeString(
            directory.resolve("own.conf"),
            "listen: 127.0.0.1:-1\nserver_name: own\njetstream { store_dir: \""
                + directory.resolve("js")
                + "\" }\n");

    EmbeddedServer server =
        acquire(options("a").host("0.0.0.0").port(1).name("other").configFile(config));

    try (Connection connection = Nats.connect(server.clientUrl())) {
      assertThat(connection.getServerInfo().getServerName()).isEqualTo("own");
      assertThat(connection.getServerInfo().getHost()).isEqualTo("127.0.0.1");
    }
    publish(server, "hello");
    assertThat(directory.resolve("js/jetstream")).isDirectory();
  }

  @Test
  void aConfigurationFileThatCannotWorkIsSaid() throws Exception {
    Path without = Files.writeString(directory.resolve("without.conf"), "port: -1\n");
    Path broken = Files.writeString(directory.resolve("broken.conf"), "port: [\n");

    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(() -> acquire(options("a").configFile(without)))
        .withMessageContaining("JetStream")
        .withMessageContaining(without.toString());
    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(() -> acquire(options("a").configFile(broken)))
        .withMessageContaining("broken.conf")
        .withMessageContaining("last lines");
    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(() -> acquire(options("a").configFile(directory.resolve("absent.conf"))))
        .withMessageContaining("ha.sqlite.nats.embedded.config-file")
        .withMessageContaining("cannot be read");
    acquire(options("a"));
  }

  @Test
  void aServerThatDoesNotGetReadyIsStoppedAndItsLastLinesAreShown() throws Exception {
    Path slow = directory.resolve("slow");
    Files.writeString(
        slow,
        "#!/bin/sh\n[ \"$1\" = -v ] && echo 'nats-server: v2.9.10' && exit\n"
            + "echo 'Recovering streams'\necho $$ > "
            + directory.resolve("slow.pid")
            + "\nexec tail -f /dev/null\n");
    assertThat(slow.toFile().setExecutable(true)).isTrue();

    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(() -> acquire(options("a").binary(slow).startTimeout(Duration.ofMillis(2000))))
        .withMessageContaining("not ready after 2000 ms")
        .withMessageContaining("Recovering streams");
    long pid = Long.parseLong(Files.readString(directory.resolve("slow.pid")).trim());
    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void aStoreDirectoryThatIsAFileIsSaid() throws Exception {
    Files.writeString(directory.resolve("a"), "x");

    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(() -> acquire(options("a")))
        .withMessageContaining("ha.sqlite.nats.embedded.store-dir")
        .withMessageContaining(directory.resolve("a").toString());
  }

  @Test
  void threeServersFormAClusterAndSurviveTheLossOfOne() throws Exception {
    List<Integer> ports = List.of(freePort(), freePort(), freePort());
    List<String> routes = ports.stream().map(port -> "127.0.0.1:" + port).toList();
    List<EmbeddedServer> servers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      servers.add(
          acquire(
              options("n" + i)
                  .name("n" + i)
                  .username("u")
                  .password("p@ss")
                  .cluster(new Cluster("c", ports.get(i), routes))));
    }
    Options.Builder all = new Options.Builder().userInfo("u", "p@ss");
    servers.forEach(server -> all.server(server.clientUrl()));
    try (Connection connection = Nats.connect(all.build())) {
      untilQuorum(() -> createStream(connection, 3));
      connection.jetStream().publish("s.x", "one".getBytes(StandardCharsets.UTF_8));

      servers.get(0).close();

      untilQuorum(() -> connection.jetStream().publish("s.x", new byte[] {2}));
      assertThat(connection.jetStreamManagement().getStreamInfo("S").getStreamState().getMsgCount())
          .isGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void aServerWhoseApplicationWasKilledIsTakenOver() throws Exception {
    Process application = application("a", "stop");
    long pid = Long.parseLong(application.inputReader().readLine());
    int port = Integer.parseInt(application.inputReader().readLine());
    ProcessHandle server = ProcessHandle.of(pid).orElseThrow();
    opened.add(server::destroyForcibly);

    // While that one lives, nobody else gets its directory.
    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(() -> acquire(options("a")))
        .withMessageContaining("Another running application")
        .withMessageContaining("store-dir");
    application.destroyForcibly().waitFor();
    assertThat(server.isAlive()).isTrue();

    EmbeddedServer same = acquire(options("a"));
    assertThat(same.pid()).hasValue(pid);
    assertThat(same.port()).isEqualTo(port);
    publish(same, "hello");
    same.close();
    assertThat(StoreDirectory.hasEnded(server)).isTrue();
  }

  @Test
  void aServerThatWasLeftWithAnotherConfigurationIsReplaced() throws Exception {
    Process application = application("a", "stop");
    ProcessHandle old =
        ProcessHandle.of(Long.parseLong(application.inputReader().readLine())).orElseThrow();
    opened.add(old::destroyForcibly);
    application.destroyForcibly().waitFor();

    EmbeddedServer server = acquire(options("a").name("renamed"));

    assertThat(StoreDirectory.hasEnded(old)).isTrue();
    assertThat(server.pid().getAsLong()).isNotEqualTo(old.pid());
    try (Connection connection = Nats.connect(server.clientUrl())) {
      assertThat(connection.getServerInfo().getServerName()).isEqualTo("renamed");
    }
  }

  @Test
  void endsWithTheJvmUnlessSomebodyElseSeesToThat() throws Exception {
    for (String mode : List.of("stop", "leave")) {
      Process application = application(mode, mode);
      ProcessHandle server =
          ProcessHandle.of(Long.parseLong(application.inputReader().readLine())).orElseThrow();
      opened.add(server::destroyForcibly);

      application.destroy();
      application.waitFor();

      assertThat(StoreDirectory.hasEnded(server)).isEqualTo(mode.equals("stop"));
    }
  }

  /** An application in a JVM of its own; prints its server's number and port and then waits. */
  static final class Application {

    public static void main(String[] arguments) throws Exception {
      EmbeddedServer server =
          EmbeddedServer.acquire(
              EmbeddedServerOptions.builder()
                  .port(0)
                  .storeDir(Path.of(arguments[0]))
                  .stopAtExit(arguments[1].equals("stop"))
                  .build());
      System.out.println(server.pid().getAsLong());
      System.out.println(server.port());
      Thread.currentThread().join();
    }
  }

  private Process application(String store, String mode) throws IOException {
    Process application =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                Quiet.class.getName(),
                directory.resolve(store).toString(),
                mode)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    opened.add(application::destroyForcibly);
    return application;
  }

  /** Runs {@link Application} with a standard output that only it writes to. */
  static final class Quiet {

    public static void main(String[] arguments) throws Exception {
      ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).detachAndStopAllAppenders();
      Application.main(arguments);
    }
  }

  private Process strangerOn(int port) throws Exception {
    Path config =
        Files.writeString(
            directory.resolve("stranger.conf"),
            "host: 127.0.0.1\nport: " + port + "\nports_file_dir: \"" + directory + "\"\n");
    Process stranger =
        new ProcessBuilder(
                ServerBinary.find(null, null, ServerBinary.Places.ofThisMachine())
                    .path()
                    .toString(),
                "-c",
                config.toString())
            .redirectErrorStream(true)
            .start();
    opened.add(stranger::destroyForcibly);
    String line = stranger.inputReader().readLine();
    while (line != null && !line.contains("Server is ready")) {
      line = stranger.inputReader().readLine();
    }
    Files.writeString(directory.resolve("stranger.port"), String.valueOf(port));
    return stranger;
  }

  private EmbeddedServerOptions.Builder options(String store) {
    return EmbeddedServerOptions.builder()
        .port(0)
        .downloadUrl(null)
        .storeDir(directory.resolve(store));
  }

  private EmbeddedServer acquire(EmbeddedServerOptions.Builder options) {
    EmbeddedServer server = EmbeddedServer.acquire(options.build());
    opened.add(server);
    return server;
  }

  private static ProcessHandle process(EmbeddedServer server) {
    return ProcessHandle.of(server.pid().orElseThrow()).orElseThrow();
  }

  private static void publish(EmbeddedServer server, String text) throws Exception {
    try (Connection connection = Nats.connect(server.clientUrl())) {
      createStream(connection, 1);
      connection.jetStream().publish("s.x", text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static Object createStream(Connection connection, int replicas) throws Exception {
    return connection
        .jetStreamManagement()
        .addStream(
            StreamConfiguration.builder()
                .name("S")
                .subjects("s.>")
                .storageType(StorageType.File)
                .replicas(replicas)
                .build());
  }

  private static long messages(EmbeddedServer server) throws Exception {
    try (Connection connection = Nats.connect(server.clientUrl())) {
      return connection.jetStreamManagement().getStreamInfo("S").getStreamState().getMsgCount();
    }
  }

  private interface Step {
    Object run() throws Exception;
  }

  /** Repeats what fails while the cluster has no leader; each try waits for the server's answer. */
  private static void untilQuorum(Step step) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
    while (true) {
      try {
        step.run();
        return;
      } catch (IOException | JetStreamApiException | IllegalStateException e) {
        if (System.nanoTime() - deadline > 0) {
          throw e;
        }
        new CompletableFuture<Void>().completeOnTimeout(null, 100, TimeUnit.MILLISECONDS).join();
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private BlockingQueue<ILoggingEvent> logOf(String name) {
    BlockingQueue<ILoggingEvent> events = new LinkedBlockingQueue<>();
    AppenderBase<ILoggingEvent> appender =
        new AppenderBase<>() {
          @Override
          protected void append(ILoggingEvent event) {
            events.add(event);
          }
        };
    Logger logger = (Logger) LoggerFactory.getLogger(name);
    appender.start();
    logger.addAppender(appender);
    opened.add(() -> logger.detachAppender(appender));
    return events;
  }

  private static String awaitMessage(BlockingQueue<ILoggingEvent> events, String part)
      throws InterruptedException {
    while (true) {
      ILoggingEvent event = events.poll(20, TimeUnit.SECONDS);
      assertThat(event).as("a log line with \"%s\"", part).isNotNull();
      if (event.getFormattedMessage().contains(part)) {
        return event.getFormattedMessage();
      }
    }
  }
}
