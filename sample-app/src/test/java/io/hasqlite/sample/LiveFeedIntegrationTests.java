package io.hasqlite.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The events that the page listens to. */
class LiveFeedIntegrationTests {

  @RegisterExtension static final NatsServerExtension nats = new NatsServerExtension();

  @TempDir Path directory;

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  @DisplayName("So many pages may listen; they need no thread each, and a node stops at once")
  void manyPages() throws Exception {
    ShopNode node = ShopNode.start("node1", directory, nats);
    List<InputStream> pages = new ArrayList<>();
    try {
      pages.add(listen(node).body());
      int threads = ManagementFactory.getThreadMXBean().getThreadCount();
      while (pages.size() < LiveFeed.CLIENTS_MAX) {
        pages.add(listen(node).body());
      }
      for (InputStream page : pages) {
        eventsUntil(new Scanner(page, StandardCharsets.UTF_8), "event:rows");
      }
      assertThat(ManagementFactory.getThreadMXBean().getThreadCount())
          .isLessThan(threads + LiveFeed.CLIENTS_MAX / 2);
      assertThat(listen(node).statusCode()).isEqualTo(503);

      pages.remove(0).close();
      Eventually.holds(
          () -> {
            HttpResponse<InputStream> again = listen(node);
            assertThat(again.statusCode()).isEqualTo(200);
            pages.add(again.body());
          });
    } finally {
      Instant before = Instant.now();
      node.close();
      assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(8));
    }
    for (InputStream page : pages) {
      page.close();
    }
  }

  @Test
  @DisplayName("A page that reads nothing delays neither the others nor the node's end")
  void aPageThatReadsNothing() throws Exception {
    ShopNode node = ShopNode.start("node1", directory, nats);
    try (Socket deaf = new Socket()) {
      deaf.setReceiveBufferSize(1024);
      deaf.connect(
          new java.net.InetSocketAddress(
              InetAddress.getLoopbackAddress(), URI.create(node.address()).getPort()));
      deaf.getOutputStream()
          .write("GET /api/live HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      try (InputStream page = listen(node).body()) {
        node.http().post().uri("/api/nodes/node1/burst").body("{}").retrieve().toBodilessEntity();
        Scanner lines = new Scanner(page, StandardCharsets.UTF_8);
        for (int i = 0; i < 3; i++) {
          assertThat(eventsUntil(lines, "event:nodes")).contains("event:rows");
        }
      }
    } finally {
      Instant before = Instant.now();
      node.close();
      assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(12));
    }
  }

  @Test
  @DisplayName("A page from elsewhere cannot give commands without asking the browser")
  void commandsAskForJson() {
    try (ShopNode node = ShopNode.start("node1", directory, nats)) {
      int status =
          node.http()
              .post()
              .uri("/api/nodes/node1/pause")
              .header("Content-Type", "text/plain")
              .body("{}")
              .exchange((request, response) -> response.getStatusCode().value());
      assertThat(status).isEqualTo(415);
    }
  }

  private HttpResponse<InputStream> listen(ShopNode node) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(node.address() + "/api/live")).build(),
        HttpResponse.BodyHandlers.ofInputStream());
  }

  /** Returns the events up to one of this kind, the last one not included. */
  private static List<String> eventsUntil(Scanner lines, String last) {
    List<String> events = new ArrayList<>();
    while (lines.hasNextLine()) {
      String line = lines.nextLine();
      if (line.equals(last)) {
        return events;
      }
      if (line.startsWith("event:")) {
        events.add(line);
      }
    }
    throw new AssertionError("The page was closed after " + events);
  }
}
