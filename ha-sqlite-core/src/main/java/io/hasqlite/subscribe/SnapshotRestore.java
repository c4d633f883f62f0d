package io.hasqlite.subscribe;

import java.sql.SQLException;

/** Brings the database to the latest snapshot, and its position with it, while it is in use. */
public interface SnapshotRestore {

  /**
   * Restores. The session of apply has no transaction open.
   *
   * @param snapshotMin the position that the snapshot must show at least
   * @throws io.hasqlite.snapshot.SnapshotException if no snapshot can be restored
   * @throws io.hasqlite.stream.StreamException if the store is away
   * @throws SQLException if the database is locked
   */
  void run(long snapshotMin) throws SQLException;
}
