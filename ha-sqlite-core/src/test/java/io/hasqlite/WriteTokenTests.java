package io.hasqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.hasqlite.WriteToken.Pending;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WriteTokenTests {

  private static final String STREAM = WriteToken.stream("2026-01-31T10:00:00Z");

  private static Pending pending(String node, long process, long number) {
    return new Pending(new Origin(new NodeId(node), process), number);
  }

  @Test
  void textCanBeReadAgain() {
    WriteToken token =
        new WriteToken(
            STREAM,
            1041,
            List.of(
                pending("node 1; Path=/, \"x\" \u00fc~", Long.MAX_VALUE, 42), pending("b", 7, 1)));

    assertThat(WriteToken.parse(token.toString())).isEqualTo(token);
    assertThat(token.toString()).matches("[A-Za-z0-9%+*_.~-]+");
    assertThat(WriteToken.parse(WriteToken.NONE.toString())).isEqualTo(WriteToken.NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        ".",
        "x.1",
        ".-1",
        ".1234567890123456789",
        "123456789.1",
        ".1~",
        ".1~a.1",
        ".1~a.1.",
        ".1~a.1.%",
        ".1~a.1.%20",
        ".1~a.x.n",
        ".1~a.1.n~a.1.n~a.1.n~a.1.n~a.1.n",
        ".1\r\nSet-Cookie: a=b"
      })
  void anythingElseIsRefusedWithoutRepeatingIt(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WriteToken.parse(text))
        .withMessage("The text is no token of this library's");
  }

  @Test
  void longTextIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WriteToken.parse(".1~a.1." + "n".repeat(2_000)));
  }

  @Test
  void bothTogetherAreWhatIsInEither() {
    WriteToken a = new WriteToken(STREAM, 5, List.of(pending("a", 1, 3), pending("b", 2, 9)));
    WriteToken b = new WriteToken(STREAM, 7, List.of(pending("a", 1, 4), pending("b", 2, 8)));

    assertThat(a.and(b))
        .isEqualTo(new WriteToken(STREAM, 7, List.of(pending("a", 1, 4), pending("b", 2, 9))));
    assertThat(a.and(WriteToken.NONE)).isEqualTo(a);
    assertThat(WriteToken.NONE.and(a)).isEqualTo(a);
    assertThat(new WriteToken("", 9, List.of()).and(a).sequence()).isEqualTo(9);
  }

  @Test
  void whatCountsInAnotherStreamIsForgotten() {
    WriteToken old = new WriteToken("1", 1_000, List.of());
    WriteToken now = new WriteToken("2", 3, List.of());

    assertThat(old.and(now)).isEqualTo(now);
  }

  @Test
  void onlyTheYoungestPendingOnesAreKept() {
    WriteToken token = WriteToken.NONE;
    for (int i = 1; i <= 6; i++) {
      token = token.and(new WriteToken("", 0, List.of(pending("n" + i, i, 1))));
    }
    assertThat(token.pending())
        .extracting(one -> one.origin().node().value())
        .containsExactly("n3", "n4", "n5", "n6");
    assertThat(WriteToken.parse(token.toString())).isEqualTo(token);
  }
}
