package io.hasqlite;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The moments between two steps of the data path at which a crash is most telling. A test installs
 * a hook that ends the process or fails there. In production there is none, and to reach a point
 * does nothing.
 */
public enum FaultPoint {
  /** A transaction is in the stream, and not yet committed in the file. */
  PUBLISHED,
  /** A transaction is in the outbox, and not yet committed. */
  OUTBOX_WRITTEN,
  /**
   * A transaction is committed in the file, and its commit has not returned. It is in the stream,
   * too, or in the outbox and not yet sent.
   */
  COMMITTED,
  /** The stream has transactions of the outbox, and the node has not noted that. */
  RELAYED,
  /** Messages are applied in a transaction that is still open. */
  APPLYING,
  /** Messages are applied and committed, and not yet acknowledged. */
  APPLIED,
  /** A copy of the database is made and checked; nothing of it is stored. */
  SNAPSHOT_COPIED,
  /** A snapshot is stored, and the one before is still the latest. */
  SNAPSHOT_STORED,
  /** A snapshot is downloaded and checked; the database is as it was. */
  RESTORING;

  private static volatile @Nullable Consumer<FaultPoint> hook;

  /** Tells the hook, if there is one, that this point is reached. */
  public void reached() {
    Consumer<FaultPoint> installed = hook;
    if (installed != null) {
      installed.accept(this);
    }
  }

  /** Installs the hook of this JVM, or removes it. For tests. */
  static void install(@Nullable Consumer<FaultPoint> value) {
    hook = value;
  }
}
