package io.hasqlite.stream.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.hasqlite.stream.StreamException;
import io.hasqlite.testing.Eventually;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Timeout(60)
class NatsConnectionIntegrationTests {

  private static final Duration WAIT = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofSeconds(1);

  @TempDir Path directory;
  private final Logger logger = (Logger) LoggerFactory.getLogger(NatsConnection.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void recordLog() {
    logger.setLevel(Level.TRACE);
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void stopLog() {
    logger.detachAppender(log);
    logger.setLevel(null);
    assertThat(log.list)
        .allSatisfy(
            event -> {
              assertThat(event.getFormattedMessage()).doesNotContain("s3cret");
              assertThat(event.getThrowableProxy()).isNull();
            });
  }

  @Test
  void missingServerIsExplained() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    NatsConnectionOptions options =
        NatsConnectionOptions.servers("nats://ann:s3cret@127.0.0.1:" + port).build();
    assertThatThrownBy(() -> NatsConnection.connect(options, "node1", SHORT))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("No connection to NATS at nats://***@127.0.0.1:" + port)
        .hasMessageContaining("Connection refused")
        .hasMessageContaining("Start the server, or correct the address")
        .hasNoCause();
  }

  @Test
  void refusedLoginIsExplainedAndWorksOnceItIsCorrect() {
    try (PrivateNatsServer server =
        PrivateNatsServer.withoutJetStream(directory, "--user", "ann", "--pass", "s3cret")) {
      assertThatThrownBy(
              () ->
                  NatsConnection.connect(
                      NatsConnectionOptions.servers(server.url()).user("ann", "wrong").build(),
                      "node1",
                      SHORT))
          .hasMessageContaining("Authorization Violation");
      AtomicInteger attempts = new AtomicInteger();
      NatsConnectionOptions corrected =
          NatsConnectionOptions.servers(server.url())
              .customizer(
                  options -> {
                    if (attempts.incrementAndGet() > 1) {
                      options.userInfo("ann", "s3cret");
                    }
                  })
              .build();
      try (NatsConnection connection = NatsConnection.connect(corrected, "node1", WAIT)) {
        assertThat(connection.isConnected()).isTrue();
      }
    }
  }

  @Test
  void reconnectsAfterARestartAndWhenItsLoginWasRefusedMeanwhile() throws Exception {
    Path config = directory.resolve("nats.conf");
    Files.writeString(config, "authorization { user: ann, password: s3cret }");
    CountDownLatch fromScratch = new CountDownLatch(2);
    try (PrivateNatsServer server =
            PrivateNatsServer.withoutJetStream(directory, "-c", config.toString());
        NatsConnection connection =
            NatsConnection.connect(
                NatsConnectionOptions.servers(server.url())
                    .user("ann", "s3cret")
                    .customizer(options -> fromScratch.countDown())
                    .build(),
                "node1",
                WAIT)) {
      CountDownLatch disconnected = new CountDownLatch(1);
      connection.addDisconnectListener(disconnected::countDown);
      CountDownLatch asked = new CountDownLatch(1);
      connection.answer("question", question -> asked.countDown());
      server.kill();
      assertThat(disconnected.await(WAIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      // The client gives up for good when its login is refused twice.
      Files.writeString(config, "authorization { user: ann, password: changed }");
      server.start();
      assertThat(fromScratch.await(2 * WAIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertSaysOnceAgain(connection, "Authorization Violation");
      server.kill();
      Files.writeString(config, "authorization { user: ann, password: s3cret }");
      server.start();
      connection.awaitConnected(WAIT);
      // The count and the subscriptions follow on the connection's own thread.
      long deadline = System.nanoTime() + 2 * WAIT.toNanos();
      do {
        connection.client().publish("question", null);
      } while (!asked.await(100, TimeUnit.MILLISECONDS) && System.nanoTime() < deadline);
      assertThat(asked.getCount()).isZero();
      while (connection.reconnects() == 0 && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertThat(connection.reconnects()).isPositive();
    }
  }

  /** The reason is that of the last attempt, and some attempts end before the server answers. */
  private static void assertSaysOnceAgain(NatsConnection connection, String reason) {
    long deadline = System.nanoTime() + 2 * WAIT.toNanos();
    String said;
    do {
      said =
          org.assertj.core.api.Assertions.catchThrowableOfType(
                  StreamException.class, () -> connection.awaitConnected(Duration.ofMillis(20)))
              .getMessage();
    } while (!said.contains(reason) && System.nanoTime() < deadline);
    assertThat(said).contains(reason);
  }

  @Test
  void aLostConnectionIsSaidOnceHoweverManyAttemptsFail() throws Exception {
    try (PrivateNatsServer server = PrivateNatsServer.withoutJetStream(directory);
        NatsConnection connection =
            NatsConnection.connect(
                NatsConnectionOptions.servers(server.url()).build(), "node1", WAIT)) {
      server.kill();
      Eventually.holds(() -> assertThat(said(Level.DEBUG, "Connection refused")).isGreaterThan(3));
      server.start();
      connection.awaitConnected(WAIT);
      Eventually.holds(() -> assertThat(said(Level.INFO, "Connected to NATS again")).isOne());
      assertThat(said(Level.WARN, "")).isOne();
      server.kill(); // and so it is the next time
      Eventually.holds(() -> assertThat(said(Level.WARN, "is lost")).isEqualTo(2));
    }
  }

  private long said(Level level, String text) {
    return List.copyOf(log.list).stream()
        .filter(event -> event.getLevel() == level && event.getFormattedMessage().contains(text))
        .count();
  }

  @Test
  void closedConnectionFailsAtOnceAndForGood() {
    try (PrivateNatsServer server = PrivateNatsServer.withoutJetStream(directory)) {
      NatsConnection connection =
          NatsConnection.connect(
              NatsConnectionOptions.servers(server.url()).build(), "node1", WAIT);
      connection.close();
      connection.close();
      assertThat(connection.isConnected()).isFalse();
      assertThatThrownBy(() -> connection.awaitConnected(WAIT)).hasMessageContaining("is closed");
      assertThatThrownBy(connection::client).isInstanceOf(StreamException.class);
    }
  }

  @Test
  void connectionShowsTheNodesName() throws Exception {
    try (PrivateNatsServer server = PrivateNatsServer.withoutJetStream(directory);
        NatsConnection connection =
            NatsConnection.connect(
                NatsConnectionOptions.servers(server.url()).build(), "node1", WAIT)) {
      assertThat(connection.client().getOptions().getConnectionName()).isEqualTo("node1");
      assertThat(connection.serverVersion()).matches("\\d+\\.\\d+\\.\\d+.*");
    }
  }
}
