package io.hasqlite.stream;

import java.time.Instant;

/**
 * The latest snapshot of a database, as the store describes it.
 *
 * @param stamp what it says of itself
 * @param bytes its size
 * @param digest its digest, as the store writes it
 * @param storedAt when it was stored, or last stamped, by the server's clock
 */
public record StoredSnapshot(SnapshotStamp stamp, long bytes, String digest, Instant storedAt) {

  /** Returns the position that it shows: everything up to it is in it. */
  public long sequence() {
    return stamp.sequence();
  }
}
