package io.hasqlite.engine;

import io.hasqlite.Position;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.snapshot.SnapshotFile;
import io.hasqlite.sqlite.Schema;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.DeliverPolicy;
import io.hasqlite.stream.SnapshotStore;
import io.hasqlite.stream.StoredSnapshot;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.StreamState;
import io.hasqlite.stream.nats.NatsConnection;
import io.hasqlite.subscribe.HaltException;
import io.hasqlite.subscribe.StreamIdentity;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out from where a node follows the stream, and refuses where that would lose something. */
final class Bootstrap {

  private static final Logger log = LoggerFactory.getLogger(Bootstrap.class);

  /** Where {@code NATS} streams begin to count. */
  private static final long FIRST_SEQUENCE = 1;

  private final HaSqliteOptions options;
  private final Path path;
  private final LocalDatabase database;
  private final NatsConnection connection;
  private final ChangeStream stream;
  private final SnapshotStore snapshots;
  private final ControlTables controlTables;
  private final ChangeSetCodec codec;

  Bootstrap(
      HaSqliteOptions options,
      Path path,
      LocalDatabase database,
      NatsConnection connection,
      ChangeStream stream,
      SnapshotStore snapshots,
      ControlTables controlTables,
      ChangeSetCodec codec) {
    this.options = options;
    this.path = path;
    this.database = database;
    this.connection = connection;
    this.stream = stream;
    this.snapshots = snapshots;
    this.controlTables = controlTables;
    this.codec = codec;
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

  Start run() throws SQLException {
    ControlTables.Stored stored = readPosition();
    List<String> notices = open(stored);
    if (notices == null) {
      // without a position it was refused
      return new Start(
          false,
          stored == null ? Position.NONE : stored.position(),
          null,
          stored == null ? "" : stored.streamCreated(),
          List.of());
    }
    StreamState state = stream.state();
    if (needsSnapshot(state, stored) && restore(state, stored)) {
      stored = readPosition();
    }
    if (stored == null) {
      Position first = firstPosition();
      return new Start(true, first, first, stream.state().created().toString(), notices);
    }
    if (options.subscriberEnabled) {
      checkIdentity(stored);
    }
    return new Start(true, stored.position(), null, stored.streamCreated(), notices);
  }

  private ControlTables.@Nullable Stored readPosition() throws SQLException {
    try (SqliteSession session = database.openSession()) {
      return controlTables.read(session);
    }
  }

  /** A node begins with a snapshot if it has nothing, or missed what the stream has forgotten. */
  private boolean needsSnapshot(StreamState state, ControlTables.@Nullable Stored stored)
      throws SQLException {
    if (!options.subscriberEnabled) {
      return false;
    }
    return stored == null
        ? options.deliverPolicy.equals(DeliverPolicy.ALL) && !hasUserTables()
        : stored.position().sequence() + 1 < state.firstSequence();
  }

  private boolean hasUserTables() throws SQLException {
    try (SqliteSession session = database.openSession()) {
      return !Schema.read(session, options.rowIdentity).userTables().isEmpty();
    }
  }

  /** Replaces the file by the latest snapshot if the stream goes on from there; tells whether. */
  private boolean restore(StreamState state, ControlTables.@Nullable Stored stored) {
    long from = stored == null ? 0 : stored.position().sequence();
    Optional<StoredSnapshot> latest = snapshots.latest();
    if (latest.isEmpty()
        || latest.get().sequence() <= from
        || latest.get().sequence() + 1 < state.firstSequence()) {
      return false;
    }
    log.info(
        "Database {} is restored from the snapshot at {} ({} bytes); its own position was {},"
            + " the stream begins at {}",
        options.database,
        latest.get().sequence(),
        latest.get().bytes(),
        from,
        state.firstSequence());
    return SnapshotFile.restore(snapshots, path, controlTables).isPresent();
  }

  /** Opens the stream; null if it is away, which is no error where the file has a position. */
  private @Nullable List<String> open(ControlTables.@Nullable Stored stored) {
    try {
      connection.awaitConnected(options.startupTimeout);
      List<String> notices = stream.open();
      notices.forEach(notice -> log.warn("Database {}: {}", options.database, notice));
      return notices;
    } catch (StreamException e) {
      if (!e.isRetryable()) {
        throw e;
      }
      if (stored == null) {
        throw new StartRefusedException(
            "Node "
                + options.node
                + " has no data of \""
                + options.database
                + "\" yet and cannot get it: "
                + e.getMessage(),
            e);
      }
      log.warn(
          "Database {} starts with what its file has, up to {}, and follows the stream as soon as"
              + " it can: {}",
          options.database,
          stored.position().sequence(),
          e.getMessage());
      return null;
    }
  }

  private void checkIdentity(ControlTables.Stored stored) {
    try {
      StreamIdentity.check(stream, stored, codec);
    } catch (HaltException e) {
      throw new StartRefusedException(
          "Node "
              + options.node
              + " does not follow the stream with its file "
              + path
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** Returns where a node begins whose file has no position. */
  private Position firstPosition() throws SQLException {
    StreamState state = stream.state();
    if (hasUserTables()) {
      throw new StartRefusedException(
          "The file "
              + path
              + " has tables but no position in the stream \""
              + options.stream.name()
              + "\" for \""
              + options.database
              + "\": other nodes do not have them. Start with a path where no file is, and write the"
              + " data through this node once it runs (for example with the sqlite3 tool's .dump)",
          null);
    }
    if (!options.deliverPolicy.equals(DeliverPolicy.ALL)) {
      long first = stream.firstSequence(options.deliverPolicy);
      return new Position(Math.max(first, state.firstSequence()) - 1, 0);
    }
    if (state.firstSequence() > FIRST_SEQUENCE) {
      throw new StartRefusedException(
          "Node "
              + options.node
              + " has no data of \""
              + options.database
              + "\", and the stream does not hold all of it: messages "
              + FIRST_SEQUENCE
              + " to "
              + (state.firstSequence() - 1)
              + " are gone, and there is no snapshot from which it goes on. Start this node with a copy of the database file of another node (taken"
              + " while that node is stopped)",
          null);
    }
    return Position.NONE;
  }
}
