package io.hasqlite.engine;

import io.hasqlite.Position;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.outbox.Outbox;
import io.hasqlite.snapshot.Restorer;
import io.hasqlite.snapshot.SnapshotException;
import io.hasqlite.sqlite.Schema;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.stream.Beginning;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.DeliverPolicy;
import io.hasqlite.stream.SnapshotStore;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.StreamState;
import io.hasqlite.stream.nats.NatsConnection;
import io.hasqlite.subscribe.HaltException;
import io.hasqlite.subscribe.MessagesMissingException;
import io.hasqlite.subscribe.StreamIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out from where a node follows the stream, before anybody else uses its file: from its
 * position, from a snapshot, from the stream's beginning, or as the first node with data. Refuses
 * where that would lose something.
 */
final class Bootstrap {

  private static final Logger log = LoggerFactory.getLogger(Bootstrap.class);

  /** Between two attempts to open a stream whose cluster has no leader yet. */
  private static final Duration OPEN_RETRY_WAIT = Duration.ofMillis(200);

  /** Where {@code NATS} streams begin to count. */
  private static final long FIRST_SEQUENCE = 1;

  private static final DateTimeFormatter KEPT =
      DateTimeFormatter.ofPattern("'-before-'uuuuMMdd'T'HHmmssSSS").withZone(ZoneOffset.UTC);

  private final HaSqliteOptions options;
  private final Path path;
  private final LocalDatabase database;
  private final NatsConnection connection;
  private final ChangeStream stream;
  private final SnapshotStore snapshots;
  private final Restorer restorer;
  private final Seed seed;
  private final ControlTables controlTables;
  private final ChangeSetCodec codec;

  Bootstrap(
      HaSqliteOptions options,
      Path path,
      LocalDatabase database,
      NatsConnection connection,
      ChangeStream stream,
      SnapshotStore snapshots,
      Restorer restorer,
      Seed seed,
      ControlTables controlTables,
      ChangeSetCodec codec) {
    this.options = options;
    this.path = path;
    this.database = database;
    this.connection = connection;
    this.stream = stream;
    this.snapshots = snapshots;
    this.restorer = restorer;
    this.seed = seed;
    this.controlTables = controlTables;
    this.codec = codec;
  }

  /** Fails before anything is created where a file must be there. */
  static void checkFile(HaSqliteOptions options, Path path) {
    if (options.bootstrap != BootstrapPolicy.AUTO && !Files.exists(path)) {
      throw new StartRefusedException(
          "There is no file "
              + path
              + ", and ha.sqlite.bootstrap="
              + options.bootstrap.name().toLowerCase(java.util.Locale.ROOT)
              + " is about one that is there: nothing was created. Correct ha.sqlite.path, or remove"
              + " ha.sqlite.bootstrap to start with a new database",
          null);
    }
  }

  /**
   * Where a node begins.
   *
   * @param reachable whether the stream is open
   * @param position the position to begin with
   * @param first the position where the file has none; null where it has one, or the stream is away
   * @param streamCreated the creation time of the stream that the position counts in; empty where
   *     it is not known
   * @param notices what is not as wanted
   */
  record Start(
      boolean reachable,
      Position position,
      @Nullable Position first,
      String streamCreated,
      List<String> notices) {}

  /**
   * What all is decided by; what comes after it is not overlooked.
   *
   * @param state the stream
   * @param last the last message of the database in it; asked for afterwards
   */
  private record Seen(StreamState state, long last) {}

  private record Opened(List<String> notices, Seen seen) {}

  /** Decides; that the stream is away, or goes away meanwhile, is no error with a position. */
  Start run() throws SQLException {
    try {
      Opened opened = awaitOpen();
      opened.notices().forEach(notice -> log.warn("Database {}: {}", options.database, notice));
      return decide(opened);
    } catch (StreamException e) {
      if (!e.isRetryable()) {
        throw e;
      }
      return startWithoutStream(e);
    }
  }

  private Start decide(Opened opened) throws SQLException {
    Seen seen = opened.seen();
    ControlTables.Stored stored = readPosition();
    if (options.subscriberEnabled) {
      stored = stored == null ? begin(seen) : goOn(seen, stored);
    }
    if (stored == null) {
      Position first = firstPosition(seen);
      return new Start(true, first, first, seen.state().created().toString(), opened.notices());
    }
    return new Start(true, stored.position(), null, stored.streamCreated(), opened.notices());
  }

  private Start startWithoutStream(StreamException because) throws SQLException {
    ControlTables.Stored stored = readPosition();
    if (stored == null) {
      throw new StartRefusedException(
          "Node "
              + options.node
              + " has no data of \""
              + options.database
              + "\" yet and cannot get it: "
              + because.getMessage(),
          because);
    }
    log.warn(
        "Database {} starts with what its file has, up to {}, and follows the stream as soon as it"
            + " can: {}",
        options.database,
        stored.position().sequence(),
        because.getMessage());
    return new Start(false, stored.position(), null, stored.streamCreated(), List.of());
  }

