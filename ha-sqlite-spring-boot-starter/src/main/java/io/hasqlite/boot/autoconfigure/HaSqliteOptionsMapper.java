package io.hasqlite.boot.autoconfigure;

import io.hasqlite.engine.HaSqliteOptions;
import io.hasqlite.server.EmbeddedServerOptions;
import io.hasqlite.stream.StreamOptions;
import io.hasqlite.stream.nats.NatsConnectionOptions;
import io.hasqlite.stream.nats.NatsOptionsCustomizer;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundles;

/** Turns properties into the engine's options; a value that cannot work names its property. */
final class HaSqliteOptionsMapper {

  private static final String PREFIX = "ha.sqlite.";
  private static final List<String> NO_PATHS = List.of("jdbc:", "file:", ":memory:");

  private final HaSqliteProperties properties;
  private final @Nullable NatsConnectionDetails connectionDetails;
  private final @Nullable SslBundles sslBundles;
  private final NatsOptionsCustomizer natsCustomizer;

  HaSqliteOptionsMapper(
      HaSqliteProperties properties,
      @Nullable NatsConnectionDetails connectionDetails,
      @Nullable SslBundles sslBundles,
      NatsOptionsCustomizer natsCustomizer) {
    this.properties = properties;
    this.connectionDetails = connectionDetails;
    this.sslBundles = sslBundles;
    this.natsCustomizer = natsCustomizer;
  }

  HaSqliteOptions.Builder map() {
    HaSqliteOptions.Builder options = HaSqliteOptions.builder(databasePath());
    set("node-name", properties.nodeName(), options::nodeName);
    set("cdc-id", properties.cdcId(), options::databaseName);
    options.rowIdentity(properties.rowIdentity());
    options.extensions(properties.extensions());
    options.excludedTables(properties.excludeTables());
    options.pragmas(properties.pragmas());
    options.bootstrap(properties.bootstrap());
    set("startup-timeout", properties.startupTimeout(), options::startupTimeout);
    options.ddlSync(properties.ddlSync().enabled());
    options.stream(stream());
    options.publisherEnabled(properties.publisher().enabled());
    options.publisherAsync(properties.publisher().async());
    options.publisherAwaitAck(properties.publisher().awaitAck());
    options.outboxFolder(optionalPath("publisher.outbox-dir", properties.publisher().outboxDir()));
    set("publisher.timeout", properties.publisher().timeout(), options::publisherTimeout);
    options.subscriberEnabled(properties.subscriber().enabled());
    options.deliverPolicy(properties.subscriber().deliverPolicy());
    options.onError(properties.subscriber().onError());
    options.snapshotterEnabled(properties.snapshotter().enabled());
    set("snapshotter.interval", properties.snapshotter().interval(), options::snapshotInterval);
    set("verify.interval", properties.verify().interval(), options::verifyInterval);
    mapServer(options);
    return options;
  }

  private Path databasePath() {
    String path = properties.path();
    if (path == null || path.isBlank()) {
      throw new InvalidPropertyException(
          PREFIX + "path is empty; it must name the database file, such as app.db", null);
    }
    if (NO_PATHS.stream().anyMatch(path::startsWith)) {
      throw new InvalidPropertyException(
          PREFIX
              + "path must be the plain path of a file, such as data/app.db, but is \""
              + path
              + "\"",
          null);
    }
    return path("path", path);
  }

  private StreamOptions stream() {
    HaSqliteProperties.Stream stream = properties.stream();
    StreamOptions options = StreamOptions.defaults();
    options = get("stream.name", stream.name(), options::withName);
    options = get("stream.replicas", stream.replicas(), options::withReplicas);
    return get("stream.max-age", stream.maxAge(), options::withMaxAge);
  }

  private void mapServer(HaSqliteOptions.Builder options) {
    HaSqliteProperties.Embedded embedded = properties.nats().embedded();
    if (!embedded.enabled()) {
      if (connectionDetails != null) {
        options.nats(nats(connectionDetails));
      }
      return;
    }
    if (connectionDetails != null) {
      throw new InvalidPropertyException(
          PREFIX
              + "nats.embedded.enabled is true although "
              + PREFIX
              + "nats.url (or a NatsConnectionDetails bean) says where NATS is; a node with an"
              + " embedded server uses that one",
          null);
    }
    EmbeddedServerOptions server = get("nats.embedded", embedded, this::embeddedServer);
    options.embeddedServer(server);
    // How to log in and the client's options; the address is the server's own, once it runs.
    String address = "nats://" + EmbeddedServerOptions.DEFAULT_HOST + ":" + server.port();
    options.nats(nats(new PropertiesNatsConnectionDetails(properties.nats(), address, sslBundles)));
  }

  private EmbeddedServerOptions embeddedServer(HaSqliteProperties.Embedded embedded) {
    HaSqliteProperties.Cluster cluster = embedded.cluster();
    String downloadUrl = embedded.downloadUrl();
    return EmbeddedServerOptions.builder()
        .name(embedded.name())
        .host(embedded.host())
        .port(embedded.port())
        .storeDir(path("nats.embedded.store-dir", embedded.storeDir()))
        .username(embedded.username())
        .password(embedded.password())
        .configFile(optionalPath("nats.embedded.config-file", embedded.configFile()))
        .logs(embedded.logs())
        .binary(optionalPath("nats.embedded.binary", embedded.binary()))
        .downloadUrl(
            downloadUrl.isBlank()
                ? null
                : get("nats.embedded.download-url", downloadUrl, URI::create))
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

  private NatsConnectionOptions nats(NatsConnectionDetails details) {
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
    Path credentialsFile = optionalPath("nats.credentials-file", details.getCredentialsFile());
    if (credentialsFile != null) {
      builder.credentialsFile(credentialsFile);
    }
    Path nkeyFile = optionalPath("nats.nkey-file", details.getNkeyFile());
    if (nkeyFile != null) {
      builder.nkeyFile(nkeyFile);
    }
    if (details.getSslBundle() != null) {
      // Asked anew at each connect: a bundle can be reloaded.
      builder.sslContext(() -> Objects.requireNonNull(details.getSslBundle()).createSslContext());
    }
    builder.customizer(natsCustomizer);
    return get("nats", builder, NatsConnectionOptions.Builder::build);
  }

  private static @Nullable Path optionalPath(String property, @Nullable String value) {
    return value == null || value.isBlank() ? null : path(property, value);
  }

  private static Path path(String property, String value) {
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw new InvalidPropertyException(
          PREFIX + property + " is no path of a file: " + e.getMessage(), e);
    }
  }

  private static <T> void set(
      String property, @Nullable T value, Function<T, HaSqliteOptions.Builder> setter) {
    if (value != null) {
      get(property, value, setter);
    }
  }

  /** Maps a value; what is wrong with it names the property. */
  private static <T, R> R get(String property, T value, Function<T, R> mapping) {
    try {
      return mapping.apply(value);
    } catch (IllegalArgumentException e) {
      String reason = String.valueOf(e.getMessage());
      throw new InvalidPropertyException(
          reason.startsWith(PREFIX) ? reason : PREFIX + property + ": " + reason, e);
    }
  }
}
