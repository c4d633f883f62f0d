package io.hasqlite.engine;

import io.hasqlite.DatabaseName;
import io.hasqlite.MessageTracing;
import io.hasqlite.NodeId;
import io.hasqlite.RowIdentity;
import io.hasqlite.changeset.ChangeSetInterceptor;
import io.hasqlite.publish.CdcPublisher;
import io.hasqlite.server.EmbeddedServerOptions;
import io.hasqlite.snapshot.DbSnapshotter;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.DeliverPolicy;
import io.hasqlite.stream.StreamOptions;
import io.hasqlite.stream.nats.NatsConnectionOptions;
import io.hasqlite.subscribe.CdcSubscriber;
import io.hasqlite.subscribe.OnError;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How a database is opened and replicated. Only the path has no default.
 *
 * <p>Of go-ha's options, hooks on connections have no counterpart, on purpose: they let code see
 * rows before the order of the transactions is decided. A {@link ChangeSetInterceptor} sees each
 * transaction at its place, on every node alike.
 */
public final class HaSqliteOptions {

  /** How long a start waits until the node is level with the stream. */
  public static final Duration STARTUP_TIMEOUT_DEFAULT = Duration.ofSeconds(30);

  /** How often a snapshot is taken. */
  public static final Duration SNAPSHOT_INTERVAL_DEFAULT = Duration.ofMinutes(1);

  /** How often the nodes are compared. */
  public static final Duration VERIFY_INTERVAL_DEFAULT = Duration.ofMinutes(10);

  /** How long a commit waits for the stream. */
  public static final Duration PUBLISHER_TIMEOUT_DEFAULT = Duration.ofSeconds(5);

  final Path path;
  final NodeId node;
  final DatabaseName database;
  final RowIdentity rowIdentity;
  final List<String> extensions;
  final Set<String> excludedTables;
  final Map<String, String> pragmas;
  final BootstrapPolicy bootstrap;
  final Duration startupTimeout;
  final @Nullable CompletionStage<?> gate;
  final boolean ddlSync;
  final StreamOptions stream;
  final boolean publisherEnabled;
  final @Nullable CdcPublisher publisher;
  final Duration publisherTimeout;
  final boolean publisherAsync;
  final boolean publisherAwaitAck;
  final @Nullable Path outboxFolder;
  final boolean relayStarted;
  final boolean subscriberEnabled;
  final @Nullable CdcSubscriber subscriber;
  final DeliverPolicy deliverPolicy;
  final OnError onError;
  final boolean snapshotterEnabled;
  final @Nullable DbSnapshotter snapshotter;
  final Duration snapshotInterval;
  final Duration verifyInterval;
  final @Nullable NatsConnectionOptions nats;
  final @Nullable EmbeddedServerOptions embeddedServer;
  final @Nullable ChangeSetInterceptor interceptor;
  final EngineListener listener;
  final MessageTracing tracing;
  final Clock clock;
  final UnaryOperator<ChangeStream> streamWrapper;

  private HaSqliteOptions(Builder builder) {
    path = builder.path;
    node = builder.node != null ? builder.node : new NodeId(hostName());
    database =
        builder.database != null
            ? builder.database
            : new DatabaseName(String.valueOf(builder.path.getFileName()));
    rowIdentity = builder.rowIdentity;
    extensions = List.copyOf(builder.extensions);
    excludedTables = Set.copyOf(builder.excludedTables);
    pragmas = Map.copyOf(builder.pragmas);
    bootstrap = builder.bootstrap;
    startupTimeout = builder.startupTimeout;
    gate = builder.gate;
    ddlSync = builder.ddlSync;
    stream = builder.stream;
    publisherEnabled = builder.publisherEnabled;
    publisher = builder.publisher;
    publisherTimeout = builder.publisherTimeout;
    publisherAsync = builder.publisherAsync;
    publisherAwaitAck = builder.publisherAwaitAck;
    outboxFolder = builder.outboxFolder;
    relayStarted = builder.relayStarted;
    subscriberEnabled = builder.subscriberEnabled;
    subscriber = builder.subscriber;
    deliverPolicy = builder.deliverPolicy;
    onError = builder.onError;
    snapshotterEnabled = builder.snapshotterEnabled;
    snapshotter = builder.snapshotter;
    snapshotInterval = builder.snapshotInterval;
    verifyInterval = builder.verifyInterval;
    nats = builder.nats;
    embeddedServer = builder.embeddedServer;
    interceptor = builder.interceptor;
    listener = builder.listener.of(database, node);
    tracing = builder.tracing;
    clock = builder.clock;
    streamWrapper = builder.streamWrapper;
  }

