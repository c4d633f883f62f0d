package io.hasqlite.boot.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.testing.TestNatsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A nats-server that speaks TLS only, and takes only clients with a certificate. */
class NatsTlsIntegrationTests {

  private static final String PASSWORD = "changeit";

  @TempDir static Path directory;

  private static TestNatsServer server;

  @BeforeAll
  static void startServer() throws Exception {
    for (String name : new String[] {"server", "client", "stranger"}) {
      makeCertificate(name);
    }
    Path config =
        Files.writeString(
            directory.resolve("nats.conf"),
            """
            listen: "127.0.0.1:%d"
            jetstream { store_dir: "%2$s/js" }
            tls {
              cert_file: "%2$s/server.crt"
              key_file: "%2$s/server.key"
              ca_file: "%2$s/client.crt"
              verify: true
            }
            """
                .formatted(freePort(), directory));
    server = TestNatsServer.start(options -> options.configFile(config));
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Test
  @DisplayName("NATS: TLS through an SSL bundle of Spring Boot, with a certificate of the client")
  void bundleIsUsed() {
    runner("a.db", "client", "server")
        .run(
            context -> {
              JdbcClient jdbc = JdbcClient.create(context.getBean(DataSource.class));
              jdbc.sql("CREATE TABLE t(id INTEGER PRIMARY KEY)").update();
              assertThat(jdbc.sql("INSERT INTO t VALUES(1)").update()).isEqualTo(1);
              HaSqlite database = context.getBean(HaSqlite.class);
              assertThat(database.status().state()).isEqualTo(State.RUNNING);
              assertThat(database.status().position()).isPositive();
            });
  }

  @Test
  @DisplayName("NATS: a server whose certificate is not trusted is not spoken to")
  void strangeServerIsRefused() {
    runner("b.db", "client", "stranger")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessageContaining("No connection to NATS")
                    .hasMessageContaining("certification path"));
  }

  @Test
  @DisplayName("NATS: a client whose certificate is not trusted is not let in")
  void strangeClientIsRefused() {
    runner("c.db", "stranger", "server")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessageContaining("No connection to NATS"));
  }

  private static ApplicationContextRunner runner(String file, String own, String trusted) {
    boolean works = own.equals("client") && trusted.equals("server");
    String timeout = works ? "20s" : "1500ms"; // what cannot work need not be tried for long
    String bundle = "spring.ssl.bundle.pem.nats.";
    return new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(SslAutoConfiguration.class, HaSqliteAutoConfiguration.class))
        .withPropertyValues(
            "ha.sqlite.path=" + directory.resolve(file),
            "ha.sqlite.node-name=" + file,
            "ha.sqlite.startup-timeout=" + timeout,
            "ha.sqlite.nats.url=" + server.url(),
            "ha.sqlite.nats.ssl.bundle=nats",
            bundle + "keystore.certificate=file:" + directory.resolve(own + ".crt"),
            bundle + "keystore.private-key=file:" + directory.resolve(own + ".key"),
            bundle + "truststore.certificate=file:" + directory.resolve(trusted + ".crt"));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void makeCertificate(String name) throws Exception {
    Path store = directory.resolve(name + ".p12");
    run(
        "-genkeypair",
        "-alias",
        name,
        "-keyalg",
        "EC",
        "-dname",
        "CN=" + name,
        "-ext",
        "san=ip:127.0.0.1,dns:localhost",
        "-keystore",
        store.toString(),
        "-storetype",
        "PKCS12",
        "-storepass",
        PASSWORD);
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    writePem(name + ".crt", "CERTIFICATE", keys.getCertificate(name).getEncoded());
    writePem(name + ".key", "PRIVATE KEY", keys.getKey(name, PASSWORD.toCharArray()).getEncoded());
  }

  private static void writePem(String file, String type, byte[] content) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    Files.writeString(
        directory.resolve(file),
        "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n");
  }

  private static void run(String... arguments) throws Exception {
    String[] command = new String[arguments.length + 1];
    command[0] = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).as(said).isZero();
  }
}
