package io.hasqlite.server;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How the embedded nats-server is run. Immutable; made with {@link #builder()}, which refuses what
 * cannot work. Two engines of one process share a server if their options are equal.
 *
 * @param name the server's name, unique in its cluster; null: the server names itself
 * @param host the address to listen on; another one than loopback needs a user name and a password
 * @param port the port for clients, or 0 to let the system choose
 * @param storeDir the directory for streams, configuration and log; used by one server at a time
 * @param username the only user, or null to accept everyone
 * @param password that user's password
 * @param configFile a configuration file of nats-server that overrides the name, host, port,
 *     credentials, sync interval, cluster, and the place of the streams
 * @param logs whether all of the server's log goes to the logger {@code io.hasqlite.server};
 *     otherwise only its warnings and errors do
 * @param binary the nats-server program, or null to look for it
 * @param downloadUrl the address below which {@code v<version>/nats-server-v<version>-<os>-<arch>.
 *     tar.gz} is found if no nats-server is installed, or null never to download one
 * @param syncInterval how often the streams are synced to the disk, zero for after every message;
 *     null leaves it to the server (two minutes). Needs nats-server 2.10
 * @param cluster the cluster that this server joins, or null for a server of its own
 * @param restart whether the server is started again when it dies
 * @param stopAtExit whether a shutdown hook stops the server if the JVM exits before {@link
 *     EmbeddedServer#close()}. The JVM runs its hooks in no order: false where another one (such as
 *     Spring's) closes everything in the right order
 * @param startTimeout how long a start may take
 */
public record EmbeddedServerOptions(
    @Nullable String name,
    String host,
    int port,
    Path storeDir,
    @Nullable String username,
    @Nullable String password,
    @Nullable Path configFile,
    boolean logs,
    @Nullable Path binary,
    @Nullable URI downloadUrl,
    @Nullable Duration syncInterval,
    @Nullable Cluster cluster,
    boolean restart,
    boolean stopAtExit,
    Duration startTimeout) {

  /** The port for clients if none is set: NATS's own. */
  public static final int DEFAULT_PORT = 4222;

  /** The address that is listened on if none is set. */
  public static final String DEFAULT_HOST = "127.0.0.1";

  /** The directory for streams if none is set, relative to the working directory. */
  public static final Path DEFAULT_STORE_DIR = Path.of("nats-data");

  /** Where releases are downloaded from if nothing else is set. */
  public static final URI DEFAULT_DOWNLOAD_URL =
      URI.create("https://github.com/nats-io/nats-server/releases/download");

  /** How long a start may take if nothing else is set. */
  public static final Duration DEFAULT_START_TIMEOUT = Duration.ofSeconds(30);

  static final String PREFIX = "ha.sqlite.nats.embedded.";

  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.\\d{1,3}){3}|::1", Pattern.CASE_INSENSITIVE);

  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9.-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  /** Validates; {@link #builder()} is the readable way to get here. */
  public EmbeddedServerOptions {
    host = host.replaceAll("^\\[(.*)]$", "$1");
    Objects.requireNonNull(startTimeout, "startTimeout");
    storeDir = storeDir.toAbsolutePath().normalize();
    requireText("name", name);
    requireText("host", host);
    if (!HOST.matcher(host).matches()) {
      throw new IllegalArgumentException(
          PREFIX + "host must be an address or a host name, but is \"" + host + "\"");
    }
    requireText("username", username);
    requireText("password", password);
    if (name != null && name.chars().anyMatch(Character::isWhitespace)) {
      throw new IllegalArgumentException(
          PREFIX + "name must not contain white space, but is \"" + name + "\"");
    }
    requirePort("port", port);
    if ((username == null) != (password == null)) {
      throw new IllegalArgumentException(
          PREFIX + "username and " + PREFIX + "password must be set together");
    }
    if (password != null && password.startsWith("$2")) {
      // nats-server would take it for a bcrypt hash of another password.
      throw new IllegalArgumentException(PREFIX + "password must not begin with \"$2\"");
    }
    if (configFile == null && username == null && !LOOPBACK.matcher(host).matches()) {
      throw new IllegalArgumentException(
          PREFIX
              + "host is \""
              + host
              + "\", which others can reach: set "
              + PREFIX
              + "username and "
              + PREFIX
              + "password too, or listen on "
              + DEFAULT_HOST);
    }
    if (syncInterval != null && syncInterval.isNegative()) {
      throw new IllegalArgumentException(
          PREFIX + "sync-interval must not be negative, but is " + syncInterval);
    }
    if (startTimeout.isNegative() || startTimeout.isZero()) {
      throw new IllegalArgumentException(
          "The start time-out must be positive, but is " + startTimeout);
    }
    if (cluster != null && name == null && configFile == null) {
      throw new IllegalArgumentException(
          PREFIX + "name is needed in a cluster: each server has its own");
    }
  }

  /**
   * The cluster that several embedded servers form; JetStream in it needs a majority of them.
   *
   * @param name the cluster's name, the same for all its servers
   * @param port this server's port for the others
   * @param routes the servers of the cluster as {@code host:port}, this one included or not. If the
   *     servers have a user name and password, they use these among each other too
   */
  public record Cluster(String name, int port, List<String> routes) {

    /** Validates. */
    public Cluster {
      requireText("cluster.name", Objects.requireNonNull(name, "name"));
      requirePort("cluster.port", port);
      if (port == 0) {
        throw new IllegalArgumentException(
            PREFIX + "cluster.port must be set: the other servers need to know it");
      }
      if (name.chars().anyMatch(Character::isWhitespace)) {
        throw new IllegalArgumentException(
            PREFIX + "cluster.name must not contain white space, but is \"" + name + "\"");
      }
      routes = List.copyOf(routes);
      if (routes.isEmpty()) {
        throw new IllegalArgumentException(
            PREFIX + "cluster.routes must name at least one other server as host:port");
      }
      routes.forEach(Cluster::requireRoute);
    }

    private static void requireRoute(String route) {
      if (!route.matches("[A-Za-z0-9._-]+:\\d{1,5}|\\[[0-9A-Fa-f:.]+]:\\d{1,5}")) {
        throw new IllegalArgumentException(
            PREFIX + "cluster.routes must hold host:port, but one is \"" + route + "\"");
      }
      requirePort("cluster.routes", Integer.parseInt(route.substring(route.lastIndexOf(':') + 1)));
    }
  }

  /** Returns a builder with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that starts with these options. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.name = name;
    builder.host = host;
    builder.port = port;
    builder.storeDir = storeDir;
    builder.username = username;
    builder.password = password;
    builder.configFile = configFile;
    builder.logs = logs;
    builder.binary = binary;
    builder.downloadUrl = downloadUrl;
    builder.syncInterval = syncInterval;
    builder.cluster = cluster;
    builder.restart = restart;
    builder.stopAtExit = stopAtExit;
    builder.startTimeout = startTimeout;
    return builder;
  }

  /** Describes the options without the password. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "EmbeddedServerOptions[name=%s, host=%s, port=%d, storeDir=%s, username=%s, configFile=%s,"
            + " cluster=%s]",
        name,
        host,
        port,
        storeDir,
        username,
        configFile,
        cluster);
  }

  private static void requireText(String property, @Nullable String value) {
    if (value == null) {
      return;
    }
    if (value.isBlank()) {
      throw new IllegalArgumentException(PREFIX + property + " must not be blank");
    }
    if (value.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          PREFIX + property + " must not contain control characters");
    }
  }

  private static void requirePort(String property, int port) {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException(
          PREFIX + property + " must be between 0 and 65535, but is " + port);
    }
  }

  /** Collects options; not safe for use by several threads. */
  public static final class Builder {

    private @Nullable String name;
    private String host = DEFAULT_HOST;
    private int port = DEFAULT_PORT;
    private Path storeDir = DEFAULT_STORE_DIR;
    private @Nullable String username;
    private @Nullable String password;
    private @Nullable Path configFile;
    private boolean logs;
    private @Nullable Path binary;
    private @Nullable URI downloadUrl = DEFAULT_DOWNLOAD_URL;
    private @Nullable Duration syncInterval;
    private @Nullable Cluster cluster;
    private boolean restart = true;
    private boolean stopAtExit = true;
    private Duration startTimeout = DEFAULT_START_TIMEOUT;

    private Builder() {}

    /** Sets the server's name. */
    public Builder name(@Nullable String name) {
      this.name = name;
      return this;
    }

    /** Sets the address to listen on. */
    public Builder host(String host) {
      this.host = host;
      return this;
    }

    /** Sets the port for clients; 0 or -1 lets the system choose. */
    public Builder port(int port) {
      this.port = port == -1 ? 0 : port;
      return this;
    }

    /** Sets the directory for streams, configuration and log; it is created if needed. */
    public Builder storeDir(Path storeDir) {
      this.storeDir = storeDir;
      return this;
    }

    /** Sets the only user; goes with a password. */
    public Builder username(@Nullable String username) {
      this.username = username;
      return this;
    }

    /** Sets the only user's password. */
    public Builder password(@Nullable String password) {
      this.password = password;
      return this;
    }

    /** Sets a configuration file that overrides the generated one. */
    public Builder configFile(@Nullable Path configFile) {
      this.configFile = configFile;
      return this;
    }

    /** Sets whether all of the server's log is passed on, not only warnings and errors. */
    public Builder logs(boolean logs) {
      this.logs = logs;
      return this;
    }

    /** Sets the nats-server program. */
    public Builder binary(@Nullable Path binary) {
      this.binary = binary;
      return this;
    }

    /** Sets where a release may be downloaded from; null turns downloads off. */
    public Builder downloadUrl(@Nullable URI downloadUrl) {
      this.downloadUrl = downloadUrl;
      return this;
    }

    /** Sets how often streams are synced to the disk; zero means after every message. */
    public Builder syncInterval(@Nullable Duration syncInterval) {
      this.syncInterval = syncInterval;
      return this;
    }

    /** Sets the cluster that the server joins. */
    public Builder cluster(@Nullable Cluster cluster) {
      this.cluster = cluster;
      return this;
    }

    /** Sets whether the server is started again when it dies. */
    public Builder restart(boolean restart) {
      this.restart = restart;
      return this;
    }

    /** Sets whether a shutdown hook stops the server. */
    public Builder stopAtExit(boolean stopAtExit) {
      this.stopAtExit = stopAtExit;
      return this;
    }

    /** Sets how long a start may take. */
    public Builder startTimeout(Duration startTimeout) {
      this.startTimeout = startTimeout;
      return this;
    }

    /**
     * Returns the options.
     *
     * @throws IllegalArgumentException if they cannot work; the message names the property
     */
    public EmbeddedServerOptions build() {
      return new EmbeddedServerOptions(
          name,
          host,
          port,
          storeDir,
          username,
          password,
          configFile == null ? null : configFile.toAbsolutePath().normalize(),
          logs,
          binary,
          downloadUrl,
          syncInterval,
          cluster,
          restart,
          stopAtExit,
          startTimeout);
    }
  }
}
