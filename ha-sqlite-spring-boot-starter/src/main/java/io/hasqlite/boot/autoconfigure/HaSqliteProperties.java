package io.hasqlite.boot.autoconfigure;

import com.zaxxer.hikari.HikariConfig;
import io.hasqlite.RowIdentity;
import io.hasqlite.boot.web.OnTimeout;
import io.hasqlite.boot.web.TokenCarrier;
import io.hasqlite.engine.BootstrapPolicy;
import io.hasqlite.stream.DeliverPolicy;
import io.hasqlite.subscribe.OnError;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Properties of a replicated SQLite database. A property below {@code ha.sqlite} that is not known
 * is an error, so that a misspelt one does not do nothing; only environment variables and system
 * properties are not looked through for such.
 *
 * @param enabled Whether the replicated database becomes the application's data source.
 * @param path Database file, relative to the working directory. It is created if it is missing; the
 *     folder is not.
 * @param nodeName Name of this node, unique among the nodes of the database and always the same.
 *     The default is the host's name.
 * @param cdcId Name under which all nodes know the database, the same on each. The default is the
 *     file's name.
 * @param rowIdentity What identifies a row on another node, the same on all nodes.
 * @param extensions Loadable SQLite extensions: paths of libraries, each optionally followed by "!"
 *     and the name of its entry point.
 * @param excludeTables Tables that are not replicated, neither rows nor schema.
 * @param pragmas Pragmas of every connection, beside synchronous=NORMAL, foreign_keys=ON and
 *     busy_timeout=5000. Those that replication rests on, such as journal_mode, are refused.
 * @param bootstrap With what this node begins where its file and the cluster do not fit together.
 * @param startupTimeout How long the start waits until this node is level with the stream. After
 *     that the application starts anyway, and health is OUT_OF_SERVICE until it is level.
 * @param ddlSync Changes of the schema.
 * @param stream JetStream stream that holds the changes.
 * @param publisher Publishing of this node's transactions.
 * @param subscriber Following of the stream.
 * @param snapshotter Snapshots, from which new nodes start.
 * @param verify Comparison of the nodes' rows.
 * @param readYourWrites Tokens with which clients read their own writes on every node.
 * @param health Readiness of this node.
 * @param migration Migrations by Flyway and Liquibase.
 * @param nats NATS server.
 * @param databases Further databases by name: each takes the same properties, except enabled and
 *     nats. What is not set for one is as for the default database.
 * @param hikari HikariCP settings.
 */
