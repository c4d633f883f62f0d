package io.hasqlite.snapshot;

import io.hasqlite.stream.StoredSnapshot;
import java.nio.file.Path;
import java.util.Optional;

/** Takes snapshots of a database now and then. All methods may be called by any thread. */
public interface DbSnapshotter extends AutoCloseable {

  /** Starts to take snapshots at the interval; returns at once. */
  void start();

  /**
   * Takes a snapshot now, if the node has counted anything since the latest one. Blocks until it is
   * stored.
   *
   * @return the latest snapshot afterwards, taken by this node or another one; empty if there is
   *     nothing to take
   * @throws SnapshotException if it could not be taken or stored; the previous one stays
   */
  Optional<StoredSnapshot> take();

  /**
   * Returns the latest snapshot; empty if there is none.
   *
   * @throws io.hasqlite.stream.StreamException if the store is away
   */
  Optional<StoredSnapshot> latest();

  /**
   * Returns the latest snapshot as this node last heard of it, which is now and then; empty if it
   * has heard of none. Never blocks.
   */
  default Optional<StoredSnapshot> lastHeard() {
    return Optional.empty();
  }

  /**
   * Returns the position that the latest snapshot shows; 0 if there is none.
   *
   * @throws io.hasqlite.stream.StreamException if the store is away
   */
  default long latestSequence() {
    return latest().map(StoredSnapshot::sequence).orElse(0L);
  }

  /**
   * Writes the latest snapshot into a new file, which then is a SQLite database of its own. Blocks.
   *
   * @return what was written; empty if there is no snapshot, and then no file
   * @throws SnapshotException if the file is there already, or cannot be written
   * @throws io.hasqlite.stream.StreamException if the store is away
   */
  Optional<StoredSnapshot> restore(Path target);

  /**
   * Brings the running database to the latest snapshot, and from there to the stream's end again:
   * for a file whose content is in doubt. Readers keep what they see, writers wait. Blocks until
   * the snapshot is in place.
   *
   * @throws SnapshotException if no snapshot can be used; the database stays as it is
   */
  void restore();

  /** Stops, and waits for a snapshot that is being taken. May be called twice. */
  @Override
  void close();
}
