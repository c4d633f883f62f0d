package io.hasqlite.boot.health;

import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.ReplicationStatus;
import io.hasqlite.engine.ReplicationStatus.State;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * {@link HealthIndicator} that tells whether what a database shows is recent enough to be served:
 * {@code OUT_OF_SERVICE} until this node is level with the stream as that was at its start, and
 * while it was not level with the stream for longer than is wanted, whatever the reason. Otherwise
 * {@code UP}, even if something is wrong that {@link HaSqliteHealthIndicator} tells. It asks
 * nobody, so it never waits.
 */
public final class HaSqliteReadinessIndicator extends AbstractHealthIndicator {

  private static final Set<State> NOT_READY =
      Set.of(State.WAITING, State.CATCHING_UP, State.CLOSED);

  private static final double MILLIS_PER_SECOND = 1000;

  private final Supplier<ReplicationStatus> status;
  private final Duration maxLag;

  /**
   * Creates the indicator of a database.
   *
   * @param maxLag how long it may not have been level with the stream; zero for ever
   */
  public HaSqliteReadinessIndicator(HaSqlite database, Duration maxLag) {
    this(database::status, maxLag);
  }

  HaSqliteReadinessIndicator(Supplier<ReplicationStatus> status, Duration maxLag) {
    super("The state of replication could not be told");
    this.status = status;
    this.maxLag = maxLag;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    ReplicationStatus now = status.get();
    boolean late = !maxLag.isZero() && now.lag().compareTo(maxLag) > 0;
    if (late || NOT_READY.contains(now.state())) {
      builder.outOfService();
    } else {
      builder.up();
    }
    builder
        .withDetail("state", now.state().name().toLowerCase(java.util.Locale.ROOT))
        .withDetail("lagSeconds", now.lag().toMillis() / MILLIS_PER_SECOND)
        .withDetail("maxLagSeconds", maxLag.toMillis() / MILLIS_PER_SECOND);
  }
}
