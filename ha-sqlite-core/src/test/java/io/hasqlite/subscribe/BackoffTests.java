package io.hasqlite.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackoffTests {

  private final Backoff backoff = new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(15));

  @Test
  void waitsGrowUpToTheLongestOneAndBeginAnew() {
    assertThat(IntStream.range(0, 5).mapToObj(i -> backoff.failed().toSeconds()))
        .containsExactly(2L, 4L, 8L, 15L, 15L);
    assertThat(backoff.failures()).isEqualTo(5);
    backoff.succeeded();
    assertThat(backoff.failures()).isZero();
    assertThat(backoff.failed()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void howeverOftenItFailsTheWaitIsTheLongestOne() {
    for (int i = 0; i < 100; i++) {
      backoff.failed();
    }
    assertThat(backoff.failed()).isEqualTo(Duration.ofSeconds(15));
  }
}
