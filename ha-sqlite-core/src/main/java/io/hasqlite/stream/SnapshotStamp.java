package io.hasqlite.stream;

import java.time.Instant;

/**
 * What a snapshot says of itself.
 *
 * @param sequence the position that it shows: everything up to it is in it
 * @param lastOfSubject the last message of the database that is in it
 * @param streamCreated the creation time of the stream that both count in; empty where it is not
 *     known, as for one that another program made
 * @param pageSize the page size of its file; 0 where it is not known
 * @param excludedTables a digest of the names of the tables that are not in it
 */
public record SnapshotStamp(
    long sequence, long lastOfSubject, String streamCreated, int pageSize, String excludedTables) {

  /** Tells whether this one shows as much as another one, or more. A stream made later is newer. */
  public boolean isAsNewAs(SnapshotStamp other) {
    if (!streamCreated.isEmpty()
        && !other.streamCreated.isEmpty()
        && !streamCreated.equals(other.streamCreated)) {
      return Instant.parse(streamCreated).isAfter(Instant.parse(other.streamCreated));
    }
    return sequence >= other.sequence;
  }

  /** Returns this stamp at a later position, before which there is no message of the database. */
  public SnapshotStamp at(long laterSequence) {
    return new SnapshotStamp(laterSequence, lastOfSubject, streamCreated, pageSize, excludedTables);
  }
}
