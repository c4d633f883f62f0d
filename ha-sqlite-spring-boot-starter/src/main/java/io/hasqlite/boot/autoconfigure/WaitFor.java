package io.hasqlite.boot.autoconfigure;

import java.util.concurrent.CompletionStage;

/**
 * A gate that the application opens. With a bean of this type nothing of other nodes is applied,
 * and nothing can be committed to replicated tables, until the stage is complete; reading works.
 * The application starts without waiting for it. Migrations that run at start cannot commit behind
 * a closed gate.
 */
@FunctionalInterface
public interface WaitFor {

  /** Returns the stage whose completion opens the gate; asked once. */
  CompletionStage<?> gate();
}
