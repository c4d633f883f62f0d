package io.hasqlite.boot.testcontainers;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.boot.autoconfigure.HaSqliteAutoConfiguration;
import io.hasqlite.boot.autoconfigure.HaSqliteConnectionDetails;
import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.boot.testcontainers.service.connection.ServiceConnectionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.testcontainers.containers.GenericContainer;

/** Without a container engine: the "container" has the port of a server of this machine. */
class NatsContainerConnectionDetailsFactoryIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path directory;

  private ApplicationContextRunner runner() {
    return new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                ServiceConnectionAutoConfiguration.class, HaSqliteAutoConfiguration.class))
        .withPropertyValues(
            "ha.sqlite.path=" + directory.resolve("app.db"), "ha.sqlite.node-name=n1");
  }

  @Test
  @DisplayName("@ServiceConnection on a NATS container is where the database connects")
  void aContainerSaysWhereNatsIs() {
    runner()
        .withUserConfiguration(NatsContainer.class)
        .run(
            context -> {
              assertThat(context.getBean(HaSqliteConnectionDetails.class).getUrl())
                  .isEqualTo("nats://localhost:" + URI.create(NATS.url()).getPort());
              Eventually.holds(
                  () ->
                      assertThat(context.getBean(HaSqlite.class).status().state())
                          .isEqualTo(State.RUNNING));
            });
  }

  @Test
  @DisplayName("It comes before the properties")
  void itComesBeforeTheProperties() {
    runner()
        .withUserConfiguration(NatsContainer.class)
        .withPropertyValues("ha.sqlite.nats.url=nats://nowhere.invalid:1")
        .run(
            context ->
                assertThat(context.getBean(HaSqliteConnectionDetails.class).getUrl())
                    .startsWith("nats://localhost:"));
  }

  @Configuration(proxyBeanMethods = false)
  static class NatsContainer {

    @Bean
    @ServiceConnection(name = "nats") // a bean method is not called to learn the image
    GenericContainer<?> nats() {
      return new OfThisMachine();
    }
  }

  private static final class OfThisMachine extends GenericContainer<OfThisMachine> {

    OfThisMachine() {
      super("nats:2.11-alpine");
    }

    @Override
    public void start() {
      // The server runs already.
    }

    @Override
    public void stop() {
      // It is the extension's.
    }

    @Override
    public String getHost() {
      return "localhost";
    }

    @Override
    public Integer getMappedPort(int port) {
      assertThat(port).isEqualTo(4222);
      return URI.create(NATS.url()).getPort();
    }
  }
}
