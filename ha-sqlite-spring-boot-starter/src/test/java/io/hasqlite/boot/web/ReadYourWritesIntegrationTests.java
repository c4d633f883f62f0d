package io.hasqlite.boot.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TcpProxy;
import io.hasqlite.testing.TestNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.HttpServerErrorException;
import org.springframework.web.client.RestClient;

/** A client that is sent from node to node. */
class ReadYourWritesIntegrationTests {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final int WRITES = 20;

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir static Path folder;

  private static TcpProxy slow;
  private static TestNode a;
  private static TestNode b;

  @BeforeAll
  static void start() throws Exception {
    slow = TcpProxy.to(URI.create(NATS.url()).getPort());
    a = TestNode.start(folder, "a", NATS.url());
    b = TestNode.start(folder, "b", slow.url());
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    b.awaitSame(a);
  }

  @AfterEach
  void quick() throws Exception {
    slow.pass();
    b.engine().resume();
    b.awaitSame(a);
    a.awaitSame(b);
  }

  @AfterAll
  static void stop() {
    a.close();
    b.close();
    slow.close();
  }

  private static WebNode web(TestNode node, TokenCarrier carrier, Duration wait, OnTimeout then) {
    return new WebNode(node, new ReadYourWritesFilter(List.of(node.engine()), carrier, wait, then));
  }

  private static RestClient client(TokenCarrier carrier, Duration wait, OnTimeout then) {
    return builder(carrier, wait, then)
        .requestInterceptor(new ReadYourWritesInterceptor(List.of(), carrier))
        .build();
  }

  private static RestClient.Builder builder(TokenCarrier carrier, Duration wait, OnTimeout then) {
    return RestClient.builder()
        .requestFactory(
            WebNode.network(
                Map.of("a", web(a, carrier, wait, then), "b", web(b, carrier, wait, then))));
  }

  private static int write(RestClient client) {
    return Integer.parseInt(client.post().uri("http://a/").retrieve().body(String.class));
  }

  private static ResponseEntity<String> read(RestClient client) {
    return client.get().uri("http://b/").retrieve().toEntity(String.class);
  }

  @ParameterizedTest
  @EnumSource(TokenCarrier.class)
  @DisplayName("A client that writes on one node and reads on a slower one reads what it wrote")
  void withATokenNoReadIsStale(TokenCarrier carrier) {
    slow.slow(Duration.ofMillis(20));
    RestClient client = client(carrier, LONG, OnTimeout.STALE);
    for (int i = 0; i < WRITES; i++) {
      int rows = write(client);
      ResponseEntity<String> read = read(client);
      assertThat(read.getBody()).isEqualTo(String.valueOf(rows));
      assertThat(read.getHeaders().containsHeader(ReadYourWritesFilter.STALE_HEADER)).isFalse();
    }
  }

  @Test
  @DisplayName("Without the token the same client reads stale rows")
  void withoutATokenReadsAreStale() {
    slow.slow(Duration.ofMillis(20));
    RestClient client = builder(TokenCarrier.HEADER, LONG, OnTimeout.STALE).build();
    int stale = 0;
    for (int i = 0; i < WRITES; i++) {
      int rows = write(client);
      if (!String.valueOf(rows).equals(read(client).getBody())) {
        stale++;
      }
    }
    assertThat(stale).isPositive();
  }

  @ParameterizedTest
  @EnumSource(TokenCarrier.class)
  @DisplayName("When the time is over the read is marked as stale, and the token is kept")
  void aStaleReadIsMarked(TokenCarrier carrier) throws Exception {
    b.engine().pause();
    RestClient client = client(carrier, SHORT, OnTimeout.STALE);
    int rows = write(client);
    for (int i = 0; i < 2; i++) { // the second one would not be marked if the first lost the token
      ResponseEntity<String> read = read(client);
      assertThat(read.getBody()).isNotEqualTo(String.valueOf(rows));
      assertThat(read.getHeaders().getFirst(ReadYourWritesFilter.STALE_HEADER)).isEqualTo("true");
    }
    b.engine().resume();
    b.awaitSame(a);
    ResponseEntity<String> read = read(client);
    assertThat(read.getBody()).isEqualTo(String.valueOf(rows));
    assertThat(read.getHeaders().containsHeader(ReadYourWritesFilter.STALE_HEADER)).isFalse();
  }

  @Test
  @DisplayName("When the time is over the request can be refused instead")
  void aStaleReadCanBeRefused() {
    b.engine().pause();
    RestClient client = client(TokenCarrier.HEADER, SHORT, OnTimeout.UNAVAILABLE);
    write(client);
    assertThatThrownBy(() -> read(client))
        .isInstanceOfSatisfying(
            HttpServerErrorException.ServiceUnavailable.class,
            refusal ->
                assertThat(refusal.getResponseHeaders().getFirst(HttpHeaders.RETRY_AFTER))
                    .isEqualTo("1"));
  }

  @Test
  @DisplayName("What an application wrote itself is in the token, too, when it asks another node")
  void whatTheApplicationWroteIsSeen() throws Exception {
    slow.slow(Duration.ofMillis(20));
    RestClient client =
        builder(TokenCarrier.HEADER, LONG, OnTimeout.STALE)
            .requestInterceptor(
                new ReadYourWritesInterceptor(List.of(a.engine()), TokenCarrier.HEADER))
            .build();
    for (int i = 0; i < WRITES; i++) {
      a.run("INSERT INTO t DEFAULT VALUES");
      assertThat(read(client).getBody()).isEqualTo(a.one("SELECT count(*) FROM t"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "test=",
        "test=1",
        "test=.99999999999999999999",
        "=.1",
        "unknown=.999999999999999999",
        "test=.1&test",
        "%=.1"
      })
  @DisplayName("What is no token is as good as none")
  void whatIsNoTokenIsIgnored(String made) {
    RestClient client = builder(TokenCarrier.HEADER, LONG, OnTimeout.UNAVAILABLE).build();
    ResponseEntity<String> read =
        client
            .get()
            .uri("http://b/")
            .header(ReadYourWritesFilter.HEADER, made)
            .retrieve()
            .toEntity(String.class);
    assertThat(read.getStatusCode().value()).isEqualTo(200);
    assertThat(read.getHeaders().getFirst(ReadYourWritesFilter.HEADER)).startsWith("test=");
  }

  @Test
  @DisplayName("A token that is made up makes a request wait no longer than is allowed")
  void aMadeUpTokenWaitsNoLongerThanAllowed() {
    RestClient client = builder(TokenCarrier.HEADER, SHORT, OnTimeout.STALE).build();
    ResponseEntity<String> read =
        client
            .get()
            .uri("http://b/")
            .header(ReadYourWritesFilter.HEADER, "test=.999999999999999999")
            .retrieve()
            .toEntity(String.class);
    assertThat(read.getHeaders().getFirst(ReadYourWritesFilter.STALE_HEADER)).isEqualTo("true");
  }

  @Test
  void theCookieIsNoScriptsBusiness() {
    RestClient client = builder(TokenCarrier.COOKIE, LONG, OnTimeout.STALE).build();
    assertThat(read(client).getHeaders().getFirst(HttpHeaders.SET_COOKIE))
        .startsWith("ha-sqlite-token=test=")
        .contains("HttpOnly", "SameSite=Lax", "Path=/");
  }
}
