package io.hasqlite.boot.autoconfigure;

import io.hasqlite.engine.HaSqliteOptions;

/**
 * Changes the engine's options after the properties are set. Beans of this type are called in their
 * order.
 */
@FunctionalInterface
public interface HaSqliteCustomizer {

  /** Changes options. */
  void customize(HaSqliteOptions.Builder options);
}
