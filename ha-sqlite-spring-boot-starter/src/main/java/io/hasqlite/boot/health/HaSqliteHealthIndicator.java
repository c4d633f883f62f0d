package io.hasqlite.boot.health;

import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.ReplicationStatus;
import java.time.Clock;
import java.util.function.Supplier;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * {@link HealthIndicator} of a replicated database. It tells what the engine knows and asks nobody,
 * so it never waits.
 *
 * <p>{@code UP}: this node follows the stream, or is not meant to. {@code OUT_OF_SERVICE}: it is
 * not yet level with the stream as that was at its start, is paused, or the application's gate is
 * closed. {@code DOWN}: the stream is away (reading works, writing does not), what comes cannot be
 * written here at the moment, replication has halted, or this node's rows are not those of the
 * others.
 */
public final class HaSqliteHealthIndicator extends AbstractHealthIndicator {

  private final Supplier<ReplicationStatus> status;
  private final Clock clock = Clock.systemUTC();

  /** Creates the indicator of a database. */
  public HaSqliteHealthIndicator(HaSqlite database) {
    this(database::status);
  }

  HaSqliteHealthIndicator(Supplier<ReplicationStatus> status) {
    super("The state of replication could not be told");
    this.status = status;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    ReplicationStatus now = status.get();
    builder.status(statusOf(now)).withDetails(StatusDetails.of(now, clock));
  }

  private static Status statusOf(ReplicationStatus now) {
    return switch (now.state()) {
      case STANDALONE, RUNNING -> Status.UP;
      case PARTIAL -> now.connected() ? Status.UP : Status.DOWN;
      case PAUSED -> now.connected() ? Status.OUT_OF_SERVICE : Status.DOWN;
      case WAITING, CATCHING_UP -> Status.OUT_OF_SERVICE;
      case DISCONNECTED, RETRYING, DIFFERENT, HALTED, CLOSED -> Status.DOWN;
    };
  }
}
