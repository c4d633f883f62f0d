package io.hasqlite.stream.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hasqlite.stream.StreamException;
import io.hasqlite.testing.Eventually;
import io.nats.client.NKey;
import io.nats.client.Options;
import io.nats.client.support.JwtUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The ways to log in to a server that asks for more than a name, and to find it. */
@Timeout(60)
class NatsLoginIntegrationTests {

  private static final Duration WAIT = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir Path directory;

  @Test
  @DisplayName("NATS: token")
  void token() throws Exception {
    try (PrivateNatsServer server = server("authorization { token: \"t0k en\" }")) {
      assertLogsIn(NatsConnectionOptions.servers(server.url()).token("t0k en"));
      assertIsRefused(NatsConnectionOptions.servers(server.url()).token("wrong"));
    }
  }

  @Test
  @DisplayName("NATS: nkey file, which may be replaced while the node runs")
  void nkeyFile() throws Exception {
    NKey user = NKey.createUser(RANDOM);
    Path file = Files.writeString(directory.resolve("user.nk"), seed(NKey.createUser(RANDOM)));
    try (PrivateNatsServer server =
            server("authorization { users: [ { nkey: " + publicKey(user) + " } ] }");
        NatsConnection connection =
            NatsConnection.open(
                NatsConnectionOptions.servers(server.url()).nkeyFile(file).build(), "node1")) {
      assertRefused(connection);
      Files.writeString(file, seed(user) + "\n");
      connection.awaitConnected(WAIT);
    }
  }

  @Test
  @DisplayName("NATS: credentials file, of an account that an operator has signed")
  void credentialsFile() throws Exception {
    NKey operator = NKey.createOperator(RANDOM);
    NKey account = NKey.createAccount(RANDOM);
    NKey user = NKey.createUser(RANDOM);
    String limits =
        "{\"subs\":-1,\"data\":-1,\"payload\":-1,\"imports\":-1,\"exports\":-1,\"conn\":-1,"
            + "\"leaf\":-1,\"wildcards\":true}";
    String config =
        "operator: "
            + signed(operator, operator, "{\"type\":\"operator\",\"version\":2}")
            + "\nresolver: MEMORY\nresolver_preload: { "
            + publicKey(account)
            + ": "
            + signed(
                operator, account, "{\"limits\":" + limits + ",\"type\":\"account\",\"version\":2}")
            + " }\n";
    try (PrivateNatsServer server = server(config)) {
      Path file = directory.resolve("user.creds");
      Files.writeString(file, credentials(account, user));
      assertLogsIn(NatsConnectionOptions.servers(server.url()).credentialsFile(file));

      // An account that the operator does not know.
      Files.writeString(file, credentials(NKey.createAccount(RANDOM), user));
      assertIsRefused(NatsConnectionOptions.servers(server.url()).credentialsFile(file));
      assertIsRefused(NatsConnectionOptions.servers(server.url()));
    }
  }

  private static String signed(NKey issuer, NKey subject, String claims) throws Exception {
    return JwtUtils.issueJWT(
        issuer, publicKey(subject), "test", null, 1, publicKey(issuer), () -> claims);
  }

  private static String credentials(NKey account, NKey user) throws Exception {
    String jwt = JwtUtils.issueUserJWT(account, publicKey(account), publicKey(user));
    return String.format(JwtUtils.NATS_USER_JWT_FORMAT, jwt, seed(user));
  }

  private static String publicKey(NKey key) throws GeneralSecurityException, IOException {
    return new String(key.getPublicKey());
  }

  private static String seed(NKey key) {
    return new String(key.getSeed());
  }

  @Test
  @DisplayName("NATS: several URLs, of which only one answers, then another")
  void severalUrls() throws Exception {
    try (PrivateNatsServer first = PrivateNatsServer.withoutJetStream(directory);
        PrivateNatsServer second = PrivateNatsServer.withoutJetStream(directory)) {
      second.kill();
      String urls = first.url() + "," + second.url();
      try (NatsConnection connection =
          NatsConnection.connect(NatsConnectionOptions.servers(urls).build(), "node1", WAIT)) {
        assertThat(connection.client().getConnectedUrl()).isEqualTo(first.url());
        second.start();
        first.kill();
        awaitUrl(connection, second.url());
        first.start();
        second.kill();
        awaitUrl(connection, first.url());
        // Counted by another thread, a moment after the client is connected again.
        Eventually.holds(() -> assertThat(connection.reconnects()).isGreaterThanOrEqualTo(2));
      }
    }
  }

  private static void awaitUrl(NatsConnection connection, String url) {
    long deadline = System.nanoTime() + WAIT.toNanos();
    while (true) {
      try {
        if (url.equals(connection.client().getConnectedUrl())) {
          return;
        }
      } catch (StreamException e) {
        assertThat(e.isRetryable()).isTrue(); // between the two
      }
      assertThat(System.nanoTime()).as("time to reach %s", url).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @Test
  @DisplayName("NATS: reconnects for ever, and not all nodes at the same moment")
  void reconnectsForEverWithJitter() throws Exception {
    AtomicReference<Options> used = new AtomicReference<>();
    try (PrivateNatsServer server = PrivateNatsServer.withoutJetStream(directory)) {
      assertLogsIn(
          NatsConnectionOptions.servers(server.url())
              .customizer(builder -> used.set(builder.build())));
    }
    assertThat(used.get().getMaxReconnect()).isNegative();
    assertThat(used.get().getReconnectJitter()).isPositive();
    assertThat(used.get().getReconnectJitterTls()).isPositive();
    assertThat(used.get().getReconnectBufferSize()).isZero();
  }

  private PrivateNatsServer server(String config) throws IOException {
    Path file = Files.writeString(directory.resolve("server.conf"), config);
    return PrivateNatsServer.withoutJetStream(directory, "-c", file.toString());
  }

  private static void assertLogsIn(NatsConnectionOptions.Builder options) {
    try (NatsConnection connection = NatsConnection.connect(options.build(), "node1", WAIT)) {
      assertThat(connection.isConnected()).isTrue();
    }
  }

  private static void assertIsRefused(NatsConnectionOptions.Builder options) {
    try (NatsConnection connection = NatsConnection.open(options.build(), "node1")) {
      assertRefused(connection);
    }
  }

  /** The reason is that of the last attempt, and some end before the server answers. */
  private static void assertRefused(NatsConnection connection) {
    long deadline = System.nanoTime() + WAIT.toNanos();
    String said;
    do {
      said =
          catchThrowableOfType(StreamException.class, () -> connection.awaitConnected(SHORT))
              .getMessage();
    } while (!said.contains("Authorization Violation") && System.nanoTime() < deadline);
    assertThat(said).contains("Authorization Violation").doesNotContain("SU", "wrong");
  }
}
