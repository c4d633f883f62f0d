package io.hasqlite.boot.autoconfigure;

import io.hasqlite.engine.HaSqliteOptions;
import io.hasqlite.stream.StreamOptions;
import java.nio.file.Path;
import java.util.List;

/** Turns properties into the engine's options; a value that cannot work names its property. */
final class HaSqliteOptionsMapper {

  private static final List<String> NO_PATHS = List.of("jdbc:", "file:", ":memory:");

  private final PropertyMapping mapping;
  private final HaSqliteProperties properties;
  private final HaSqliteServer server;

  /**
   * Creates a mapper.
   *
   * @param prefix what the properties' names begin with
   */
  HaSqliteOptionsMapper(String prefix, HaSqliteProperties properties, HaSqliteServer server) {
    this.mapping = new PropertyMapping(prefix);
    this.properties = properties;
    this.server = server;
  }

  HaSqliteOptions.Builder map() {
    HaSqliteOptions.Builder options = HaSqliteOptions.builder(databasePath());
    mapping.set("node-name", properties.nodeName(), options::nodeName);
    mapping.set("cdc-id", properties.cdcId(), options::databaseName);
    options.rowIdentity(properties.rowIdentity());
    options.extensions(properties.extensions());
    options.excludedTables(properties.excludeTables());
    options.pragmas(properties.pragmas());
    options.bootstrap(properties.bootstrap());
    mapping.set("startup-timeout", properties.startupTimeout(), options::startupTimeout);
    options.ddlSync(properties.ddlSync().enabled());
    options.stream(stream());
    options.publisherEnabled(properties.publisher().enabled());
    options.publisherAsync(properties.publisher().async());
    options.publisherAwaitAck(properties.publisher().awaitAck());
    options.outboxFolder(
        mapping.optionalPath("publisher.outbox-dir", properties.publisher().outboxDir()));
    mapping.set("publisher.timeout", properties.publisher().timeout(), options::publisherTimeout);
    options.subscriberEnabled(properties.subscriber().enabled());
    options.deliverPolicy(properties.subscriber().deliverPolicy());
    options.onError(properties.subscriber().onError());
    options.snapshotterEnabled(properties.snapshotter().enabled());
    mapping.set(
        "snapshotter.interval", properties.snapshotter().interval(), options::snapshotInterval);
    mapping.set("verify.interval", properties.verify().interval(), options::verifyInterval);
    options.nats(server.nats());
    options.embeddedServer(server.embedded());
    return options;
  }

  private Path databasePath() {
    String path = properties.path();
    if (path == null || path.isBlank()) {
      throw new InvalidPropertyException(
          mapping.prefix() + "path is empty; it must name the database file, such as app.db", null);
    }
    if (NO_PATHS.stream().anyMatch(path::startsWith)) {
      throw new InvalidPropertyException(
          mapping.prefix()
              + "path must be the plain path of a file, such as data/app.db, but is \""
              + path
              + "\"",
          null);
    }
    return mapping.path("path", path);
  }

  private StreamOptions stream() {
    HaSqliteProperties.Stream stream = properties.stream();
    StreamOptions options = StreamOptions.defaults();
    options = mapping.get("stream.name", stream.name(), options::withName);
    options = mapping.get("stream.replicas", stream.replicas(), options::withReplicas);
    return mapping.get("stream.max-age", stream.maxAge(), options::withMaxAge);
  }
}