  private static String hostName() {
    String name = System.getenv("HOSTNAME");
    if (name != null && !name.isBlank()) {
      return name;
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "This machine has no host name; set the node's name (ha.sqlite.node-name)", e);
    }
  }

  /** Starts with the database file. */
  public static Builder builder(Path path) {
    return new Builder(path);
  }

  /** Returns the database file. */
  public Path path() {
    return path;
  }

  /** Returns the name of this node: unique among the nodes of the database. */
  public NodeId nodeName() {
    return node;
  }

  /** Returns the name by which all nodes know the database. */
  public DatabaseName databaseName() {
    return database;
  }

  boolean isReplicated() {
    return nats != null || embeddedServer != null;
  }

  /** Collects options. */
  public static final class Builder {

    private final Path path;
    private @Nullable NodeId node;
    private @Nullable DatabaseName database;
    private RowIdentity rowIdentity = RowIdentity.PK;
    private List<String> extensions = List.of();
    private Set<String> excludedTables = new LinkedHashSet<>();
    private Map<String, String> pragmas = new LinkedHashMap<>();
    private BootstrapPolicy bootstrap = BootstrapPolicy.AUTO;
    private Duration startupTimeout = STARTUP_TIMEOUT_DEFAULT;
    private @Nullable CompletionStage<?> gate;
    private boolean ddlSync = true;
    private StreamOptions stream = StreamOptions.defaults();
    private boolean publisherEnabled = true;
    private @Nullable CdcPublisher publisher;
    private Duration publisherTimeout = PUBLISHER_TIMEOUT_DEFAULT;
    private boolean publisherAsync;
    private boolean publisherAwaitAck;
    private @Nullable Path outboxFolder;
    private boolean relayStarted = true;
    private boolean subscriberEnabled = true;
    private @Nullable CdcSubscriber subscriber;
    private DeliverPolicy deliverPolicy = DeliverPolicy.ALL;
    private OnError onError = OnError.HALT;
    private boolean snapshotterEnabled = true;
    private @Nullable DbSnapshotter snapshotter;
    private Duration snapshotInterval = SNAPSHOT_INTERVAL_DEFAULT;
    private Duration verifyInterval = VERIFY_INTERVAL_DEFAULT;
    private @Nullable NatsConnectionOptions nats;
    private @Nullable EmbeddedServerOptions embeddedServer;
    private @Nullable ChangeSetInterceptor interceptor;
    private EngineListener listener = new EngineListener() {};
    private MessageTracing tracing = MessageTracing.NONE;
    private Clock clock = Clock.systemUTC();
    private UnaryOperator<ChangeStream> streamWrapper = UnaryOperator.identity();

    private Builder(Path path) {
      this.path = path;
    }

    /** Names this node; the default is the host's name. Must be unique and stay the same. */
    public Builder nodeName(String value) {
      node = new NodeId(value);
      return this;
    }

    /** Names the database; the default is the file's name. The same on all nodes. */
    public Builder databaseName(String value) {
      database = new DatabaseName(value);
      return this;
    }

    /** Says what identifies a row; the same on all nodes. */
    public Builder rowIdentity(RowIdentity value) {
      rowIdentity = value;
      return this;
    }

    /**
     * Loads extensions into every connection: a library's path, optionally followed by {@code !}
     * and the name of its entry point.
     */
    public Builder extensions(List<String> value) {
      extensions = List.copyOf(value);
      return this;
    }

    /** Leaves tables out of replication: neither their rows nor their schema travel. */
    public Builder excludedTables(Set<String> value) {
      excludedTables = new LinkedHashSet<>(value);
      return this;
    }

    /**
     * Sets pragmas of every connection, beside {@link SqliteFile#PRAGMA_DEFAULTS}. Those that
     * replication rests on are refused when the database is opened.
     */
    public Builder pragmas(Map<String, String> value) {
      pragmas = new LinkedHashMap<>(value);
      return this;
    }

    /** Says with what the node begins where its file and the cluster do not fit together. */
    public Builder bootstrap(BootstrapPolicy value) {
      bootstrap = value;
      return this;
    }

    /** How long {@link HaSqlite#open} waits until the node is level with the stream. */
    public Builder startupTimeout(Duration value) {
      startupTimeout = positive("The start-up time-out", value);
      return this;
    }

    /**
     * Lets replication wait for the application: nothing is applied, and nothing can be committed,
     * until the stage is complete.
     */
    public Builder waitFor(CompletionStage<?> value) {
      gate = value;
      return this;
    }

    /** Whether this node's changes of the schema are published; others' are always applied. */
    public Builder ddlSync(boolean value) {
      ddlSync = value;
      return this;
    }

    /** Says how the stream is made and asked. */
    public Builder stream(StreamOptions value) {
      stream = value;
      return this;
    }

    /** Whether this node's transactions are published. Without it they stay here. */
    public Builder publisherEnabled(boolean value) {
      publisherEnabled = value;
      return this;
    }

    /**
     * Publishes elsewhere than to the stream. Unless it is a sequenced publisher, the node is then
     * outside of the order that makes all nodes equal.
     */
    public Builder publisher(@Nullable CdcPublisher value) {
      publisher = value;
      return this;
    }

    /** How long a commit waits for the stream's answer, and then until it is applied here. */
    public Builder publisherTimeout(Duration value) {
      publisherTimeout = positive("The publisher's time-out", value);
      return this;
    }

    /**
     * Whether a transaction is committed here at once and published afterwards, from an outbox in
     * the database. Writes then go on while the server is away. Until its place in the stream is
     * known, a transaction of another node may come before it. With the pragma {@code
     * synchronous=NORMAL}, the default, a power failure may take back the last commits; those that
     * were not sent are lost then: {@code FULL} is the remedy.
     */
    public Builder publisherAsync(boolean value) {
      publisherAsync = value;
      return this;
    }

    /**
     * Where the changes of transactions that wait to be published are written, in a file of their
     * own, such as on another disk; null (the default) for the database file itself. They are
     * durable there before the transaction is committed.
     */
    public Builder outboxFolder(@Nullable Path value) {
      outboxFolder = value;
      return this;
    }

    /**
     * Whether an asynchronous commit returns only when the stream has the transaction. If that is
     * not within the publisher's time-out, it returns with an {@link java.sql.SQLWarning}: the
     * transaction is committed here and will be sent.
     */
    public Builder publisherAwaitAck(boolean value) {
      publisherAwaitAck = value;
      return this;
    }

    /** Whether this node follows the stream. Without it, it sees only what is written on it. */
    public Builder subscriberEnabled(boolean value) {
      subscriberEnabled = value;
      return this;
    }

    /** Replaces the subscriber; it is started and closed with the engine. */
    public Builder subscriber(@Nullable CdcSubscriber value) {
      subscriber = value;
      return this;
    }

    /** Says where a node without a position starts to read. */
    public Builder deliverPolicy(DeliverPolicy value) {
      deliverPolicy = value;
      return this;
    }

    /** Says what happens with a message that no node can apply. */
    public Builder onError(OnError value) {
      onError = value;
      return this;
    }

    /** Whether this node takes snapshots, too. Reading them does not depend on it. */
    public Builder snapshotterEnabled(boolean value) {
      snapshotterEnabled = value;
      return this;
    }

    /** Replaces the snapshotter; it is started and closed with the engine. */
    public Builder snapshotter(@Nullable DbSnapshotter value) {
      snapshotter = value;
      return this;
    }

    /** How often one of the nodes takes a snapshot, if anything changed. */
    public Builder snapshotInterval(Duration value) {
      snapshotInterval = positive("The interval of snapshots", value);
      return this;
    }

    /**
     * How often one of the nodes asks all to compare their rows, which each does in the background.
     * Zero: this node does not take part.
     */
    public Builder verifyInterval(Duration value) {
      if (value.isNegative()) {
        throw new IllegalArgumentException(
            "The interval of comparisons must not be negative, but is " + value);
      }
      verifyInterval = value;
      return this;
    }

    /** Says where NATS is and how to log in; not needed with an embedded server. */
    public Builder nats(@Nullable NatsConnectionOptions value) {
      nats = value;
      return this;
    }

    /** Runs a nats-server as a child process. */
    public Builder embeddedServer(@Nullable EmbeddedServerOptions value) {
      embeddedServer = value;
      return this;
    }

    /** Sees, changes or skips what is applied; the same on all nodes. */
    public Builder interceptor(@Nullable ChangeSetInterceptor value) {
      interceptor = value;
      return this;
    }

    /** Hears of commits and of what is applied. */
    public Builder listener(EngineListener value) {
      listener = value;
      return this;
    }

    /** Lets the trace of a transaction go along with its message. */
    public Builder tracing(MessageTracing value) {
      tracing = value;
      return this;
    }

    /** Tells the time; nothing is decided by it but waits and what is shown. */
    public Builder clock(Clock value) {
      clock = value;
      return this;
    }

    /** Stands between the engine and the stream, for tests that delay and lose messages. */
    /** For tests that send what is in the outbox themselves. */
    Builder relayStarted(boolean value) {
      relayStarted = value;
      return this;
    }

    Builder streamWrapper(UnaryOperator<ChangeStream> value) {
      streamWrapper = value;
      return this;
    }

    private static Duration positive(String what, Duration value) {
      if (value.isZero() || value.isNegative()) {
        throw new IllegalArgumentException(what + " must be positive, but is " + value);
      }
      return value;
    }

    /** Returns the options. */
    public HaSqliteOptions build() {
      return new HaSqliteOptions(this);
    }
  }
}
