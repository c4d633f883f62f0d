package io.hasqlite.engine;

import io.hasqlite.RowIdentity;
import io.hasqlite.server.EmbeddedServerOptions;
import io.hasqlite.stream.DeliverPolicy;
import io.hasqlite.stream.StreamOptions;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An option in a JDBC URL, with the name that go-ha gives it. */
enum DriverOption {
  NAME("Name of this node, unique among the nodes of the database", (to, value) -> to.options.nodeName(value), "name"),
  CDC_ID(
      "Name under which all nodes know the database",
      (to, value) -> to.options.databaseName(value),
      "cdcID",
      "replicationID"),
  REPLICATION_URL(
      "Addresses of NATS, separated by commas", (to, value) -> to.url = value, "replicationURL"),
  ROW_IDENTIFY(
      "What identifies a row elsewhere: pk, rowid or full",
      (to, value) ->
          to.options.rowIdentity(RowIdentity.valueOf(value.toUpperCase(Locale.ROOT))),
      "rowIdentify"),
  DISABLE_DDL_SYNC(
      "Whether changes of the schema stay here",
      (to, value) -> to.options.ddlSync(!bool(value)),
      "disableDDLSync"),
  REPLICATION_STREAM(
      "Stream that holds the changes",
      (to, value) -> to.stream = to.stream.withName(value),
      "replicationStream"),
  REPLICAS(
      "Servers that keep the stream, when it is made",
      (to, value) -> to.stream = to.stream.withReplicas(Integer.parseInt(value)),
      "replicas"),
  STREAM_MAX_AGE(
      "How long changes are kept, when the stream is made",
      (to, value) -> to.stream = to.stream.withMaxAge(duration(value)),
      "streamMaxAge"),
  DISABLE_PUBLISHER(
      "Whether this node's transactions stay here",
      (to, value) -> to.options.publisherEnabled(!bool(value)),
      "disableCDCPublisher",
      "disablePublisher"),
  ASYNC_PUBLISHER(
      "Whether a transaction is committed here at once and published afterwards",
      (to, value) -> to.options.publisherAsync(bool(value)),
      "asyncPublisher"),
  ASYNC_PUBLISHER_OUTBOX_DIR(
      "Folder for the changes of transactions that wait to be published",
      (to, value) -> to.options.outboxFolder(Path.of(value)),
      "asyncPublisherOutboxDir"),
  PUBLISHER_TIMEOUT(
      "How long a commit waits for the stream",
      (to, value) -> to.options.publisherTimeout(duration(value)),
      "publisherTimeout"),
  DISABLE_SUBSCRIBER(
      "Whether this node ignores what others publish",
      (to, value) -> to.options.subscriberEnabled(!bool(value)),
      "disableCDCSubscriber",
      "disableSubscriber"),
  DELIVER_POLICY(
      "Where a node without a position begins",
      (to, value) -> to.options.deliverPolicy(DeliverPolicy.parse(value)),
      "deliverPolicy"),
  DISABLE_SNAPSHOTTER(
      "Whether this node takes no snapshots",
      (to, value) -> to.options.snapshotterEnabled(!bool(value)),
      "disableDBSnapshotter"),
  SNAPSHOT_INTERVAL(
      "How often one of the nodes takes a snapshot",
      (to, value) -> to.options.snapshotInterval(duration(value)),
      "snapshotInterval"),
  NATS_NAME("Name of the embedded server", (to, value) -> to.server().name(value), "natsName"),
  NATS_PORT(
      "Port of the embedded server",
      (to, value) -> to.server().port(Integer.parseInt(value)),
      "natsPort"),
  NATS_STORE_DIR(
      "Directory of the embedded server's streams",
      (to, value) -> to.server().storeDir(Path.of(value)),
      "natsStoreDir"),
  NATS_CONFIG_FILE(
      "Configuration file of the embedded server",
      (to, value) -> to.server().configFile(Path.of(value)),
      "natsConfigFile"),
  USER("User to log in to NATS as", (to, value) -> to.user = value, "user"),
  PASSWORD("Password of that user", (to, value) -> to.password = value, "password");

  /** What the options of one URL add up to. */
  static final class Target {

    final HaSqliteOptions.Builder options;
    StreamOptions stream = StreamOptions.defaults();
    @Nullable String url;
    @Nullable String user;
    @Nullable String password;
    EmbeddedServerOptions.@Nullable Builder server;

    Target(Path path) {
      options = HaSqliteOptions.builder(path);
    }

    private EmbeddedServerOptions.Builder server() {
      EmbeddedServerOptions.Builder known = server;
      if (known == null) {
        known = EmbeddedServerOptions.builder();
        server = known;
      }
      return known;
    }
  }

  private interface Setter {
    void set(Target to, String value);
  }

  private static final Pattern DURATION =
      Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ns|us|\u00b5s|ms|s|m|h)");

  private static final Map<String, Long> UNIT_NANOS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "\u00b5s", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L);

  private final String description;
  private final Setter setter;
  private final List<String> names;

  DriverOption(String description, Setter setter, String... names) {
    this.description = description;
    this.setter = setter;
    this.names = List.of(names);
  }

  /** Finds an option by one of its names. */
  static Optional<DriverOption> named(String name) {
    return Arrays.stream(values()).filter(option -> option.names.contains(name)).findFirst();
  }

  /** Returns all names, for messages. */
  static String known() {
    return Arrays.stream(values())
        .flatMap(option -> option.names.stream())
        .collect(Collectors.joining(", "));
  }

  String optionName() {
    return names.get(0);
  }

  String description() {
    return description;
  }

  /**
   * Sets the option.
   *
   * @throws IllegalArgumentException if the value cannot work
   */
  void set(Target to, String value) {
    setter.set(to, value);
  }

  private static boolean bool(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw new IllegalArgumentException("\"" + value + "\" is neither true nor false");
    };
  }

  /** Reads a duration as Go writes it, such as 1h30m or 500ms. */
  private static Duration duration(String value) {
    Matcher part = DURATION.matcher(value);
    Duration total = Duration.ZERO;
    int end = 0;
    while (part.find() && part.start() == end) {
      BigDecimal nanos =
          new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(UNIT_NANOS.getOrDefault(part.group(2), 0L)));
      total = total.plusNanos(nanos.longValue());
      end = part.end();
    }
    if (end != value.length() || value.isEmpty()) {
      if (value.equals("0")) {
        return Duration.ZERO;
      }
      throw new IllegalArgumentException(
          "\"" + value + "\" is no duration, such as 500ms, 5s or 1h30m");
    }
    return total;
  }
}
