package io.hasqlite.boot.metrics;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.apply.Conflict;
import io.hasqlite.boot.metrics.DatabaseCounters.Timed;
import io.hasqlite.engine.ReplicationStatus;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.stream.StoredSnapshot;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The meters of one database. All values are computed when they are asked for, so none stays at its
 * last good value while replication is dead: the lag grows then.
 */
final class DatabaseMetrics implements MeterBinder {

  /** What is usual in one network, between continents, and after a short outage. */
  private static final Duration[] DELAY_BUCKETS = {
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5),
    Duration.ofSeconds(30),
    Duration.ofMinutes(5)
  };

  private final Supplier<ReplicationStatus> status;
  private final DatabaseCounters counters;
  private final Tags tags;
  private final Clock clock;

  DatabaseMetrics(
      Supplier<ReplicationStatus> status,
      DatabaseName database,
      NodeId node,
      DatabaseCounters counters,
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
    bindStream(registry);
    bindSnapshots(registry);
  }

  private void bindStatus(MeterRegistry registry) {
    bindStates(registry);
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

  /** One of them is 1, the others are 0: so that a state can be an alert, and a band of a chart. */
  private void bindStates(MeterRegistry registry) {
    for (State state : State.values()) {
      Gauge.builder("ha.sqlite.state", this, self -> self.now().state() == state ? 1 : 0)
          .description("Whether this is the state of replication (1) or not (0)")
          .tags(tags.and("state", state.name().toLowerCase(Locale.ROOT)))
          .strongReference(true)
          .register(registry);
    }
  }

  private void bindStream(MeterRegistry registry) {
    timer(
        registry,
        "ha.sqlite.publish",
        "Messages stored in the stream, from sending to the answer",
        tags,
        counters.published);
    traffic(registry, "out", counters.published, Timed::count, counters.bytesOut);
    traffic(registry, "in", counters.messagesIn, LongAdder::sum, counters.bytesIn);
    FunctionCounter.builder("ha.sqlite.reconnects", this, self -> self.now().reconnects())
        .description("How often the connection to NATS was lost and made again")
        .tags(tags)
        .register(registry);
    counters.recordDelays(
        Timer.builder("ha.sqlite.delay")
            .description(
                "From publishing on another node until it is visible here, by the clocks of both")
            .serviceLevelObjectives(DELAY_BUCKETS)
            .tags(tags)
            .register(registry));
  }

  private <T> void traffic(
      MeterRegistry registry,
      String direction,
      T messages,
      ToDoubleFunction<T> count,
      LongAdder bytes) {
    Tags directed = tags.and("direction", direction);
    FunctionCounter.builder("ha.sqlite.stream.messages", messages, count)
        .description("Messages sent to and received from the stream")
        .tags(directed)
        .register(registry);
    FunctionCounter.builder("ha.sqlite.stream.traffic", bytes, LongAdder::sum)
        .description("Size of the messages sent to and received from the stream")
        .baseUnit(BaseUnits.BYTES)
        .tags(directed)
        .register(registry);
  }

  private void bindSnapshots(MeterRegistry registry) {
    TimeGauge.builder(
            "ha.sqlite.snapshot.age",
            this,
            TimeUnit.MILLISECONDS,
            self -> self.snapshot(s -> self.millisSince(s.storedAt())))
        .description("Time since the latest snapshot was stored or stamped; NaN while unknown")
        .tags(tags)
        .strongReference(true)
        .register(registry);
    Gauge.builder("ha.sqlite.snapshot.size", this, self -> self.snapshot(StoredSnapshot::bytes))
        .description("Size of the latest snapshot; NaN while unknown")
        .baseUnit(BaseUnits.BYTES)
        .tags(tags)
        .strongReference(true)
        .register(registry);
    Gauge.builder(
            "ha.sqlite.snapshot.sequence", this, self -> self.snapshot(StoredSnapshot::sequence))
        .description("Sequence of the stream that the latest snapshot shows; NaN while unknown")
        .tags(tags)
        .strongReference(true)
        .register(registry);
    timer(
        registry,
        "ha.sqlite.snapshot.duration",
        "Snapshots taken and stored by this node",
        tags,
        counters.snapshots);
    counter(
        registry,
        "ha.sqlite.restores",
        "How often the running database was brought to a snapshot",
        tags,
        counters.restores);
  }

  private double snapshot(ToDoubleFunction<StoredSnapshot> value) {
    StoredSnapshot snapshot = now().snapshot();
    return snapshot == null ? Double.NaN : value.applyAsDouble(snapshot);
  }

  private double millisSince(Instant time) {
    return Math.max(0, Duration.between(time, clock.instant()).toMillis());
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
    counter(
        registry,
        "ha.sqlite.capture.rows",
        "Rows and statements captured by the commits of this node",
        tags,
        counters.captured);
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
    gauge(
        registry,
        "ha.sqlite.dead.letters.waiting",
        "Messages that were left out and wait for a person",
        ReplicationStatus::deadLetters);
    counter(
        registry,
        "ha.sqlite.rebases",
        "Batches applied below pending transactions, which were done again on top",
        tags,
        counters.rebases);
    counter(
        registry,
        "ha.sqlite.rebase.transactions",
        "Pending transactions that were done again",
        tags,
        counters.redone);
    for (Conflict.Kind kind : Conflict.Kind.values()) {
      counter(
          registry,
          "ha.sqlite.conflicts",
          "Rows for which a later transaction overruled an earlier one, or that could not be"
              + " applied",
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
