package io.hasqlite;

import java.util.function.Consumer;

/** Lets tests of all packages do something when a {@link FaultPoint} is reached. */
public final class FaultHooks {

  private FaultHooks() {}

  /** Has the hook called, on the thread that reaches a point, until the result is closed. */
  public static AutoCloseable install(Consumer<FaultPoint> hook) {
    FaultPoint.install(hook);
    return () -> FaultPoint.install(null);
  }
}
