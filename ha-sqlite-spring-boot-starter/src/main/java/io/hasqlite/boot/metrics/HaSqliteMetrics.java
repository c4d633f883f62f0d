package io.hasqlite.boot.metrics;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.apply.Conflict;
import io.hasqlite.boot.metrics.HaSqliteCounters.Timed;
import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.ReplicationStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Clock;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * {@link MeterBinder} of a replicated database. All values are computed when they are asked for, so
 * none stays at its last good value while replication is dead: the lag grows then.
 */
public final class HaSqliteMetrics implements MeterBinder {

  private final Supplier<ReplicationStatus> status;
  private final HaSqliteCounters counters;
  private final Tags tags;
  private final Clock clock;

  /** Creates the metrics of a database from its status and from what was counted. */
  public HaSqliteMetrics(HaSqlite database, HaSqliteCounters counters) {
    this(
        database::status,
        database.options().databaseName(),
        database.options().nodeName(),
        counters,
        Clock.systemUTC());
  }

  HaSqliteMetrics(
      Supplier<ReplicationStatus> status,
      DatabaseName database,
      NodeId node,
      HaSqliteCounters counters,
      Clock clock) {
    this.status = status;
    this.counters = counters;
    this.clock = clock;
    this.tags = Tags.of("database", database.value(), "node", node.value());
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    bindStatus(registry);
    bindCommits(registry);
    bindApplied(registry);
  }

  private void bindStatus(MeterRegistry registry) {
    gauge(
        registry,
        "ha.sqlite.connected",
        "Whether the NATS server can be reached (1) or not (0)",
        now -> now.connected() ? 1 : 0);
    gauge(
        registry,
        "ha.sqlite.position",
        "Sequence of the stream up to which all is applied here",
        ReplicationStatus::position);
    gauge(
        registry,
        "ha.sqlite.stream.last.sequence",
        "Last sequence of the stream as last heard",
        ReplicationStatus::streamLastSequence);
    gauge(
        registry,
        "ha.sqlite.lag.messages",
        "Messages of this database that are not applied here, as last heard",
        ReplicationStatus::lagMessages);
    gauge(
        registry,
        "ha.sqlite.outbox.transactions",
        "Transactions committed here whose place in the stream is not known yet",
        now -> now.backlog().transactions());
    Gauge.builder("ha.sqlite.outbox", this, self -> self.now().backlog().bytes())
        .description("Size of the transactions committed here that are not in the stream yet")
        .baseUnit(BaseUnits.BYTES)
        .tags(tags)
        .strongReference(true)
        .register(registry);
    TimeGauge.builder(
            "ha.sqlite.outbox.age",
            this,
            TimeUnit.MILLISECONDS,
            self -> self.now().backlog().age(clock.instant()).toMillis())
        .description("Time since the oldest of these transactions was committed")
        .tags(tags)
        .strongReference(true)
        .register(registry);
    TimeGauge.builder(
            "ha.sqlite.lag", this, TimeUnit.MILLISECONDS, self -> self.now().lag().toMillis())
        .description("Time since this node surely was level with the stream; 0 while it is")
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      String description,
      ToDoubleFunction<ReplicationStatus> value) {
    Gauge.builder(name, this, self -> value.applyAsDouble(self.now()))
        .description(description)
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  private ReplicationStatus now() {
    return status.get();
  }

  private void bindCommits(MeterRegistry registry) {
    timer(
        registry,
        "ha.sqlite.commit",
        "Commits that have their place in the stream",
        tags.and("outcome", "in_place"),
        counters.commitsInPlace);
    timer(
        registry,
        "ha.sqlite.commit",
        "Commits that have their place in the stream",
        tags.and("outcome", "overtaken"),
        counters.commitsOvertaken);
    counter(
        registry,
        "ha.sqlite.commit.in.doubt",
        "Commits whose outcome is not known because the stream did not answer",
        tags,
        counters.commitsInDoubt);
    counter(
        registry,
        "ha.sqlite.commit.not.acknowledged",
        "Asynchronous commits that the stream did not acknowledge in time; they are sent later",
        tags,
        counters.commitsNotAcknowledged);
  }

  private void bindApplied(MeterRegistry registry) {
    timer(registry, "ha.sqlite.apply", "Batches of messages applied", tags, counters.batches);
    counter(registry, "ha.sqlite.apply.messages", "Messages applied", tags, counters.messages);
    counter(
        registry,
        "ha.sqlite.apply.transactions",
        "Transactions applied",
        tags,
        counters.transactions);
    counter(registry, "ha.sqlite.apply.rows", "Rows applied", tags, counters.rows);
    counter(
        registry,
        "ha.sqlite.dead.letters",
        "Messages that were left out because no node can apply them",
        tags,
        counters.deadLetters);
    for (Conflict.Kind kind : Conflict.Kind.values()) {
      counter(
          registry,
          "ha.sqlite.conflicts",
          "Rows for which a later transaction overruled an earlier one, or that could not be applied",
          tags.and("kind", kind.name().toLowerCase(Locale.ROOT)),
          counters.conflicts[kind.ordinal()]);
    }
  }

  private static void counter(
      MeterRegistry registry, String name, String description, Tags tags, LongAdder count) {
    FunctionCounter.builder(name, count, LongAdder::sum)
        .description(description)
        .tags(tags)
        .register(registry);
  }

  private static void timer(
      MeterRegistry registry, String name, String description, Tags tags, Timed timed) {
    FunctionTimer.builder(name, timed, Timed::count, Timed::nanos, Timed.unit())
        .description(description)
        .tags(tags)
        .register(registry);
  }
}
