package io.hasqlite.subscribe;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.Position;
import io.hasqlite.apply.ControlTables.Stored;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.StreamState;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StreamIdentityTests {

  private static final Instant CREATED = Instant.EPOCH;

  /** A stream without the message that is asked for. */
  private static ChangeStream stream(StreamState... states) {
    Deque<StreamState> next = new ArrayDeque<>(List.of(states));
    return (ChangeStream)
        Proxy.newProxyInstance(
            ChangeStream.class.getClassLoader(),
            new Class<?>[] {ChangeStream.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "state" -> next.size() > 1 ? next.poll() : next.peek();
                  case "read" -> Optional.empty();
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private static void check(ChangeStream stream) {
    Stored stored =
        new Stored(new Position(12, 10), CREATED.toString(), new Origin(new NodeId("a"), 1), 1);
    StreamIdentity.check(stream, stored, new ChangeSetCodec());
  }

  @Test
  void aMessageThatExpiresWhileItIsLookedForIsNotLost() {
    assertThatCode(
            () -> check(stream(new StreamState(CREATED, 10, 20), new StreamState(CREATED, 11, 20))))
        .doesNotThrowAnyException();
  }

  @Test
  void aMessageThatIsGoneFromTheMiddleIsLost() {
    assertThatThrownBy(() -> check(stream(new StreamState(CREATED, 10, 20))))
        .isInstanceOf(HaltException.class)
        .hasMessageContaining("no message of this database there");
  }
}
