package io.hasqlite.stream.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeliveryTests {

  @Test
  void readsWhatTheServerSaysOfAMessage() {
    assertThat(Delivery.parse("$JS.ACK.stream.node-1.2.17.5.1763836801123456789.42"))
        .isEqualTo(new Delivery(2, 17, 5, Instant.ofEpochSecond(1_763_836_801L, 123_456_789L), 42));
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "_INBOX.a.b",
        "$JS.ACK.",
        "$JS.ACK.stream.node-1",
        "$JS.ACK.stream.node-1.1.2.3.4",
        "$JS.ACK.stream.node-1.1.2.3.4.",
        "$JS.ACK.stream.node-1.1.2.3.-4.5",
        "$JS.ACK.stream.node-1.1.2.3.4.x",
        "$JS.ACK.stream.node-1.1.9999999999999999999.3.4.5",
        "$JS.ACK.stream.node-1.1.2.3.4.5.6",
        "$JS.ACK.hub.hash.stream.node-1.1.2.3.4.5.6",
      })
  void leavesOtherSubjectsToTheClient(String subject) {
    assertThat(Delivery.parse(subject)).isNull();
  }
}