@ConfigurationProperties(prefix = "ha.sqlite", ignoreUnknownFields = false)
public record HaSqliteProperties(
    @DefaultValue("true") boolean enabled,
    @Nullable String path,
    @Nullable String nodeName,
    @Nullable String cdcId,
    @DefaultValue("pk") RowIdentity rowIdentity,
    @DefaultValue List<String> extensions,
    @DefaultValue Set<String> excludeTables,
    @DefaultValue Map<String, String> pragmas,
    @DefaultValue("auto") BootstrapPolicy bootstrap,
    @DefaultValue("30s") Duration startupTimeout,
    @DefaultValue DdlSync ddlSync,
    @DefaultValue Stream stream,
    @DefaultValue Publisher publisher,
    @DefaultValue Subscriber subscriber,
    @DefaultValue Snapshotter snapshotter,
    @DefaultValue Verify verify,
    @DefaultValue ReadYourWrites readYourWrites,
    @DefaultValue Health health,
    @DefaultValue Migration migration,
    @DefaultValue Nats nats,
    @DefaultValue Map<String, HaSqliteProperties> databases,
    @NestedConfigurationProperty @DefaultValue HikariConfig hikari) {

  /**
   * Changes of the schema.
   *
   * @param enabled Whether this node's changes of the schema are published. Those of others are
   *     always applied.
   */
  public record DdlSync(@DefaultValue("true") boolean enabled) {}

  /**
   * The stream.
   *
   * @param name Name of the stream, also the first part of its subjects.
   * @param replicas Number of servers that keep the stream. Only used when it is created.
   * @param maxAge How long the stream keeps changes; 0 keeps them for ever. A node that was away
   *     for longer begins with the latest snapshot. Only used when the stream is created.
   */
  public record Stream(
      @DefaultValue("ha_replication") String name,
      @DefaultValue("1") int replicas,
      @DefaultValue("24h") Duration maxAge) {}

  /**
   * Publishing.
   *
   * @param enabled Whether this node's transactions are published. Without it they stay on this
   *     node.
   * @param async Whether a transaction is committed here at once and published afterwards, so that
   *     writes go on while the server is away. Others' transactions may come before it then.
   * @param awaitAck Whether an asynchronous commit returns only when the stream has the
   *     transaction; with a warning if that is not within the timeout.
   * @param outboxDir Folder for the changes of transactions that wait to be published, such as on
   *     another disk. By default they are in the database file.
   * @param timeout How long a commit waits for the stream's answer, and then until it is visible
   *     here.
   */
  public record Publisher(
      @DefaultValue("true") boolean enabled,
      @DefaultValue("false") boolean async,
      @DefaultValue("false") boolean awaitAck,
      @Nullable String outboxDir,
      @DefaultValue("5s") Duration timeout) {}

  /**
   * Subscribing.
   *
   * @param enabled Whether this node applies what others publish.
   * @param deliverPolicy Where a node without a position starts to read: all, last, new,
   *     by_start_sequence=N or by_start_time=yyyy-MM-dd HH:mm:ss (UTC).
   * @param onError What happens with a message that no node can apply: one that is not readable or
   *     asks for what is forbidden. What fails on this node only is tried again in any case.
   */
  public record Subscriber(
      @DefaultValue("true") boolean enabled,
      @DefaultValue("all") DeliverPolicy deliverPolicy,
      @DefaultValue("halt") OnError onError) {}

  /**
   * Snapshots.
   *
   * @param enabled Whether this node takes snapshots, too. It reads them in any case.
   * @param interval How often one of the nodes takes a snapshot, if anything changed.
   */
  public record Snapshotter(
      @DefaultValue("true") boolean enabled, @DefaultValue("1m") Duration interval) {}

  /**
   * Comparison.
   *
   * @param interval How often one of the nodes asks all to compare their rows, in the background; 0
   *     leaves this node out.
   */
  public record Verify(@DefaultValue("10m") Duration interval) {}

  /**
   * Reading of one's own writes.
   *
   * @param enabled Whether web requests wait until this node shows what their client has seen on
   *     others, and responses bring a token for the next one.
   * @param carrier In what the token travels.
   * @param maxWait How long a request waits at most.
   * @param onTimeout What a client gets whose writes are not visible on this node by then.
   */
  public record ReadYourWrites(
      @DefaultValue("false") boolean enabled,
      @DefaultValue("header") TokenCarrier carrier,
      @DefaultValue("2s") Duration maxWait,
      @DefaultValue("stale") OnTimeout onTimeout) {}

  /**
   * Readiness.
   *
   * @param maxLag How long this node may not have been level with the stream and still be ready for
   *     traffic, for which reason ever; 0 for ever.
   */
  public record Health(@DefaultValue("1m") Duration maxLag) {

    public Health {
      if (maxLag.isNegative()) {
        throw new IllegalArgumentException(
            "ha.sqlite.health.max-lag is "
                + maxLag
                + "; it must not be negative, and 0 stands for ever");
      }
    }
  }

  /**
   * Migrations.
   *
   * @param lock Lock that lets one node at a time migrate.
   */
  public record Migration(@DefaultValue MigrationLock lock) {}

  /**
   * The lock of migrations.
   *
   * @param enabled Whether Flyway and Liquibase run on one node at a time, while no other node
   *     commits.
   * @param timeout How long the start waits for another node's migration.
   * @param expiry How long the node that migrates may be silent (killed, frozen, cut off) before
   *     others go on; also how long a transaction that it holds up waits before it fails with
   *     SQLState 40001.
   */
  public record MigrationLock(
      @DefaultValue("true") boolean enabled,
      @DefaultValue("5m") Duration timeout,
      @DefaultValue("15s") Duration expiry) {}

  /**
   * The server.
   *
   * @param url Addresses of the NATS servers of one cluster, separated by commas. Without it and
   *     without an embedded server nothing is replicated.
   * @param username User to log in as.
   * @param password Password of the user.
   * @param token Token to log in with.
   * @param credentialsFile File with a user's JWT and key.
   * @param nkeyFile File with a user's key.
   * @param ssl TLS.
   * @param embedded Server run by this application.
   */
  public record Nats(
      @Nullable String url,
      @Nullable String username,
      @Nullable String password,
      @Nullable String token,
      @Nullable String credentialsFile,
      @Nullable String nkeyFile,
      @DefaultValue Ssl ssl,
      @DefaultValue Embedded embedded) {

    /** Says nothing about values: some are secret. */
    @Override
    public String toString() {
      return "Nats[...]";
    }
  }

  /**
   * TLS.
   *
   * @param bundle Name of the SSL bundle for connections to NATS.
   */
  public record Ssl(@Nullable String bundle) {}

  /**
   * The embedded server.
   *
   * @param enabled Whether this application runs a nats-server as a child process.
   * @param name Name of the server, needed in a cluster and unique there.
   * @param host Address to listen on. Another one than loopback needs a user name and a password.
   * @param port Port for clients; 0 lets the system choose.
   * @param storeDir Directory for streams, configuration and log, used by one server at a time.
   * @param username Only user that may log in.
   * @param password Password of that user.
   * @param configFile Configuration file of nats-server. It overrides the other settings of the
   *     embedded server.
   * @param logs Whether all of the server's log is logged, not only warnings and errors.
   * @param binary Program to run. By default an installed nats-server is looked for.
   * @param downloadUrl Address from which the official release is downloaded where no nats-server
   *     is installed, or a mirror of it. Empty: nothing is downloaded.
   * @param syncInterval How often the streams are synced to the disk; 0 after every message. By
   *     default the server's two minutes. Needs nats-server 2.10.
   * @param cluster Cluster of embedded servers.
   */
  public record Embedded(
      @DefaultValue("false") boolean enabled,
      @Nullable String name,
      @DefaultValue("127.0.0.1") String host,
      @DefaultValue("4222") int port,
      @DefaultValue("nats-data") String storeDir,
      @Nullable String username,
      @Nullable String password,
      @Nullable String configFile,
      @DefaultValue("false") boolean logs,
      @Nullable String binary,
      @DefaultValue("https://github.com/nats-io/nats-server/releases/download") String downloadUrl,
      @Nullable Duration syncInterval,
      @Nullable Cluster cluster) {

    /** Says nothing about values: some are secret. */
    @Override
    public String toString() {
      return "Embedded[...]";
    }
  }

  /**
   * The cluster of embedded servers.
   *
   * @param name Name of the cluster, the same for all its servers.
   * @param port Port of this server for the others.
   * @param routes Servers of the cluster as host:port; this one may be among them.
   */
  public record Cluster(
      @Nullable String name, @DefaultValue("0") int port, @DefaultValue List<String> routes) {}
}
