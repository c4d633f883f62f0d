package io.hasqlite.engine;

import io.hasqlite.DatabaseName;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the application may hold replication back with ({@code waitFor}); open without one. */
final class Gate {

  private static final Logger log = LoggerFactory.getLogger(Gate.class);

  private final DatabaseName database;
  private volatile boolean open = true;
  private volatile @Nullable Throwable failure;

  Gate(DatabaseName database) {
    this.database = database;
  }

  /**
   * Runs something when the application opens the gate, at once where there is none.
   *
   * @param stage completes when the gate is opened; null without a gate
   */
  void whenOpen(@Nullable CompletionStage<?> stage, Runnable then) {
    if (stage == null) {
      then.run();
      return;
    }
    open = false;
    stage.whenComplete(
        (ignored, failed) -> {
          if (failed == null) {
            open = true;
            then.run();
          } else {
            failure = failed;
            log.error(
                "Database {} is never replicated in this run: the gate that the application opens"
                    + " (waitFor) failed",
                database,
                failed);
          }
        });
  }

  boolean isOpen() {
    return open;
  }

  boolean hasFailed() {
    return failure != null;
  }

  /** Tells, for a closed gate, what it waits for. */
  String whyClosed() {
    Throwable failed = failure;
    return failed == null
        ? "replication waits for the gate that the application opens (waitFor)"
        : "the gate that the application opens (waitFor) failed; restart the application: "
            + failed;
  }
}
