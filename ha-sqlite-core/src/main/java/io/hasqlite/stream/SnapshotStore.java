package io.hasqlite.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the latest snapshot of one database is kept. What is stored is durable before it becomes
 * the latest; until then, and while that fails, the previous one stays. An older snapshot never
 * takes the place of a newer one. Safe for use by several threads and nodes.
 */
public interface SnapshotStore {

  /**
   * Describes the latest snapshot; empty if there is none.
   *
   * @throws StreamException if the store is away
   */
  Optional<StoredSnapshot> latest();

  /**
   * Stores a snapshot and makes it the latest, unless one that is as new or newer became that
   * meanwhile. What it replaces stays readable until the next one, for who is reading it.
   *
   * @param content its bytes; read to the end, not closed
   * @param stamp what it says of itself
   * @return false if another one is as new
   * @throws StreamException if the store is away or full, or did not answer: then the latest one is
   *     the previous or this one
   * @throws IOException if the content could not be read
   */
  boolean put(InputStream content, SnapshotStamp stamp) throws IOException;

  /**
   * Says that the latest snapshot shows a later position, too: nothing of the database came in
   * between.
   *
   * @return false if the latest is another one by now
   * @throws StreamException if the store is away
   */
  boolean restamp(StoredSnapshot latest, SnapshotStamp stamp);

  /**
   * Claims a duty that one node at a time has, such as to take the next snapshot.
   *
   * @param duty its name: upper-case letters
   * @param duration for how long no other node gets it
   * @return false if another node, or this one, has it
   * @throws StreamException if the store is away
   */
  boolean claim(String duty, Duration duration);

  /**
   * Reads the latest snapshot and checks its digest.
   *
   * @param target takes the bytes; not closed. What it got is worthless after an exception
   * @return what was read; empty if there is none
   * @throws StreamException if the store is away, or if what came is damaged or was replaced
   *     meanwhile
   * @throws IOException if the target failed
   */
  Optional<StoredSnapshot> get(OutputStream target) throws IOException;

  /**
   * Returns where the database began; empty if no node has ever used it.
   *
   * @throws StreamException if the store is away
   */
  Optional<Beginning> beginning();

  /**
   * Remembers for ever where the database began. Of several nodes the first one is right.
   *
   * @return where it began
   * @throws StreamException if the store is away
   */
  Beginning begin(Beginning proposed);
}