  /** Begins with a snapshot or as the seed; null if the node begins with what the stream holds. */
  private ControlTables.@Nullable Stored begin(Seen seen) throws SQLException {
    if (!options.deliverPolicy.equals(DeliverPolicy.ALL)) {
      return null;
    }
    if (hasUserTables()) {
      return beginWithData(seen);
    }
    if (options.bootstrap == BootstrapPolicy.LOCAL) {
      throw refused("The file has no tables, so it cannot become the database of all nodes", null);
    }
    if (options.bootstrap == BootstrapPolicy.CLUSTER && !clusterHasData(seen)) {
      throw refused("There is no data of \"" + options.database + "\" in the cluster", null);
    }
    if (restorer.whyNotUsable(seen.state(), 0) != null) {
      return null;
    }
    restore(seen.state(), 0);
    return readPosition();
  }

  private ControlTables.@Nullable Stored beginWithData(Seen seen) throws SQLException {
    boolean clusterHasData = clusterHasData(seen);
    if (options.bootstrap == BootstrapPolicy.CLUSTER) {
      if (!clusterHasData) {
        throw refused("There is no data of \"" + options.database + "\" in the cluster", null);
      }
      return takeClusterState(seen, "it has data but no position in the stream");
    }
    if (options.bootstrap == BootstrapPolicy.AUTO && clusterHasData) {
      throw refused(
          "The file has tables but no position in the stream \""
              + options.stream.name()
              + "\", and the cluster already has data of \""
              + options.database
              + "\": they were not made from each other. Start this node with"
              + " ha.sqlite.bootstrap=cluster to take the cluster's state (a copy of the file is"
              + " kept), with ha.sqlite.bootstrap=local to make this file the database of all nodes,"
              + " or with another ha.sqlite.path or ha.sqlite.cdc-id",
          null);
    }
    return plantSeed(seen);
  }

  /** Tells whether a node has written the database: what it wrote may have expired. */
  private boolean clusterHasData(Seen seen) {
    return seen.last() > 0
        || snapshots.latest().isPresent()
        || snapshots.beginning().filter(beginning -> !beginning.isHeldBy(seen.state())).isPresent();
  }

  /** Checks that the stream goes on from the file's position; else begins anew. */
  private ControlTables.@Nullable Stored goOn(Seen seen, ControlTables.Stored stored)
      throws SQLException {
    try {
      StreamIdentity.check(stream, stored, codec);
      return stored;
    } catch (MessagesMissingException e) {
      String unusable = restorer.whyNotUsable(seen.state(), e.snapshotMin());
      if (unusable != null && options.bootstrap == BootstrapPolicy.LOCAL) {
        return plantSeed(seen);
      }
      if (unusable != null) {
        throw refused(
            e.getMessage()
                + ", and no snapshot helps: "
                + unusable
                + ". Start the node with the most advanced file with ha.sqlite.bootstrap=local, which"
                + " makes its file the database of all nodes; then start this one again",
            e);
      }
      restore(seen.state(), e.snapshotMin());
      return readPosition();
    } catch (HaltException e) {
      return switch (options.bootstrap) {
        case AUTO -> throw refused(String.valueOf(e.getMessage()), e);
        case CLUSTER -> takeClusterState(seen, String.valueOf(e.getMessage()));
        case LOCAL -> plantSeed(seen);
      };
    }
  }

  private void restore(StreamState state, long snapshotMin) throws SQLException {
    try {
      restorer.restore(state, snapshotMin);
    } catch (SnapshotException e) {
      throw refused(String.valueOf(e.getMessage()), e);
    }
  }

  private ControlTables.Stored plantSeed(Seen seen) throws SQLException {
    if (!takesSnapshots(options)) {
      throw refused(
          "A node whose file becomes the database of all nodes must publish and subscribe", null);
    }
    long sequence = seed.plant(seen.last());
    ControlTables.Stored stored = readPosition();
    if (stored == null) {
      throw new IllegalStateException("The seed left no position in " + path);
    }
    snapshots.begin(new Beginning(sequence - 1, stored.streamCreated()));
    return stored;
  }

  /** Tells whether the node's file always has a confirmed state that others may begin with. */
  static boolean takesSnapshots(HaSqliteOptions options) {
    return options.publisherEnabled
        && options.publisher == null
        && options.subscriberEnabled
        && options.subscriber == null
        && options.deliverPolicy.equals(DeliverPolicy.ALL);
  }

