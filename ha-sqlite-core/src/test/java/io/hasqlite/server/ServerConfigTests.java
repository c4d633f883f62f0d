package io.hasqlite.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.server.EmbeddedServerOptions.Cluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerConfigTests {

  private static final ServerVersion OLD = new ServerVersion(2, 9, 10);
  private static final ServerVersion NEW = new ServerVersion(2, 14, 5);

  @Test
  void theDefaultsListenOnLoopbackWithJetStream() {
    String text = text(EmbeddedServerOptions.builder().storeDir(Path.of("/data/nats")), OLD);

    assertThat(text)
        .contains("host: \"127.0.0.1\"\n")
        .contains("port: 4222\n")
        .contains("store_dir: \"/data/nats\"\n")
        .doesNotContain("authorization")
        .doesNotContain("cluster")
        .doesNotContain("server_name");
  }

  @Test
  void theSyncIntervalIsOnlyWrittenForServersThatKnowIt() {
    EmbeddedServerOptions.Builder options =
        EmbeddedServerOptions.builder().syncInterval(Duration.ofMillis(1500));

    assertThat(text(options, OLD)).doesNotContain("sync_interval");
    assertThat(text(options, new ServerVersion(2, 10, 0))).contains("sync_interval: \"1500ms\"");
    assertThat(text(options.syncInterval(Duration.ZERO), NEW)).contains("sync_interval: always");
  }

  @Test
  void quotesAndBackslashesStayInsideTheirString() {
    String text =
        text(EmbeddedServerOptions.builder().username("a\"b").password("c\\\"; port: 1"), NEW);

    assertThat(text).contains("user: \"a\\\"b\"\n").contains("password: \"c\\\\\\\"; port: 1\"\n");
  }

  @Test
  void theCredentialsProtectTheRoutesToo() {
    String text =
        text(
            EmbeddedServerOptions.builder()
                .name("n1")
                .host("0.0.0.0")
                .username("u@")
                .password("p /")
                .cluster(new Cluster("c", 6222, List.of("n2:6222"))),
            NEW);

    assertThat(text.substring(text.indexOf("cluster {")))
        .contains("authorization {")
        .contains("\"nats-route://u%40:p%20%2F@n2:6222\"");
  }

  @Test
  void versionsAreReadFromWhatTheServerPrints() {
    assertThat(ServerVersion.find("nats-server: v2.9.10\n")).contains(OLD);
    assertThat(ServerVersion.find("nats-server: v2.14.5-RC.1")).contains(NEW);
    assertThat(ServerVersion.find("Python 3.1.4")).isEmpty();
    assertThat(new ServerVersion(2, 8, 99).isSupported()).isFalse();
    assertThat(OLD.isSupported()).isTrue();
  }

  private static String text(EmbeddedServerOptions.Builder options, ServerVersion version) {
    return new ServerConfig(options.build(), version).text();
  }
}
