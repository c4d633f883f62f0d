package io.hasqlite.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.testing.InMemoryChangeStream;
import io.hasqlite.testing.InMemoryChangeStream.Fault;
import io.hasqlite.testing.InMemoryLog;
import org.junit.jupiter.api.Test;

/** The contract, and the faults that other tests rely on. */
class InMemoryChangeStreamTests extends ChangeStreamContractTests {

  private final InMemoryLog log = new InMemoryLog();

  @Override
  protected InMemoryChangeStream stream(String database, String node, long processId) {
    return log.stream(database, node, processId);
  }

  private void assertInDoubt(ChangeStream stream, String id, long expected) {
    assertThatThrownBy(() -> stream.publish(id.getBytes(UTF_8), id, expected, WAIT))
        .isInstanceOf(PublishInDoubtException.class);
  }

  @Test
  void messagesInDoubtAreStoredOrLostOrLate() {
    InMemoryChangeStream stream =
        stream("app.db", "node1", 1)
            .script(Fault.ACK_LOST, Fault.LOST, Fault.STORED_LATE, Fault.STORED_LATE);
    assertInDoubt(stream, "ack lost", 0);
    assertThat(stream.lastSequence()).isEqualTo(1);
    assertInDoubt(stream, "lost", 1);
    assertInDoubt(stream, "late", 1);
    assertInDoubt(stream, "late and refused", 1);
    assertThat(stream.lastSequence()).isEqualTo(1);
    assertThat(stream.deliverLate()).isEqualTo(1);
    assertThat(stream.lastSequence()).isEqualTo(2);
  }

  @Test
  void refusedMessagesAndThoseWithoutAConnectionAreNotStored() {
    InMemoryChangeStream stream =
        stream("app.db", "node1", 1).script(Fault.REFUSED, Fault.DISCONNECT);
    ChangeConsumer consumer = stream.consume(1);
    assertFails(true, () -> publish(stream, "refused"));
    assertFails(true, () -> publish(stream, "disconnected"));
    assertFails(true, () -> consumer.next(1, WAIT));
    assertFails(true, stream::state);
    assertThat(stream.isConnected()).isFalse();
    stream.reconnect();
    assertThat(stream.lastSequence()).isZero();
  }

  @Test
  void streamCanExpireLoseItsTailAndBeMadeAnew() {
    InMemoryChangeStream stream = stream("app.db", "node1", 1);
    for (int i = 0; i < 5; i++) {
      publish(stream, "m");
    }
    log.expireBefore(3);
    assertThat(stream.state().firstSequence()).isEqualTo(3);
    log.loseAfter(4);
    assertThat(stream.state().lastSequence()).isEqualTo(4);
    StreamState before = stream.state();
    log.recreate();
    assertThat(stream.state().created()).isAfter(before.created());
    assertThat(stream.lastSequence()).isZero();
  }
}
