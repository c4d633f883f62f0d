package io.hasqlite.boot.metrics;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.engine.EngineListener;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts what the engines of an application do, each database for itself, from their start on,
 * which is before there is a meter registry to tell it to.
 */
public final class HaSqliteCounters implements EngineListener {

  private final Map<DatabaseName, DatabaseCounters> databases = new ConcurrentHashMap<>();

  /** Creates counters at zero. */
  public HaSqliteCounters() {}

  @Override
  public DatabaseCounters of(DatabaseName database, NodeId node) {
    return databases.computeIfAbsent(
        database, name -> new DatabaseCounters(node, Clock.systemUTC()));
  }
}
