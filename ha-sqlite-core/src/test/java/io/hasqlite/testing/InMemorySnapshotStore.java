package io.hasqlite.testing;

import io.hasqlite.stream.Beginning;
import io.hasqlite.stream.SnapshotStamp;
import io.hasqlite.stream.SnapshotStore;
import io.hasqlite.stream.StoredSnapshot;
import io.hasqlite.stream.StreamException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Keeps the latest snapshot in memory. For tests of one thread. */
public final class InMemorySnapshotStore implements SnapshotStore {

  private @Nullable StoredSnapshot latest;
  private byte[] content = new byte[0];
  private int puts;
  private @Nullable Beginning beginning;
  private int failures;

  /** Lets the next reads fail in the middle. */
  public void failReads(int number) {
    failures = number;
  }

  /** Returns the bytes of the latest snapshot, which may be changed in place. */
  public byte[] content() {
    return content;
  }

  /** Returns how many snapshots were stored. */
  public int puts() {
    return puts;
  }

  /** Stores the content under another stamp than it has. */
  public void stampAs(SnapshotStamp stamp) {
    latest = new StoredSnapshot(stamp, content.length, "none", Instant.EPOCH);
  }

  @Override
  public Optional<StoredSnapshot> latest() {
    return Optional.ofNullable(latest);
  }

  @Override
  public boolean put(InputStream bytes, SnapshotStamp stamp) throws IOException {
    if (latest != null && latest.stamp().isAsNewAs(stamp)) {
      return false;
    }
    content = bytes.readAllBytes();
    puts++;
    stampAs(stamp);
    return true;
  }

  @Override
  public boolean restamp(StoredSnapshot replaced, SnapshotStamp stamp) {
    if (!Objects.equals(latest, replaced)) {
      return false;
    }
    stampAs(stamp);
    return true;
  }

  @Override
  public boolean claim(String duty, Duration duration) {
    return true;
  }

  @Override
  public Optional<StoredSnapshot> get(OutputStream target) throws IOException {
    if (latest == null) {
      return Optional.empty();
    }
    if (failures > 0) {
      failures--;
      target.write(content, 0, content.length / 2);
      throw new StreamException("replaced while it was read", true, null);
    }
    target.write(content);
    return Optional.of(latest);
  }

  @Override
  public Optional<Beginning> beginning() {
    return Optional.ofNullable(beginning);
  }

  @Override
  public Beginning begin(Beginning proposed) {
    if (beginning == null) {
      beginning = proposed;
    }
    return beginning;
  }
}
