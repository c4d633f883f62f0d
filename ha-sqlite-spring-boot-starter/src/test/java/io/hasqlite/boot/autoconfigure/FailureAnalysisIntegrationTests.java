package io.hasqlite.boot.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

/** What a person sees whose application does not start: no stack trace, and what to do. */
@ExtendWith(OutputCaptureExtension.class)
class FailureAnalysisIntegrationTests {

  @TempDir Path directory;

  @Test
  void pathThatIsADirectory(CapturedOutput output) {
    start("ha.sqlite.path=" + directory);

    assertExplained(output, "The database path " + directory + " is a directory", "ha.sqlite.path");
  }

  @Test
  void folderThatIsMissing(CapturedOutput output) {
    start("ha.sqlite.path=" + directory.resolve("none/app.db"));

    assertExplained(output, "does not exist", "ha.sqlite.path");
  }

  @Test
  void fileThatIsNoDatabase(CapturedOutput output) throws IOException {
    Path file = Files.writeString(directory.resolve("app.db"), "not a database".repeat(100));

    start("ha.sqlite.path=" + file);

    assertExplained(output, file + " cannot be opened as a SQLite database", "ha.sqlite.path");
    assertThat(file).hasContent("not a database".repeat(100));
  }

  @Test
  void pathThatIsMissingInTheConfiguration(CapturedOutput output) {
    start("ha.sqlite.path=");

    assertExplained(output, "ha.sqlite.path is empty", "Correct the property");
  }

  @Test
  void deliverPolicyThatIsUnknown(CapturedOutput output) {
    start(path(), "ha.sqlite.subscriber.deliver-policy=sometimes");

    assertExplained(
        output,
        "ha.sqlite.subscriber.deliver-policy",
        "\"sometimes\" is none of all, last, new, by_start_sequence=N");
  }

  @Test
  void rowIdentityThatIsUnknown(CapturedOutput output) {
    start(path(), "ha.sqlite.row-identity=uuid");

    assertExplained(output, "ha.sqlite.row-identity", "FULL", "PK", "ROWID");
  }

  @Test
  void errorHandlingThatIsUnknown(CapturedOutput output) {
    start(path(), "ha.sqlite.subscriber.on-error=ignore");

    assertExplained(output, "ha.sqlite.subscriber.on-error", "HALT", "SKIP");
  }

  @Test
  void propertyThatIsUnknown(CapturedOutput output) {
    start(path(), "ha.sqlite.publisher.asynch=true");

    assertExplained(output, "ha.sqlite.publisher.asynch", "left unbound");
  }

  @Test
  void streamThatCannotBe(CapturedOutput output) {
    start(path(), "ha.sqlite.stream.replicas=9");

    assertExplained(
        output, "ha.sqlite.stream.replicas: A stream has 1 to 5 replicas, not 9", "Correct");
  }

  @Test
  void secretOfAnUnreadableUrlIsNotShown(CapturedOutput output) {
    start(path(), "ha.sqlite.nats.url=nats://user:hush@");

    assertExplained(output, "ha.sqlite.nats: The address of a NATS server is not readable");
    assertThat(output.getAll()).doesNotContain("hush");
  }

  @Test
  void sslBundleThatIsUnknown(CapturedOutput output) {
    start(path(), "ha.sqlite.nats.url=nats://127.0.0.1:1", "ha.sqlite.nats.ssl.bundle=mine");

    assertExplained(output, "ha.sqlite.nats.ssl.bundle is \"mine\"");
  }

  @Test
  void serverAwayAtTheFirstStart(CapturedOutput output) throws IOException {
    start(
        path(),
        "ha.sqlite.node-name=n1",
        "ha.sqlite.startup-timeout=300ms",
        "ha.sqlite.nats.url=nats://127.0.0.1:" + freePort());

    assertExplained(
        output,
        "Node n1 has no data of \"app.db\" yet and cannot get it",
        "Check that the NATS server at ha.sqlite.nats.url runs");
  }

  @Test
  void portOfTheEmbeddedServerInUse(CapturedOutput output) throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      start(
          path(),
          "ha.sqlite.nats.embedded.enabled=true",
          "ha.sqlite.nats.embedded.store-dir=" + directory.resolve("nats"),
          "ha.sqlite.nats.embedded.port=" + other.getLocalPort());

      assertExplained(
          output, String.valueOf(other.getLocalPort()), "settings below ha.sqlite.nats.embedded");
    }
  }

  @Test
  void programOfTheEmbeddedServerMissing(CapturedOutput output) {
    Path program = directory.resolve("no-nats-server");

    start(
        path(),
        "ha.sqlite.nats.embedded.enabled=true",
        "ha.sqlite.nats.embedded.port=0",
        "ha.sqlite.nats.embedded.store-dir=" + directory.resolve("nats"),
        "ha.sqlite.nats.embedded.binary=" + program);

    assertExplained(
        output,
        "ha.sqlite.nats.embedded.binary is \"" + program + "\"",
        "settings below ha.sqlite.nats.embedded");
  }

  private String path() {
    return "ha.sqlite.path=" + directory.resolve("app.db");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void start(String... properties) {
    SpringApplication application = new SpringApplication(Application.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    List<String> arguments = new ArrayList<>();
    for (String property : properties) {
      arguments.add("--" + property);
    }
    assertThatThrownBy(() -> application.run(arguments.toArray(String[]::new)).close())
        .isInstanceOf(Exception.class);
  }

  private static void assertExplained(CapturedOutput output, String... texts) {
    assertThat(output.getAll())
        .contains("APPLICATION FAILED TO START")
        .contains("Description:", "Action:")
        .contains(texts)
        .doesNotContain("\tat ");
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}
}
