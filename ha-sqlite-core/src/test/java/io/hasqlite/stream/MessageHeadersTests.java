package io.hasqlite.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MessageHeadersTests {

  private final MessageHeaders headers = new MessageHeaders();

  @Test
  void keepsWhatIsShortAndPrintable() {
    headers.add("traceparent", "00-1-2-01");
    headers.add("bad name", "x");
    headers.add("", "x");
    headers.add("empty", "");
    headers.add("line", "a\r\nNats-Msg-Id: stolen");
    headers.add("umlaut", "ä");
    headers.add("long", "x".repeat(1_025));
    headers.add("Nats-Msg-Id", "stolen");
    headers.add("nats-rollup", "all");
    headers.add("traceparent", "again");

    assertThat(headers.asMap()).isEqualTo(Map.of("traceparent", "00-1-2-01"));
  }

  @Test
  void thereIsRoomForAFew() {
    for (int i = 0; i < 20; i++) {
      headers.add("h" + i, "x");
    }
    assertThat(headers.asMap()).hasSize(16);

    MessageHeaders large = new MessageHeaders();
    for (int i = 0; i < 4; i++) {
      large.add("h" + i, "x".repeat(1_000));
    }
    assertThat(large.asMap()).containsOnlyKeys("h0", "h1");
  }
}
