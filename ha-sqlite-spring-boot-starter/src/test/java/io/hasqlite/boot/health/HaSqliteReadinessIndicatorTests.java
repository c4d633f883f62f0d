package io.hasqlite.boot.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.engine.ReplicationStatus;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.outbox.Backlog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.health.contributor.Health;

class HaSqliteReadinessIndicatorTests {

  @ParameterizedTest
  @CsvSource({
    "STANDALONE, 0s, 1m, UP",
    "PARTIAL, 0s, 1m, UP",
    "WAITING, 0s, 1m, OUT_OF_SERVICE",
    "CATCHING_UP, 0s, 1m, OUT_OF_SERVICE",
    "CATCHING_UP, 0s, 0s, OUT_OF_SERVICE",
    "CLOSED, 0s, 1m, OUT_OF_SERVICE",
    "RUNNING, 0s, 1m, UP",
    "RUNNING, 60s, 1m, UP",
    "RUNNING, 61s, 1m, OUT_OF_SERVICE",
    "RUNNING, 61s, 0s, UP",
    "PAUSED, 59s, 1m, UP",
    "PAUSED, 61s, 1m, OUT_OF_SERVICE",
    "DISCONNECTED, 59s, 1m, UP",
    "DISCONNECTED, 61s, 1m, OUT_OF_SERVICE",
    "HALTED, 61s, 1m, OUT_OF_SERVICE"
  })
  void readyWhileRecentEnough(State state, String lag, String maxLag, String status) {
    Health health = health(state, seconds(lag), seconds(maxLag));

    assertThat(health.getStatus().getCode()).isEqualTo(status);
    assertThat(health.getDetails())
        .containsEntry("lagSeconds", (double) seconds(lag).toSeconds())
        .containsEntry("maxLagSeconds", (double) seconds(maxLag).toSeconds());
  }

  @Test
  void failureIsDownAndNotThrown() {
    Health health =
        new HaSqliteReadinessIndicator(
                () -> {
                  throw new IllegalStateException("on purpose");
                },
                Duration.ZERO)
            .health();

    assertThat(health.getStatus().getCode()).isEqualTo("DOWN");
  }

  private static Duration seconds(String text) {
    return Duration.parse("PT" + text);
  }

  private static Health health(State state, Duration lag, Duration maxLag) {
    ReplicationStatus status =
        new ReplicationStatus(
            new NodeId("n1"),
            new DatabaseName("app.db"),
            Path.of("app.db"),
            state,
            true,
            "nats://127.0.0.1:4222",
            0,
            "s",
            7,
            9,
            2,
            lag,
            Backlog.EMPTY,
            null,
            0,
            null,
            null,
            List.of());
    return new HaSqliteReadinessIndicator(() -> status, maxLag).health();
  }
}
