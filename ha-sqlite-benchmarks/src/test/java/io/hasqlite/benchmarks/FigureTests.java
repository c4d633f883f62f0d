package io.hasqlite.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FigureTests {

  @Test
  void theMedianCountsNotTheBestRound() {
    assertThat(figure(Target.atLeast(0.5), List.of(0.4, 0.9, 0.45)).isMet()).isFalse();
    assertThat(figure(Target.atLeast(0.5), List.of(0.5, 0.1, 0.6)).isMet()).isTrue();
    assertThat(figure(Target.atMost(5), List.of(4.0, 4.5, 40.0)).isMet()).isTrue();
    assertThat(figure(Target.atMost(5), List.of(4.0, 6.0, 40.0)).isMet()).isFalse();
  }

  @Test
  void whereTheFloorIsBelowTheTargetBeingCloseToItIsEnough() {
    Target target = Target.atLeast(0.4);
    assertThat(figure(target, List.of(0.26), List.of(0.30), null).isMet()).isTrue();
    assertThat(figure(target, List.of(0.25), List.of(0.30), null).isMet()).isFalse();
    assertThat(figure(target, List.of(0.39), List.of(0.41), null).isMet()).isFalse();
  }

  @Test
  void whatMustNotHappenIsNotMetByTheRatio() {
    Figure figure = figure(Target.atLeast(1.5), List.of(2.0), List.of(), "3 times SQLITE_BUSY");

    assertThat(figure.isMet()).isFalse();
    assertThat(figure.line()).contains("NOT").contains("3 times SQLITE_BUSY");
  }

  @Test
  void isOneObjectOfJson() {
    assertThat(figure(Target.atLeast(0.4), List.of(0.26), List.of(0.30), null).json())
        .isEqualTo(
            "{\"id\":2,\"name\":\"what\",\"ratio\":0.260,\"target\":\">= 0.40\",\"met\":true,"
                + "\"min\":0.260,\"max\":0.260,\"floor\":0.300,\"ofFloor\":0.867}");
  }

  private static Figure figure(Target target, List<Double> ratios) {
    return figure(target, ratios, List.of(), null);
  }

  private static Figure figure(
      Target target, List<Double> ratios, List<Double> floors, @Nullable String failure) {
    return new Figure("2", "what", target, ratios, floors, "note", failure);
  }
}
