package io.hasqlite.stream.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NatsConnectionOptionsTests {

  @Test
  void severalUrlsMayStandInOneText() {
    assertThat(
            NatsConnectionOptions.servers("nats://a:4222, nats://b:4222", "tls://c").build().urls())
        .containsExactly("nats://a:4222", "nats://b:4222", "tls://c");
  }

  @Test
  void textHoldsNoSecret() {
    assertThat(NatsConnectionOptions.servers("nats://ann:secret@a:4222,tls://t0ken@b").build())
        .hasToString("nats://***@a:4222, tls://***@b");
    assertThat(NatsConnectionOptions.servers("nats://a").user("ann", "secret").build().toString())
        .doesNotContain("secret");
  }

  @Test
  void missingOrUnreadableUrlIsRefusedWithoutItsSecret() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NatsConnectionOptions.servers(" , ").build())
        .withMessageContaining("nats://localhost:4222");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NatsConnectionOptions.servers("nats://ann:secret@a b").build())
        .withMessageContaining("not readable")
        .withMessageNotContaining("secret");
  }

  @Test
  void onlyOneWayToLogInIsTaken() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                NatsConnectionOptions.servers("nats://a")
                    .user("ann", "secret")
                    .nkeyFile(Path.of("key"))
                    .build())
        .withMessageContaining("a user name, an nkey file");
  }
}
