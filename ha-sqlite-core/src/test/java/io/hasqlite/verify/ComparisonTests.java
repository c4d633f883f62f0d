package io.hasqlite.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.verify.Comparison.Verdict;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparisonTests {

  private static List<Digest> answer(String hash) {
    return List.of(new Digest("same", 1, "0"), new Digest("t", 3, hash));
  }

  private static Comparison comparison(String answers) {
    Comparison comparison = new Comparison(1, null);
    for (String answer : answers.split(" ")) {
      comparison.add(answer.substring(0, 1), answer(answer.substring(1)));
    }
    return comparison;
  }

  @ParameterizedTest
  @CsvSource({
    "a1, 1, false, OPEN", // nobody else
    "b1 c1, 3, false, OPEN", // not yet this node
    "b1 c1, 3, true, OPEN",
    "a1 b1, 2, false, EQUAL",
    "a1 b1, 3, false, EQUAL",
    "a1 b2, 2, false, DIFFERENT", // of two nodes both
    "a1 b2, 3, false, OPEN", // the third decides
    "a1 b2, 3, true, DIFFERENT",
    "a1 b2 c2, 3, false, DIFFERENT",
    "a1 b2 c2, 4, false, OPEN",
    "a1 b2 c1, 3, false, EQUAL",
    "a1 b2 c1, 5, false, OPEN",
    "a1 b2 c1, 5, true, EQUAL",
    "a1 b1 c1 d2, 7, false, OPEN",
    "a1 b1 c1 d2, 5, false, EQUAL", // the fifth cannot turn it
    "a1 b2 c2 d2, 5, false, DIFFERENT",
    "a1 b2 c3, 3, false, DIFFERENT"
  })
  void theMajorityIsRight(String answers, int nodes, boolean last, Verdict verdict) {
    assertThat(comparison(answers).judge("a", nodes, last)).isEqualTo(verdict);
  }

  @Test
  void theFirstAnswerThatDiffersRevealsIt() {
    assertThat(comparison("a1 b1").revealedBy()).isNull();
    Comparison comparison = comparison("a1 b1 c2 d2 e1");
    assertThat(comparison.revealedBy()).isEqualTo("c");
    assertThat(comparison.differences()).containsExactly("t");
    assertThat(comparison.differingFrom("a")).containsExactly("c", "d");
    comparison.add("c", answer("1")); // a second answer of a node
    assertThat(comparison.differingFrom("a")).containsExactly("c", "d");
  }

  @Test
  void aNameThatOneSideLacksIsADifference() {
    Comparison comparison = comparison("a1");
    comparison.add("b", List.of(new Digest("same", 1, "0")));
    assertThat(comparison.differences()).containsExactly("t");
    assertThat(comparison.rows("t")).isEqualTo(3);
  }

  @Test
  void aRangeIsTheSumOfItsParts() {
    Random random = new Random(7);
    Range range = Range.whole("t", false);
    long hash = random.nextLong();
    while (range.bits() < Range.BITS_MAX) {
      assertThat(range.contains(hash)).isTrue();
      int part = range.partOf(hash);
      assertThat(range.part(part, true).contains(hash)).isTrue();
      assertThat(range.part(part ^ 1, true).contains(hash)).isFalse();
      range = range.part(part, false);
    }
    assertThat(range.contains(~hash)).isFalse();
    assertThatThrownBy(() -> new Range("t", 7, 0, false))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Range("t", 8, 256, false))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
