package io.hasqlite.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.hasqlite.server.EmbeddedServerOptions.Cluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedServerOptionsTests {

  @Test
  void defaultsListenOnLoopbackAtNatsPort() {
    EmbeddedServerOptions options = EmbeddedServerOptions.builder().build();

    assertThat(options.host()).isEqualTo("127.0.0.1");
    assertThat(options.port()).isEqualTo(4222);
    assertThat(options.username()).isNull();
    assertThat(options.logs()).isFalse();
    assertThat(options.storeDir()).isAbsolute().endsWithRaw(Path.of("nats-data"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "192.168.1.5", "myhost", "127.evil.example", "1270.0.1"})
  void aHostThatOthersReachNeedsCredentials(String host) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EmbeddedServerOptions.builder().host(host).build())
        .withMessageContaining(host)
        .withMessageContaining("ha.sqlite.nats.embedded.username")
        .withMessageContaining("ha.sqlite.nats.embedded.password");
    assertThatNoException()
        .isThrownBy(
            () -> EmbeddedServerOptions.builder().host(host).username("u").password("p").build());
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"})
  void loopbackNeedsNoCredentials(String host) {
    assertThatNoException().isThrownBy(() -> EmbeddedServerOptions.builder().host(host).build());
  }

  @Test
  void whatCannotWorkIsRefusedWithTheNameOfTheProperty() {
    assertRefused(EmbeddedServerOptions.builder().port(70000), "embedded.port");
    assertRefused(EmbeddedServerOptions.builder().port(-2), "embedded.port");
    assertRefused(EmbeddedServerOptions.builder().username("u"), "embedded.password");
    assertRefused(EmbeddedServerOptions.builder().password("p"), "embedded.username");
    assertRefused(
        EmbeddedServerOptions.builder().username("u\n").password("p"), "embedded.username");
    assertRefused(
        EmbeddedServerOptions.builder().username("u").password("$2a$11$x"), "embedded.password");
    assertRefused(EmbeddedServerOptions.builder().name(" "), "embedded.name");
    assertRefused(EmbeddedServerOptions.builder().name("a b"), "embedded.name");
    assertRefused(EmbeddedServerOptions.builder().host("a_b"), "embedded.host");
    assertRefused(
        EmbeddedServerOptions.builder().syncInterval(Duration.ofMillis(-1)), "sync-interval");
    assertRefused(
        EmbeddedServerOptions.builder().cluster(new Cluster("c", 6222, List.of("localhost:6223"))),
        "embedded.name");
  }

  @Test
  void aClusterThatCannotWorkIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Cluster("c", 0, List.of("a:1")))
        .withMessageContaining("cluster.port");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Cluster("c", 6222, List.of()))
        .withMessageContaining("cluster.routes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Cluster("c", 6222, List.of("nats://user:secret@a")))
        .withMessageContaining("host:port");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Cluster("c", 6222, List.of("a:99999")))
        .withMessageContaining("cluster.routes");
  }

  @Test
  void thePasswordIsNotPrinted() {
    EmbeddedServerOptions options =
        EmbeddedServerOptions.builder().username("ann").password("geheim").build();

    assertThat(options.toString()).contains("ann").doesNotContain("geheim");
  }

  @Test
  void aCopyHasTheSameOptions() {
    EmbeddedServerOptions options =
        EmbeddedServerOptions.builder()
            .name("n")
            .host("0.0.0.0")
            .port(-1)
            .storeDir(Path.of("x"))
            .username("u")
            .password("p")
            .configFile(Path.of("c"))
            .logs(true)
            .binary(Path.of("b"))
            .downloadUrl(null)
            .syncInterval(Duration.ZERO)
            .cluster(new Cluster("c", 1, List.of("a:1")))
            .restart(false)
            .stopAtExit(false)
            .startTimeout(Duration.ofSeconds(1))
            .build();

    assertThat(options.toBuilder().build()).isEqualTo(options);
    assertThat(options.port()).isZero();
  }

  private static void assertRefused(EmbeddedServerOptions.Builder builder, String property) {
    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessageContaining("ha.sqlite.nats.embedded.")
        .withMessageContaining(property);
  }
}
