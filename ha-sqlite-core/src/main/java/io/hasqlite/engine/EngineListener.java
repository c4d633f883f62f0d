package io.hasqlite.engine;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.apply.ApplyListener;
import io.hasqlite.commit.CommitListener;
import io.hasqlite.snapshot.SnapshotListener;
import io.hasqlite.stream.StreamListener;

/** Hears what an engine does, on the thread that does it. For counters: no I/O, no exception. */
public interface EngineListener
    extends ApplyListener, CommitListener, SnapshotListener, StreamListener {

  /**
   * Returns who hears the engine of one database, where a listener is given to several. Called when
   * its options are built.
   */
  default EngineListener of(DatabaseName database, NodeId node) {
    return this;
  }
}
