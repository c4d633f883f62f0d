package io.hasqlite.boot.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.apply.AppliedChanges;
import io.hasqlite.apply.Conflict;
import io.hasqlite.apply.DeadLetter;
import io.hasqlite.engine.ReplicationStatus;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.outbox.Backlog;
import io.hasqlite.stream.SnapshotStamp;
import io.hasqlite.stream.StoredSnapshot;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DatabaseMetricsTests {

  private static final Instant NOW = Instant.parse("2026-01-31T10:00:00Z");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final DatabaseCounters counters =
      new DatabaseCounters(new NodeId("n1"), Clock.fixed(NOW, ZoneOffset.UTC));
  private ReplicationStatus status = status(true, 7, 9, 2, Duration.ofMillis(1500));

  @BeforeEach
  void bind() {
    new DatabaseMetrics(
            () -> status,
            new DatabaseName("app.db"),
            new NodeId("n1"),
            counters,
            Clock.fixed(NOW, ZoneOffset.UTC))
        .bindTo(registry);
  }

  @Test
  void gaugesAreComputedWhenAskedFor() {
    assertThat(gauge("ha.sqlite.connected")).isEqualTo(1);
    assertThat(gauge("ha.sqlite.position")).isEqualTo(7);
    assertThat(gauge("ha.sqlite.stream.last.sequence")).isEqualTo(9);
    assertThat(gauge("ha.sqlite.lag.messages")).isEqualTo(2);
    assertThat(registry.get("ha.sqlite.lag").timeGauge().value(TimeUnit.SECONDS)).isEqualTo(1.5);
    assertThat(gauge("ha.sqlite.outbox.transactions")).isEqualTo(3);
    assertThat(gauge("ha.sqlite.outbox")).isEqualTo(700);
    assertThat(registry.get("ha.sqlite.outbox.age").timeGauge().value(TimeUnit.SECONDS))
        .isEqualTo(4);

    status = status(false, 7, 9, 2, Duration.ofMinutes(1));

    assertThat(gauge("ha.sqlite.connected")).isZero();
    assertThat(registry.get("ha.sqlite.lag").timeGauge().value(TimeUnit.SECONDS)).isEqualTo(60);
  }

  @Test
  void gaugesSurviveTheGarbageCollector() {
    System.gc();

    assertThat(gauge("ha.sqlite.position")).isEqualTo(7);
  }

  @Test
  void metersAreTaggedWithDatabaseAndNode() {
    assertThat(registry.getMeters())
        .filteredOn(meter -> meter.getId().syntheticAssociation() == null) // buckets
        .isNotEmpty()
        .allSatisfy(
            meter -> {
              assertThat(meter.getId().getTag("database")).isEqualTo("app.db");
              assertThat(meter.getId().getTag("node")).isEqualTo("n1");
              assertThat(meter.getId().getDescription()).isNotBlank();
            });
  }

  @Test
  void commitsAreCountedByOutcome() {
    counters.committed(2_000_000, true);
    counters.committed(4_000_000, true);
    counters.committed(1_000_000, false);
    counters.inDoubt();
    counters.notAcknowledged();
    counters.notAcknowledged();

    FunctionTimer inPlace = commits("in_place");
    assertThat(inPlace.count()).isEqualTo(2);
    assertThat(inPlace.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(6);
    assertThat(commits("overtaken").count()).isEqualTo(1);
    assertThat(counter("ha.sqlite.commit.in.doubt")).isEqualTo(1);
    assertThat(counter("ha.sqlite.commit.not.acknowledged")).isEqualTo(2);
  }

  @Test
  void whatIsAppliedIsCounted() {
    counters.applied(1, 2, 3, 5_000_000);
    counters.applied(10, 20, 30, 5_000_000);

    assertThat(counter("ha.sqlite.apply.messages")).isEqualTo(11);
    assertThat(counter("ha.sqlite.apply.transactions")).isEqualTo(22);
    assertThat(counter("ha.sqlite.apply.rows")).isEqualTo(33);
    assertThat(registry.get("ha.sqlite.apply").functionTimer().totalTime(TimeUnit.MILLISECONDS))
        .isEqualTo(10);
  }

  @Test
  void conflictsAreCountedByKind() {
    counters.conflict(
        new Conflict(
            Conflict.Kind.DISPLACED, 1, new Origin(new NodeId("n2"), 1), 1, "t", "reason", null));

    assertThat(conflicts("displaced")).isEqualTo(1);
    assertThat(conflicts("overwritten")).isZero();
  }

  @Test
  void deadLettersAreCounted() {
    counters.deadLetter(new DeadLetter(1, "s", Instant.EPOCH, null, "reason", new byte[0]));

    assertThat(counter("ha.sqlite.dead.letters")).isEqualTo(1);
    assertThat(gauge("ha.sqlite.dead.letters.waiting")).isEqualTo(2);
  }

  @Test
  void delayIsThatOfOtherNodesAndNeverNegative() {
    counters.visible(changes("n2", NOW.minusMillis(300)));
    counters.visible(changes("n2", NOW.plusSeconds(5)));
    counters.visible(changes("n1", NOW.minusSeconds(50)));

    Timer delay = registry.get("ha.sqlite.delay").timer();
    assertThat(delay.count()).isEqualTo(2);
    assertThat(delay.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(300);
    assertThat(delay.takeSnapshot().histogramCounts())
        .anySatisfy(
            bucket -> {
              assertThat(bucket.bucket(TimeUnit.MILLISECONDS)).isEqualTo(250);
              assertThat(bucket.count()).isEqualTo(1);
            });
  }

  private static AppliedChanges changes(String node, Instant publishedAt) {
    return new AppliedChanges(8, new Origin(new NodeId(node), 1), publishedAt, List.of(), true);
  }

  @Test
  void trafficIsCountedByDirection() {
    counters.published(100, 2_000_000);
    counters.published(50, 4_000_000);
    counters.received(3, 700);

    assertThat(directed("ha.sqlite.stream.messages", "out")).isEqualTo(2);
    assertThat(directed("ha.sqlite.stream.traffic", "out")).isEqualTo(150);
    assertThat(directed("ha.sqlite.stream.messages", "in")).isEqualTo(3);
    assertThat(directed("ha.sqlite.stream.traffic", "in")).isEqualTo(700);
    assertThat(registry.get("ha.sqlite.publish").functionTimer().totalTime(TimeUnit.MILLISECONDS))
        .isEqualTo(6);
    assertThat(counter("ha.sqlite.reconnects")).isEqualTo(5);
  }

  @Test
  void captureAndRebasesAreCounted() {
    counters.captured(4);
    counters.captured(1);
    counters.rebased(3);
    counters.rebased(2);

    assertThat(counter("ha.sqlite.capture.rows")).isEqualTo(5);
    assertThat(counter("ha.sqlite.rebases")).isEqualTo(2);
    assertThat(counter("ha.sqlite.rebase.transactions")).isEqualTo(5);
  }

  @Test
  void snapshotsHaveAgeSizeAndDuration() {
    counters.snapshotStored(8192, 3_000_000);
    counters.restored(7);

    assertThat(registry.get("ha.sqlite.snapshot.age").timeGauge().value(TimeUnit.SECONDS))
        .isEqualTo(90);
    assertThat(gauge("ha.sqlite.snapshot.size")).isEqualTo(8192);
    assertThat(gauge("ha.sqlite.snapshot.sequence")).isEqualTo(6);
    assertThat(
            registry
                .get("ha.sqlite.snapshot.duration")
                .functionTimer()
                .totalTime(TimeUnit.MILLISECONDS))
        .isEqualTo(3);
    assertThat(counter("ha.sqlite.restores")).isEqualTo(1);
  }

  @Test
  void exactlyOneStateIsOne() {
    assertThat(state("running")).isEqualTo(1);
    assertThat(state("disconnected")).isZero();
    assertThat(state("paused")).isZero();

    status = status(false, 7, 9, 2, Duration.ZERO);

    assertThat(state("running")).isZero();
    assertThat(state("disconnected")).isEqualTo(1);
  }

  private double state(String name) {
    return registry.get("ha.sqlite.state").tag("state", name).gauge().value();
  }

  private double directed(String name, String direction) {
    return registry.get(name).tag("direction", direction).functionCounter().count();
  }

  private double gauge(String name) {
    return registry.get(name).gauge().value();
  }

  private double counter(String name) {
    return registry.get(name).functionCounter().count();
  }

  private double conflicts(String kind) {
    return registry.get("ha.sqlite.conflicts").tag("kind", kind).functionCounter().count();
  }

  private FunctionTimer commits(String outcome) {
    return registry.get("ha.sqlite.commit").tag("outcome", outcome).functionTimer();
  }

  private static ReplicationStatus status(
      boolean connected, long position, long last, long lagMessages, Duration lag) {
    return new ReplicationStatus(
        new NodeId("n1"),
        new DatabaseName("app.db"),
        Path.of("app.db"),
        connected ? State.RUNNING : State.DISCONNECTED,
        connected,
        "nats://127.0.0.1:4222",
        5,
        "s",
        position,
        last,
        lagMessages,
        lag,
        new Backlog(3, 700, NOW.minusSeconds(4)),
        new StoredSnapshot(new SnapshotStamp(6, 6, "", 4096, ""), 8192, "d", NOW.minusSeconds(90)),
        2,
        null,
        null,
        List.of());
  }
}
