package io.hasqlite.engine;

import io.hasqlite.Origin;
import io.hasqlite.Position;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.snapshot.Snapshotter;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.PublishInDoubtException;
import io.hasqlite.stream.PublishResult;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes this node's file the database of all nodes: a message says so at its place in the stream,
 * and whoever comes to it waits for the snapshot that follows. It only holds if nothing came
 * between what this node saw of the stream and the message, so of two nodes one wins.
 */
final class Seed {

  private static final Logger log = LoggerFactory.getLogger(Seed.class);

  /** Not counted as a transaction: the first one of this node has the same number. */
  private static final long NUMBER = 1;

  private final HaSqliteOptions options;
  private final Origin origin;
  private final LocalDatabase database;
  private final ChangeStream stream;
  private final ControlTables controlTables;
  private final ChangeSetCodec codec;
  private final Snapshotter snapshotter;

  Seed(
      HaSqliteOptions options,
      Origin origin,
      LocalDatabase database,
      ChangeStream stream,
      ControlTables controlTables,
      ChangeSetCodec codec,
      Snapshotter snapshotter) {
    this.options = options;
    this.origin = origin;
    this.database = database;
    this.stream = stream;
    this.controlTables = controlTables;
    this.codec = codec;
    this.snapshotter = snapshotter;
  }

  /**
   * Publishes the message, gives the file its position, and stores its snapshot.
   *
   * @param last the last message of the database that was there when this was decided
   * @return the message's sequence
   * @throws StartRefusedException if another node came first
   */
  long plant(long last) throws SQLException {
    long sequence = publish(last);
    String created = stream.state().created().toString();
    try (SqliteSession session = database.openSession()) {
      session.execute("BEGIN IMMEDIATE");
      controlTables.create(session);
      controlTables.writePosition(
          session, new Position(sequence, sequence), created, origin, NUMBER);
      session.execute("COMMIT");
    }
    snapshotter.take();
    log.warn(
        "Database {} of node {} is now the database of all nodes, from message {} of the stream on",
        database.file().path(),
        options.node,
        sequence);
    return sequence;
  }

  private long publish(long last) {
    Instant now = options.clock.instant();
    ChangeSet message =
        new ChangeSet(
            origin,
            String.valueOf(database.file().path().getFileName()),
            now.getEpochSecond() * 1_000_000_000L + now.getNano(),
            List.of(new Transaction(NUMBER, last, List.of())),
            Set.of(ChangeSet.REQUIRES_SNAPSHOT));
    String id = options.node + ":" + origin.processId() + ":seed";
    try {
      PublishResult result =
          stream.publish(codec.encode(message), id, last, options.publisherTimeout);
      if (result instanceof PublishResult.Accepted accepted && accepted.inPlace()) {
        return accepted.sequence();
      }
    } catch (PublishInDoubtException e) {
      throw new StartRefusedException(
          "It is not known whether the file of node "
              + options.node
              + " has become the database of all nodes: start it again, with"
              + " ha.sqlite.bootstrap=local",
          e);
    }
    throw new StartRefusedException(
        "The file of node "
            + options.node
            + " does not become the database of all nodes: another node was first. Start this one"
            + " with ha.sqlite.bootstrap=cluster to take the cluster's state (a copy of the file is"
            + " kept)",
        null);
  }
}
