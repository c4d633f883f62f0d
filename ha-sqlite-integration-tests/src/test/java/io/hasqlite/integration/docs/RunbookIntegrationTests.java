package io.hasqlite.integration.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.docs.Snippet;
import io.hasqlite.testing.NatsServerExtension;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Sends the requests of the runbook to an application. */
@Timeout(120)
class RunbookIntegrationTests {

  private static final String ADDRESS = "localhost:8080";

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}

  @Test
  @DisplayName("Every request of docs/operations.md is answered")
  void everyRequestIsAnswered() throws Exception {
    List<String> requests =
        Snippet.of("docs/operations.md").stream()
            .filter(snippet -> snippet.is("sh"))
            .flatMap(snippet -> snippet.text().lines())
            .toList();
    assertThat(requests).hasSizeGreaterThan(3);
    try (ConfigurableApplicationContext application =
        new SpringApplicationBuilder(Application.class)
            .web(WebApplicationType.SERVLET)
            .properties(
                Map.of(
                    "server.port", "0",
                    "ha.sqlite.path", folder.resolve("shop.db").toString(),
                    "ha.sqlite.cdc-id", "shop",
                    "ha.sqlite.node-name", "node1",
                    "ha.sqlite.stream.name", "runbook",
                    "ha.sqlite.nats.url", NATS.url(),
                    "management.endpoints.web.exposure.include", "health,hasqlite",
                    "management.endpoint.hasqlite.access", "unrestricted",
                    "spring.batch.job.enabled", "false",
                    "spring.session.jdbc.initialize-schema", "never"))
            .run()) {
      application.getBean(JdbcClient.class).sql("CREATE TABLE note(id TEXT PRIMARY KEY)").update();
      String port = application.getEnvironment().getProperty("local.server.port");
      for (String request : requests) {
        assertThat(request).contains(ADDRESS);
        Process process =
            new ProcessBuilder(
                    "bash",
                    "-c",
                    request.replace(ADDRESS, "localhost:" + port).replace("curl ", "curl -f "))
                .redirectErrorStream(true)
                .start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", request, answer).isZero();
      }
    }
  }
}
