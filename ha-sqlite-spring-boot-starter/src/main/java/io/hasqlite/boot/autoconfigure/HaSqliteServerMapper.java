package io.hasqlite.boot.autoconfigure;

import io.hasqlite.server.EmbeddedServerOptions;
import io.hasqlite.stream.nats.NatsConnectionOptions;
import io.hasqlite.stream.nats.NatsOptionsCustomizer;
import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundles;

/** Turns the properties below {@code ha.sqlite.nats} into options of the connection. */
final class HaSqliteServerMapper {

  private static final String PREFIX = "ha.sqlite.";

  private final PropertyMapping mapping = new PropertyMapping(PREFIX);
  private final HaSqliteProperties.Nats properties;
  private final @Nullable HaSqliteConnectionDetails connectionDetails;
  private final @Nullable SslBundles sslBundles;
  private final NatsOptionsCustomizer natsCustomizer;

  HaSqliteServerMapper(
      HaSqliteProperties.Nats properties,
      @Nullable HaSqliteConnectionDetails connectionDetails,
      @Nullable SslBundles sslBundles,
      NatsOptionsCustomizer natsCustomizer) {
    this.properties = properties;
    this.connectionDetails = connectionDetails;
    this.sslBundles = sslBundles;
    this.natsCustomizer = natsCustomizer;
  }

  HaSqliteServer map() {
    HaSqliteProperties.Embedded embedded = properties.embedded();
    if (!embedded.enabled()) {
      return new HaSqliteServer(connectionDetails == null ? null : nats(connectionDetails), null);
    }
    if (connectionDetails != null) {
      throw new InvalidPropertyException(
          PREFIX
              + "nats.embedded.enabled is true although "
              + PREFIX
              + "nats.url (or a HaSqliteConnectionDetails bean) says where NATS is; a node with an"
              + " embedded server uses that one",
          null);
    }
    EmbeddedServerOptions server = mapping.get("nats.embedded", embedded, this::embeddedServer);
    // How to log in and the client's options; the address is the server's own, once it runs.
    String address = "nats://" + EmbeddedServerOptions.DEFAULT_HOST + ":" + server.port();
    return new HaSqliteServer(
        nats(new PropertiesHaSqliteConnectionDetails(properties, address, sslBundles)), server);
  }

  private EmbeddedServerOptions embeddedServer(HaSqliteProperties.Embedded embedded) {
    HaSqliteProperties.Cluster cluster = embedded.cluster();
    String downloadUrl = embedded.downloadUrl();
    return EmbeddedServerOptions.builder()
        .name(embedded.name())
        .host(embedded.host())
        .port(embedded.port())
        .storeDir(mapping.path("nats.embedded.store-dir", embedded.storeDir()))
        .username(embedded.username())
        .password(embedded.password())
        .configFile(mapping.optionalPath("nats.embedded.config-file", embedded.configFile()))
        .logs(embedded.logs())
        .binary(mapping.optionalPath("nats.embedded.binary", embedded.binary()))
        .downloadUrl(
            downloadUrl.isBlank()
                ? null
                : mapping.get("nats.embedded.download-url", downloadUrl, URI::create))
        .syncInterval(embedded.syncInterval())
        .cluster(cluster == null ? null : cluster(cluster))
        // Spring's shutdown hook closes the context, which closes the pool, the engine and then
        // the server; a hook of the server's own would take it away from commits under way.
        .stopAtExit(false)
        .build();
  }

  private static EmbeddedServerOptions.Cluster cluster(HaSqliteProperties.Cluster cluster) {
    String name = cluster.name();
    if (name == null) {
      throw new IllegalArgumentException(PREFIX + "nats.embedded.cluster.name is missing");
    }
    return new EmbeddedServerOptions.Cluster(name, cluster.port(), cluster.routes());
  }

  private NatsConnectionOptions nats(HaSqliteConnectionDetails details) {
    NatsConnectionOptions.Builder builder = NatsConnectionOptions.servers(details.getUrl());
    String username = details.getUsername();
    String password = details.getPassword();
    if ((username == null) != (password == null)) {
      throw new InvalidPropertyException(
          PREFIX + "nats.username and " + PREFIX + "nats.password must be set together", null);
    }
    if (username != null && password != null) {
      builder.user(username, password);
    }
    String token = details.getToken();
    if (token != null) {
      builder.token(token);
    }
    Path credentialsFile =
        mapping.optionalPath("nats.credentials-file", details.getCredentialsFile());
    if (credentialsFile != null) {
      builder.credentialsFile(credentialsFile);
    }
    Path nkeyFile = mapping.optionalPath("nats.nkey-file", details.getNkeyFile());
    if (nkeyFile != null) {
      builder.nkeyFile(nkeyFile);
    }
    if (details.getSslBundle() != null) {
      // Asked anew at each connect: a bundle can be reloaded.
      builder.sslContext(() -> Objects.requireNonNull(details.getSslBundle()).createSslContext());
    }
    builder.customizer(natsCustomizer);
    return mapping.get("nats", builder, NatsConnectionOptions.Builder::build);
  }
}
