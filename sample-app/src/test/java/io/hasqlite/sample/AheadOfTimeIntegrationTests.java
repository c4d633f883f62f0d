package io.hasqlite.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.testing.NatsServerExtension;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.client.RestClient;

/** The application as it was prepared at build time, in a process of its own. */
class AheadOfTimeIntegrationTests {

  private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

  @RegisterExtension static final NatsServerExtension nats = new NatsServerExtension();

  @TempDir Path directory;

  @Test
  @Timeout(120)
  @DisplayName("Prepared for no node in particular, it runs as node 2, connected and with its data")
  void itRunsAsItWasPrepared() throws Exception {
    Process process = start();
    try {
      List<String> log = new CopyOnWriteArrayList<>();
      RestClient http =
          RestClient.create("http://127.0.0.1:" + port(process, log)); // reads the log up to there
      assertThat(log).anyMatch(line -> line.contains("Starting AOT-processed ShopApplication"));

      Product made =
          http.post()
              .uri("/api/products")
              .body(Map.of("albumId", "album-1", "name", "Song", "priceCents", 99, "stock", 5))
              .retrieve()
              .body(Product.class);
      assertThat(http.get().uri("/api/products/{id}", made.id()).retrieve().body(Product.class))
          .isEqualTo(made);
      assertThat(http.get().uri("/actuator/health").retrieve().body(String.class))
          .contains("\"haSqlite\"", "\"ha_replication\"", "\"node2\"");
      assertThat(directory.resolve("node2.db")).isNotEmptyFile();
    } finally {
      process.destroy();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  private Process start() throws IOException {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Dspring.aot.enabled=true",
            "-cp",
            path,
            ShopApplication.class.getName(),
            "--spring.profiles.active=node2",
            "--server.port=0",
            "--shop.data=" + directory,
            "--shop.nats-port=" + URI.create(nats.url()).getPort())
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .start();
  }

  private static int port(Process process, List<String> log) throws IOException {
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line;
    while ((line = output.readLine()) != null) {
      log.add(line);
      Matcher started = PORT.matcher(line);
      if (started.find()) {
        Thread drain = new Thread(() -> output.lines().forEach(log::add), "log-of-the-application");
        drain.setDaemon(true);
        drain.start();
        return Integer.parseInt(started.group(1));
      }
    }
    throw new AssertionError("It did not start:\n" + String.join("\n", log));
  }
}
