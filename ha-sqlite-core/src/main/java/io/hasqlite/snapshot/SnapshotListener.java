package io.hasqlite.snapshot;

/** Told what became of snapshots, on the thread that deals with them. No I/O. */
public interface SnapshotListener {

  /** This node took a snapshot and stored it, which took so long altogether. */
  default void snapshotStored(long bytes, long nanos) {}

  /** The running database was brought to a snapshot: any row may be another one now. */
  default void restored(long sequence) {}
}
