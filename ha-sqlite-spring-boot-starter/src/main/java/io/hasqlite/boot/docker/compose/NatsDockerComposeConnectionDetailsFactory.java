package io.hasqlite.boot.docker.compose;

import io.hasqlite.boot.autoconfigure.HaSqliteConnectionDetails;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionDetailsFactory;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;
import org.springframework.boot.ssl.SslBundle;

/**
 * Connection details from a service of Docker Compose with the official image {@code nats}. The
 * server needs JetStream: the command {@code -js}.
 */
final class NatsDockerComposeConnectionDetailsFactory
    extends DockerComposeConnectionDetailsFactory<HaSqliteConnectionDetails> {

  private static final String IMAGE = "nats";
  private static final int PORT = 4222;

  NatsDockerComposeConnectionDetailsFactory() {
    super(IMAGE);
  }

  @Override
  protected HaSqliteConnectionDetails getDockerComposeConnectionDetails(
      DockerComposeConnectionSource source) {
    return new NatsDockerComposeConnectionDetails(source.getRunningService());
  }

  private static final class NatsDockerComposeConnectionDetails
      extends DockerComposeConnectionDetails implements HaSqliteConnectionDetails {

    private final String url;
    private final @Nullable SslBundle sslBundle;

    private NatsDockerComposeConnectionDetails(RunningService service) {
      super(service);
      url = "nats://" + service.host() + ":" + service.ports().get(PORT);
      sslBundle = getSslBundle(service);
    }

    @Override
    public String getUrl() {
      return url;
    }

    @Override
    public @Nullable SslBundle getSslBundle() {
      return sslBundle;
    }
  }
}
