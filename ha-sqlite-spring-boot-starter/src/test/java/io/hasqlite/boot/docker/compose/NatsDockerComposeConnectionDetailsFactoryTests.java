package io.hasqlite.boot.docker.compose;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.boot.autoconfigure.HaSqliteConnectionDetails;
import java.lang.reflect.Constructor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetailsFactories;
import org.springframework.boot.docker.compose.core.ConnectionPorts;
import org.springframework.boot.docker.compose.core.ImageReference;
import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;
import org.springframework.core.env.Environment;
import org.springframework.mock.env.MockEnvironment;

/** Without a container engine: with what Spring Boot would have read from it. */
class NatsDockerComposeConnectionDetailsFactoryTests {

  private record Service(ImageReference image, Map<String, String> labels)
      implements RunningService {

    @Override
    public String name() {
      return "messages";
    }

    @Override
    public String host() {
      return "127.0.0.1";
    }

    @Override
    public ConnectionPorts ports() {
      return new Ports();
    }

    @Override
    public Map<String, String> env() {
      return Map.of();
    }
  }

  private record Ports() implements ConnectionPorts {

    @Override
    public int get(int containerPort) {
      assertThat(containerPort).isEqualTo(4222);
      return 32_768;
    }

    @Override
    public List<Integer> getAll() {
      return List.of(32_768);
    }

    @Override
    public List<Integer> getAll(String protocol) {
      return getAll();
    }
  }

  private static Map<Class<?>, ConnectionDetails> details(RunningService service) throws Exception {
    Constructor<DockerComposeConnectionSource> ofBoot =
        DockerComposeConnectionSource.class.getDeclaredConstructor(
            RunningService.class, Environment.class);
    ofBoot.setAccessible(true);
    return new ConnectionDetailsFactories(null)
        .getConnectionDetails(ofBoot.newInstance(service, new MockEnvironment()), false);
  }

  @Test
  @DisplayName("A service with the image nats says where NATS is")
  void aServiceSaysWhereNatsIs() throws Exception {
    for (String image : List.of("nats", "nats:2.11-alpine", "docker.io/library/nats:latest")) {
      assertThat(details(new Service(ImageReference.of(image), Map.of())))
          .as(image)
          .hasEntrySatisfying(
              HaSqliteConnectionDetails.class,
              found ->
                  assertThat(((HaSqliteConnectionDetails) found).getUrl())
                      .isEqualTo("nats://127.0.0.1:32768"));
    }
  }

  @Test
  @DisplayName("One with another image can be labelled so")
  void anotherImageCanBeLabelled() throws Exception {
    assertThat(
            details(
                new Service(
                    ImageReference.of("example.com/my-nats"),
                    Map.of("org.springframework.boot.service-connection", "nats"))))
        .containsKey(HaSqliteConnectionDetails.class);
  }

  @Test
  void otherServicesSayNothing() throws Exception {
    assertThat(details(new Service(ImageReference.of("redis"), Map.of())))
        .doesNotContainKey(HaSqliteConnectionDetails.class);
  }
}
