package io.hasqlite.integration.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.docs.Snippet;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.io.DefaultResourceLoader;

/** Walks the page on getting started: its files, two instances of them, and its requests. */
@Timeout(180)
class GettingStartedIntegrationTests {

  private static final String PAGE = "docs/getting-started.md";
  private static final String RESOURCES = "src/main/resources/";

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  @Test
  @DisplayName("Two instances of the application of docs/getting-started.md share their notes")
  void thePageLeadsToTwoInstancesThatShareTheirNotes() throws Exception {
    List<Snippet> java = new ArrayList<>();
    List<String> requests = new ArrayList<>();
    Path classes = Files.createDirectories(folder.resolve("classes"));
    for (Snippet snippet : Snippet.of(PAGE)) {
      if (snippet.is("java")) {
        java.add(snippet);
      } else if (snippet.info().contains(RESOURCES)) {
        Path file = classes.resolve(snippet.info().replaceAll(".*" + RESOURCES, ""));
        Files.createDirectories(file.getParent());
        Files.writeString(file, snippet.text());
      } else if (snippet.is("sh")) {
        requests.addAll(snippet.text().lines().toList());
      }
    }
    assertThat(Sources.compile(java, classes)).isEmpty();

    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      Class<?> application = loader.loadClass("com.example.notes.NotesApplication");
      try (ConfigurableApplicationContext first = start(application, loader, "node1");
          ConfigurableApplicationContext second = start(application, loader, "node2")) {
        for (String request : requests) {
          String command =
              request
                  .replace("localhost:8081", "localhost:" + port(first))
                  .replace("localhost:8082", "localhost:" + port(second));
          Eventually.holds(() -> assertAnswers(command));
        }
      }
    } finally {
      thread.setContextClassLoader(before);
    }
    assertThat(requests).hasSize(4);
  }

  private ConfigurableApplicationContext start(
      Class<?> application, ClassLoader loader, String node) throws IOException {
    Path home = Files.createDirectories(folder.resolve(node));
    return new SpringApplicationBuilder(application)
        .resourceLoader(new DefaultResourceLoader(loader))
        .run(
            "--NODE=" + node,
            "--server.port=0",
            "--ha.sqlite.path=" + home.resolve("notes.db"),
            "--ha.sqlite.nats.url=" + NATS.url(),
            "--spring.jmx.enabled=false");
  }

  private static String port(ConfigurableApplicationContext application) {
    return String.valueOf(application.getEnvironment().getProperty("local.server.port"));
  }

  private static void assertAnswers(String command) throws Exception {
    Process process = new ProcessBuilder("bash", "-c", command).start();
    String answer = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(command).isZero();
    if (command.contains("/health")) {
      assertThat(answer).contains("\"haSqlite\"", "\"status\":\"UP\"").doesNotContain("DOWN");
    } else if (command.contains("/metrics")) {
      assertThat(answer).contains("\"measurements\"");
    } else {
      assertThat(answer).contains("Hello from node 1");
    }
  }
}
