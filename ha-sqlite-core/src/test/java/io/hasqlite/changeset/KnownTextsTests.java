package io.hasqlite.changeset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KnownTextsTests {

  private final KnownTexts known = new KnownTexts();

  private String text(String text) {
    char[] characters = ("<" + text + ">").toCharArray();
    return known.text(characters, 1, text.length());
  }

  @Test
  void givesTheSameTextForTheSameCharacters() {
    String first = text("orders");
    assertThat(first).isEqualTo("orders");
    assertThat(text("orders")).isSameAs(first);
  }

  @Test
  void givesEachTextThoughMoreComeThanItKeeps() {
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 10_000; i++) {
        assertThat(text("column" + i)).isEqualTo("column" + i);
      }
    }
    assertThat(text("")).isEmpty();
    assertThat(text("Aa")).isEqualTo("Aa"); // both have one hash code
    assertThat(text("BB")).isEqualTo("BB");
  }

  @Test
  void keepsListsThatAreNotTooLong() {
    List<String> added = known.add(new ArrayList<>(List.of("id", "name")));
    assertThat(known.list(new ArrayList<>(List.of("id", "name")))).isSameAs(added);
    assertThat(known.list(List.of("id"))).isNull();

    List<String> large = List.of("x".repeat(5_000));
    assertThat(known.add(large)).isEqualTo(large);
    assertThat(known.list(large)).isNull();
  }
}
