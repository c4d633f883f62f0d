package io.hasqlite.snapshot;

import io.hasqlite.stream.StoredSnapshot;
import java.nio.file.Path;
import java.util.Optional;

/** Takes no snapshots. */
public final class NoopSnapshotter implements DbSnapshotter {

  @Override
  public void start() {}

  /**
   * Takes none.
   *
   * @throws SnapshotException always: none is configured
   */
  @Override
  public Optional<StoredSnapshot> take() {
    throw notConfigured();
  }

  /**
   * Has none.
   *
   * @throws SnapshotException always: none is configured
   */
  @Override
  public Optional<StoredSnapshot> restore(Path target) {
    throw notConfigured();
  }

  /**
   * Has none.
   *
   * @throws SnapshotException always: none is configured
   */
  @Override
  public void restore() {
    throw notConfigured();
  }

  private static SnapshotException notConfigured() {
    return new SnapshotException(
        "This node takes no snapshots (ha.sqlite.snapshotter.enabled, or there is no NATS server)",
        null);
  }

  @Override
  public Optional<StoredSnapshot> latest() {
    return Optional.empty();
  }

  @Override
  public void close() {}
}
