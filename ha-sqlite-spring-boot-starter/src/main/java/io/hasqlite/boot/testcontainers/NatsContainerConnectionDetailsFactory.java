package io.hasqlite.boot.testcontainers;

import io.hasqlite.boot.autoconfigure.HaSqliteConnectionDetails;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.testcontainers.service.connection.ContainerConnectionDetailsFactory;
import org.springframework.boot.testcontainers.service.connection.ContainerConnectionSource;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.testcontainers.containers.Container;

/**
 * Connection details from a container with the official image {@code nats} that is annotated with
 * {@link ServiceConnection}. The server needs JetStream: the command {@code -js}.
 */
final class NatsContainerConnectionDetailsFactory
    extends ContainerConnectionDetailsFactory<Container<?>, HaSqliteConnectionDetails> {

  private static final String IMAGE = "nats";
  private static final int PORT = 4222;

  NatsContainerConnectionDetailsFactory() {
    super(IMAGE);
  }

  @Override
  protected HaSqliteConnectionDetails getContainerConnectionDetails(
      ContainerConnectionSource<Container<?>> source) {
    return new NatsContainerConnectionDetails(source);
  }

  private static final class NatsContainerConnectionDetails
      extends ContainerConnectionDetails<Container<?>> implements HaSqliteConnectionDetails {

    private NatsContainerConnectionDetails(ContainerConnectionSource<Container<?>> source) {
      super(source);
    }

    @Override
    public String getUrl() {
      return "nats://" + getContainer().getHost() + ":" + getContainer().getMappedPort(PORT);
    }

    @Override
    public @Nullable SslBundle getSslBundle() {
      return super.getSslBundle();
    }
  }
}