  /** Keeps a copy of the file and begins with the cluster's state. */
  private ControlTables.@Nullable Stored takeClusterState(Seen seen, String why)
      throws SQLException {
    String unusable = restorer.whyNotUsable(seen.state(), 0);
    if (unusable != null && seen.state().firstSequence() > FIRST_SEQUENCE) {
      throw refused("The cluster's state cannot be had: " + unusable, null);
    }
    if (unusable != null && seen.last() == 0) {
      throw refused("There is no data of \"" + options.database + "\" in the cluster", null);
    }
    if (unusable != null) {
      refuseToDropPending();
    }
    Path kept = path.resolveSibling(path.getFileName() + KEPT.format(options.clock.instant()));
    try (SqliteSession session = database.openSession()) {
      session.backup(kept);
    }
    log.warn(
        "Database {} takes the cluster's state (ha.sqlite.bootstrap=cluster): {}. What it was is in"
            + " {}",
        path,
        why,
        kept);
    if (unusable == null) {
      restore(seen.state(), 0);
      return readPosition();
    }
    try {
      database.file().delete();
    } catch (IOException e) {
      throw refused("The file could not be deleted: " + e.getMessage(), e);
    }
    return null;
  }

  /** Without a snapshot there is nothing to put them on. */
  private void refuseToDropPending() throws SQLException {
    Outbox outbox = new Outbox(codec, options.clock);
    try (SqliteSession session = database.openSession()) {
      outbox.load(session);
    }
    if (!outbox.isEmpty()) {
      throw refused(
          "it has "
              + outbox.backlog().transactions()
              + " transactions that were not sent to the stream, and there is no snapshot to which"
              + " they could be added. Let another node store one first (it does so within its"
              + " ha.sqlite.snapshotter.interval), or move the file away to give them up",
          null);
    }
  }

  private ControlTables.@Nullable Stored readPosition() throws SQLException {
    try (SqliteSession session = database.openSession()) {
      return controlTables.ofAnotherFile().read(session);
    }
  }

  private boolean hasUserTables() throws SQLException {
    try (SqliteSession session = database.openSession()) {
      return !Schema.read(session, options.rowIdentity).userTables().isEmpty();
    }
  }

  private StartRefusedException refused(String why, @Nullable Throwable cause) {
    return new StartRefusedException(
        "Node " + options.node + " does not start with its file " + path + ": " + why, cause);
  }

  /**
   * Opens the stream, and tries again until the start-up time-out: where several applications bring
   * the servers of one cluster, the first ones wait here until there are enough.
   */
  private Opened awaitOpen() {
    long end = System.nanoTime() + options.startupTimeout.toNanos();
    boolean said = false;
    while (true) {
      try {
        connection.awaitConnected(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        List<String> notices = stream.open();
        return new Opened(notices, new Seen(stream.state(), stream.lastSequence()));
      } catch (StreamException e) {
        if (!e.isRetryable() || System.nanoTime() + OPEN_RETRY_WAIT.toNanos() - end >= 0) {
          throw e;
        }
        if (!said) {
          said = true;
          log.info(
              "Database {} waits for the stream, at most {}: {}",
              options.database,
              options.startupTimeout,
              e.getMessage());
        }
        pauseBeforeOpening(e);
      }
    }
  }

  private static void pauseBeforeOpening(StreamException because) {
    LockSupport.parkNanos(OPEN_RETRY_WAIT.toNanos());
    if (Thread.currentThread().isInterrupted()) {
      throw because;
    }
  }

  /** Returns where a node begins whose file has no position. */
  private Position firstPosition(Seen seen) throws SQLException {
    if (hasUserTables()) {
      throw refused(
          "it has tables but no position in the stream \""
              + options.stream.name()
              + "\", and this node does not read all of the stream: nobody could tell what others"
              + " have written to them. Start with a path where no file is",
          null);
    }
    if (!options.deliverPolicy.equals(DeliverPolicy.ALL)) {
      long first = stream.firstSequence(options.deliverPolicy);
      return new Position(Math.max(first, seen.state().firstSequence()) - 1, 0);
    }
    Beginning beginning = snapshots.beginning().orElse(null);
    if (seen.last() > 0) {
      // Others' messages may be older than this record.
      beginning =
          beginning == null ? new Beginning(0, seen.state().created().toString()) : beginning;
    } else if (snapshots.latest().isPresent()) {
      beginning = null; // what is in it is not in the stream, and it cannot be used
    } else if (beginning == null) { // who writes first says so before
      beginning = new Beginning(end(seen.state()), seen.state().created().toString());
    }
    if (beginning != null && beginning.isHeldBy(seen.state())) {
      return new Position(beginning.sequence(), 0);
    }
    throw refused(
        "it has no data, messages "
            + FIRST_SEQUENCE
            + " to "
            + (seen.state().firstSequence() - 1)
            + " are gone from the stream \""
            + options.stream.name()
            + "\", and no snapshot helps: "
            + restorer.whyNotUsable(seen.state(), 0)
            + ". Start a node that has the data with ha.sqlite.bootstrap=local, which makes its file"
            + " the database of all nodes; then start this one again",
        null);
  }

  /** A new database may begin in a stream that others have used for long. */
  private static long end(StreamState state) {
    return state.firstSequence() == FIRST_SEQUENCE ? 0 : state.lastSequence();
  }
}
