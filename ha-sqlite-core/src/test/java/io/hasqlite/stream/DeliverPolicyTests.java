package io.hasqlite.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeliverPolicyTests {

  @Test
  void readsGoHasWords() {
    assertThat(DeliverPolicy.parse("all")).isEqualTo(DeliverPolicy.ALL);
    assertThat(DeliverPolicy.parse(" last ")).isEqualTo(DeliverPolicy.LAST);
    assertThat(DeliverPolicy.parse("new")).isEqualTo(DeliverPolicy.NEW);
    assertThat(DeliverPolicy.parse("by_start_sequence=42"))
        .isEqualTo(new DeliverPolicy.ByStartSequence(42));
    assertThat(DeliverPolicy.parse("by_start_time=2026-01-31 10:00:00"))
        .isEqualTo(new DeliverPolicy.ByStartTime(Instant.parse("2026-01-31T10:00:00Z")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"all", "last", "new", "by_start_sequence=7", "by_start_time=2026-01-31 10:00:00"})
  void textIsReadAgain(String text) {
    assertThat(DeliverPolicy.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ALL",
        "by_start_sequence=",
        "by_start_sequence=x",
        "by_start_sequence=0",
        "by_start_time=2026-02-30 10:00:00",
        "by_start_time=2026-01-31T10:00:00"
      })
  void anythingElseIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> DeliverPolicy.parse(text));
  }
}
