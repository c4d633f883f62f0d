package io.hasqlite.boot.metrics;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.engine.HaSqlite;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Clock;
import java.util.Collection;
import java.util.List;

/**
 * {@link MeterBinder} of replicated databases. All values are computed when they are asked for, so
 * none stays at its last good value while replication is dead: the lag grows then.
 */
public final class HaSqliteMetrics implements MeterBinder {

  private final List<DatabaseMetrics> databases;

  /** Creates the metrics of databases from their status and from what was counted. */
  public HaSqliteMetrics(Collection<HaSqlite> databases, HaSqliteCounters counters) {
    this.databases = databases.stream().map(database -> metrics(database, counters)).toList();
  }

  private static DatabaseMetrics metrics(HaSqlite database, HaSqliteCounters counters) {
    DatabaseName name = database.options().databaseName();
    NodeId node = database.options().nodeName();
    return new DatabaseMetrics(
        database::status, name, node, counters.of(name, node), Clock.systemUTC());
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    databases.forEach(database -> database.bindTo(registry));
  }
}
