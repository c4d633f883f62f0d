package io.hasqlite.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.StreamConfiguration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class NatsServerExtensionIntegrationTests {

  @RegisterExtension static final NatsServerExtension nats = new NatsServerExtension();
  @RegisterExtension static final NatsServerExtension shared = NatsServerExtension.shared();
  @RegisterExtension static final NatsServerExtension sharedToo = NatsServerExtension.shared();

  @Test
  void diesAndReturnsOnlyWhenTold() throws Exception {
    String url = nats.url();
    addStream("KEPT");

    nats.kill();
    assertThat(nats.server().isRunning()).isFalse();
    nats.restart();

    assertThat(nats.url()).isEqualTo(url);
    assertThat(streams()).contains("KEPT");
    nats.restartEmpty();
    assertThat(nats.url()).isEqualTo(url);
    assertThat(streams()).isEmpty();
    // The next test finds it running all the same.
    nats.stop();
  }

  @Test
  void isReachableAtItsAddress() throws Exception {
    addStream("S");

    assertThat(streams()).contains("S");
  }

  @Test
  void sharedOnesAreOne() {
    assertThat(shared.server()).isSameAs(sharedToo.server()).isNotSameAs(nats.server());
  }

  @Test
  void leavesNothingBehind() throws Exception {
    Path parent = Path.of(System.getProperty("java.io.tmpdir"));
    TestNatsServer server = TestNatsServer.start(options -> options.name("gone"));
    List<Path> during = directories(parent);
    server.close();
    server.close();

    assertThat(server.isRunning()).isFalse();
    assertThat(directories(parent)).hasSize(during.size() - 1);
  }

  private static List<Path> directories(Path parent) throws Exception {
    try (Stream<Path> files = Files.list(parent)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("ha-sqlite-nats-"))
          .toList();
    }
  }

  private static void addStream(String name) throws Exception {
    try (Connection connection = Nats.connect(nats.url())) {
      connection
          .jetStreamManagement()
          .addStream(StreamConfiguration.builder().name(name).subjects(name).build());
    }
  }

  private static List<String> streams() throws Exception {
    try (Connection connection = Nats.connect(nats.url())) {
      return connection.jetStreamManagement().getStreamNames();
    }
  }
}
