package io.hasqlite.snapshot;

import io.hasqlite.stream.StoredSnapshot;
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

  /** Stops, and waits for a snapshot that is being taken. May be called twice. */
  @Override
  void close();
}
