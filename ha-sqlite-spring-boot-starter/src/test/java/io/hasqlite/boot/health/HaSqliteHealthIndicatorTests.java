package io.hasqlite.boot.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.engine.ReplicationStatus;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.outbox.Backlog;
import io.hasqlite.stream.SnapshotStamp;
import io.hasqlite.stream.StoredSnapshot;
import io.hasqlite.subscribe.PastProblem;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.health.contributor.Health;

class HaSqliteHealthIndicatorTests {

  @ParameterizedTest
  @CsvSource({
    "STANDALONE, false, UP",
    "RUNNING, true, UP",
    "PARTIAL, true, UP",
    "PARTIAL, false, DOWN",
    "WAITING, true, OUT_OF_SERVICE",
    "CATCHING_UP, true, OUT_OF_SERVICE",
    "PAUSED, true, OUT_OF_SERVICE",
    "PAUSED, false, DOWN",
    "DISCONNECTED, false, DOWN",
    "RETRYING, true, DOWN",
    "DIFFERENT, true, DOWN",
    "HALTED, true, DOWN",
    "CLOSED, false, DOWN"
  })
  void statusFollowsTheState(State state, boolean connected, String status) {
    assertThat(health(status(state, connected, "s", null)).getStatus().getCode()).isEqualTo(status);
  }

  @Test
  void detailsTellHowFarThisNodeIs() {
    Health health = health(status(State.DISCONNECTED, false, "s", "the server is away"));

    assertThat(health.getDetails())
        .containsEntry("node", "n1")
        .containsEntry("database", "app.db")
        .containsEntry("state", "disconnected")
        .containsEntry("connected", false)
        .containsEntry("stream", "s")
        .containsEntry("position", 7L)
        .containsEntry("streamLastSequence", 9L)
        .containsEntry("lagMessages", 2L)
        .containsEntry("lagSeconds", 1.5)
        .containsEntry("pendingTransactions", 3L)
        .hasEntrySatisfying("pendingSeconds", age -> assertThat((Double) age).isPositive())
        .containsEntry(
            "snapshot", Map.of("sequence", 6L, "bytes", 8192L, "storedAt", "1970-01-01T00:00:00Z"))
        .containsEntry("deadLetters", 2L)
        .containsEntry("lastProblem", Map.of("at", "1970-01-01T00:00:00Z", "problem", "was away"))
        .doesNotContainKey("server")
        .containsEntry("problem", "the server is away")
        .containsEntry("notices", List.of("one notice"));
  }

  @Test
  void serverIsNamedWhileItIsConnected() {
    assertThat(health(status(State.RUNNING, true, "s", null)).getDetails())
        .containsEntry("server", "nats://127.0.0.1:4222");
  }

  @Test
  void standaloneSaysSoAndHasNoPosition() {
    Health health = health(status(State.STANDALONE, false, "", null));

    assertThat(health.getDetails())
        .containsEntry("state", "standalone")
        .containsEntry("notices", List.of("one notice"))
        .doesNotContainKeys("connected", "stream", "position", "problem");
  }

  @Test
  void failureIsDownAndNotThrown() {
    Health health =
        new HaSqliteHealthIndicator(
                () -> {
                  throw new IllegalStateException("on purpose");
                })
            .health();

    assertThat(health.getStatus().getCode()).isEqualTo("DOWN");
  }

  private static Health health(ReplicationStatus status) {
    return new HaSqliteHealthIndicator(() -> status).health();
  }

  private static ReplicationStatus status(
      State state, boolean connected, String stream, String problem) {
    return new ReplicationStatus(
        new NodeId("n1"),
        new DatabaseName("app.db"),
        Path.of("app.db"),
        state,
        connected,
        connected ? "nats://127.0.0.1:4222" : "",
        1,
        stream,
        7,
        9,
        2,
        Duration.ofMillis(1500),
        new Backlog(3, 700, Instant.EPOCH),
        new StoredSnapshot(new SnapshotStamp(6, 6, "", 4096, ""), 8192, "d", Instant.EPOCH),
        2,
        new PastProblem(Instant.EPOCH, "was away"),
        problem,
        List.of("one notice"));
  }
}
