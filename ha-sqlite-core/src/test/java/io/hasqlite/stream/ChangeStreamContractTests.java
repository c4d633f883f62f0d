package io.hasqlite.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.hasqlite.NodeId;
import io.hasqlite.stream.PublishResult.Accepted;
import io.hasqlite.stream.PublishResult.Refused;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link ChangeStream} does. */
@Timeout(60)
public abstract class ChangeStreamContractTests {

  protected static final Duration WAIT = Duration.ofSeconds(10);
  private static final Duration NOT_AT_ALL = Duration.ofMillis(100);
  private static final int EXPECTATIONS = 20;
  private static final int RIVALS = 64;

  private final List<ChangeStream> opened = new ArrayList<>();
  private int messageIds;

  /** Makes a stream on the one server of this test. */
  protected abstract ChangeStream stream(String database, String node, long processId);

  @AfterEach
  void closeStreams() {
    opened.forEach(ChangeStream::close);
  }

  protected final ChangeStream unopened(String database, String node, long processId) {
    ChangeStream stream = stream(database, node, processId);
    opened.add(stream);
    return stream;
  }

  protected final ChangeStream opened(String database, String node, long processId) {
    ChangeStream stream = unopened(database, node, processId);
    assertThat(stream.open()).isEmpty();
    return stream;
  }

  protected final ChangeStream opened() {
    return opened("app.db", "node1", 1);
  }

  protected final long publish(ChangeStream stream, String body) {
    return ((Accepted) publish(stream, body, ChangeStream.ANY)).sequence();
  }

  protected final PublishResult publish(ChangeStream stream, String body, long expected) {
    return stream.publish(body.getBytes(UTF_8), "id-" + messageIds++, expected, WAIT);
  }

  protected static List<StreamMessage> take(ChangeConsumer consumer, int count)
      throws InterruptedException {
    List<StreamMessage> all = new ArrayList<>();
    while (all.size() < count) {
      List<StreamMessage> some = consumer.next(count - all.size(), WAIT);
      assertThat(some).as("messages after %s", bodies(all)).isNotEmpty();
      all.addAll(some);
    }
    return all;
  }

  protected static List<String> bodies(List<StreamMessage> messages) {
    return messages.stream().map(message -> new String(message.body(), UTF_8)).toList();
  }

  protected static void assertFails(boolean retryable, ThrowingCallable call) {
    assertThatThrownBy(call)
        .asInstanceOf(type(StreamException.class))
        .satisfies(e -> assertThat(e.isRetryable()).as(e.getMessage()).isEqualTo(retryable));
  }

  @Test
  void messageWithoutExpectationIsStoredAtTheEnd() {
    ChangeStream stream = opened();
    assertThat(publish(stream, "a", ChangeStream.ANY)).isEqualTo(new Accepted(1, false));
    assertThat(publish(stream, "b", ChangeStream.ANY)).isEqualTo(new Accepted(2, false));
    assertThat(stream.lastSequence()).isEqualTo(2);
  }

  @Test
  void expectedMessageIsStoredInPlace() {
    ChangeStream stream = opened();
    assertThat(publish(stream, "a", 0)).isEqualTo(new Accepted(1, true));
    publish(opened("other.db", "node1", 1), "x");
    assertThat(publish(stream, "b", 1)).isEqualTo(new Accepted(3, true));
    assertThat(publish(stream, "c", 3)).isEqualTo(new Accepted(4, true));
  }

  @Test
  void messageWithAWrongExpectationIsRefusedAndNamesTheLast() {
    ChangeStream stream = opened();
    publish(stream, "a");
    publish(stream, "b");
    publish(opened("other.db", "node1", 1), "x");
    assertThat(publish(stream, "c", 1)).isEqualTo(new Refused(2));
    assertThat(publish(stream, "c", 0)).isEqualTo(new Refused(2));
    assertThat(publish(stream, "c", 7)).isEqualTo(new Refused(2));
    assertThat(stream.state().lastSequence()).isEqualTo(3);
  }

  @Test
  void expectationOnAnEmptySubjectIsRefusedWithZero() {
    assertThat(publish(opened(), "a", 5)).isEqualTo(new Refused(0));
  }

  @Test
  void repeatedMessageIsStoredOnceAndAnsweredWithItsPlace() {
    ChangeStream stream = opened();
    byte[] body = "a".getBytes(UTF_8);
    publish(stream, "first");
    assertThat(stream.publish(body, "same", 1, WAIT)).isEqualTo(new Accepted(2, true));
    publish(stream, "later");
    assertThat(stream.publish(body, "same", 1, WAIT)).isEqualTo(new Accepted(2, true));
    assertThat(stream.publish(body, "same", 0, WAIT)).isEqualTo(new Accepted(2, false));
    assertThat(stream.publish(body, "same", 3, WAIT)).isEqualTo(new Accepted(2, false));
    assertThat(stream.publish(body, "same", ChangeStream.ANY, WAIT))
        .isEqualTo(new Accepted(2, false));
    assertThat(stream.state().lastSequence()).isEqualTo(3);
  }

  @Test
  void ofManyMessagesWithOneExpectationOneWins() throws Exception {
    List<ChangeStream> streams =
        IntStream.range(0, 4).mapToObj(i -> opened("app.db", "node" + i, i)).toList();
    assertOneWinnerPerExpectation(streams, EXPECTATIONS);
  }

  protected static void assertOneWinnerPerExpectation(List<ChangeStream> streams, int rounds)
      throws Exception {
    ExecutorService rivals = Executors.newFixedThreadPool(RIVALS);
    try {
      long last = 0;
      for (int round = 0; round < rounds; round++) {
        CountDownLatch start = new CountDownLatch(1);
        List<Future<PublishResult>> results = new ArrayList<>();
        for (int i = 0; i < RIVALS; i++) {
          ChangeStream stream = streams.get(i % streams.size());
          String id = "r" + round + "-" + i;
          long expected = last;
          results.add(
              rivals.submit(
                  () -> {
                    start.await();
                    return stream.publish(id.getBytes(UTF_8), id, expected, WAIT);
                  }));
        }
        start.countDown();
        Map<Long, Integer> winners = new HashMap<>();
        for (Future<PublishResult> result : results) {
          if (result.get(WAIT.toSeconds(), TimeUnit.SECONDS) instanceof Accepted accepted
              && accepted.inPlace()) {
            winners.merge(accepted.sequence(), 1, Integer::sum);
          }
        }
        assertThat(winners).as("winners of expectation %s", last).hasSize(1).containsValue(1);
        last = streams.get(0).lastSequence();
      }
    } finally {
      rivals.shutdownNow();
    }
  }

  @Test
  void stateTellsTheWholeStream() {
    Instant before = Instant.now().minusSeconds(5);
    ChangeStream stream = opened();
    assertThat(stream.state().firstSequence()).isEqualTo(1);
    assertThat(stream.state().lastSequence()).isZero();
    publish(stream, "a");
    publish(opened("other.db", "node1", 1), "x");
    StreamState state = stream.state();
    assertThat(state.firstSequence()).isEqualTo(1);
    assertThat(state.lastSequence()).isEqualTo(2);
    assertThat(state.created()).isBetween(before, Instant.now().plusSeconds(5));
    assertThat(stream.state().created()).isEqualTo(state.created());
  }

  @Test
  void readsAndFindsOnlyItsOwnMessages() {
    ChangeStream stream = opened();
    ChangeStream other = opened("other.db", "node1", 1);
    publish(other, "x");
    publish(stream, "a");
    publish(other, "y");
    publish(stream, "b");
    assertThat(stream.read(2)).get().extracting(StreamMessage::sequence).isEqualTo(2L);
    assertThat(bodies(List.of(stream.read(2).orElseThrow()))).containsExactly("a");
    assertThat(stream.read(1)).isEmpty();
    assertThat(stream.read(0)).isEmpty();
    assertThat(stream.read(9)).isEmpty();
    assertThat(stream.next(0)).get().extracting(StreamMessage::sequence).isEqualTo(2L);
    assertThat(stream.next(2)).get().extracting(StreamMessage::sequence).isEqualTo(4L);
    assertThat(stream.next(4)).isEmpty();
    assertThat(other.lastSequence()).isEqualTo(3);
    assertThat(opened("empty.db", "node1", 1).lastSequence()).isZero();
  }

  @Test
  void consumerReadsItsOwnMessagesInOrder() throws Exception {
    ChangeStream stream = opened();
    publish(stream, "a");
    publish(opened("other.db", "node1", 1), "x");
    publish(stream, "b");
    publish(stream, "c");
    try (ChangeConsumer consumer = stream.consume(1)) {
      List<StreamMessage> messages = take(consumer, 3);
      assertThat(bodies(messages)).containsExactly("a", "b", "c");
      assertThat(messages).extracting(StreamMessage::sequence).containsExactly(1L, 3L, 4L);
      assertThat(messages).extracting(StreamMessage::pending).containsExactly(2L, 1L, 0L);
      assertThat(messages.get(0).time()).isEqualTo(stream.read(1).orElseThrow().time());
      assertThat(consumer.next(10, NOT_AT_ALL)).isEmpty();
    }
  }

  @Test
  void consumerStartsWhereItIsTold() throws Exception {
    ChangeStream stream = opened();
    for (String body : List.of("a", "b", "c", "d")) {
      publish(stream, body);
    }
    assertThat(bodies(take(stream.consume(3), 2))).containsExactly("c", "d");
    assertThat(bodies(take(stream.consume(2), 3))).containsExactly("b", "c", "d");
    ChangeConsumer atEnd = stream.consume(5);
    assertThat(atEnd.next(10, NOT_AT_ALL)).isEmpty();
    publish(stream, "e");
    assertThat(bodies(take(atEnd, 1))).containsExactly("e");
  }

  @Test
  void consumerNeverReturnsWhatIsBeforeItsStart() throws Exception {
    ChangeStream stream = opened();
    publish(stream, "a");
    ChangeConsumer consumer = stream.consume(4);
    publish(stream, "b");
    publish(stream, "c");
    publish(stream, "d");
    assertThat(bodies(take(consumer, 1))).containsExactly("d");
  }

  @Test
  void consumerReturnsNoMoreThanAskedFor() throws Exception {
    ChangeStream stream = opened();
    for (int i = 0; i < 10; i++) {
      publish(stream, "m" + i);
    }
    ChangeConsumer consumer = stream.consume(1);
    List<StreamMessage> all = new ArrayList<>();
    while (all.size() < 10) {
      List<StreamMessage> some = consumer.next(3, WAIT);
      assertThat(some).hasSizeBetween(1, 3);
      all.addAll(some);
    }
    assertThat(all).extracting(StreamMessage::sequence).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void consumerWaitsForTheNextMessage() throws Exception {
    ChangeStream stream = opened();
    ChangeConsumer consumer = stream.consume(1);
    Future<List<StreamMessage>> waiting = inBackground(() -> consumer.next(10, WAIT));
    publish(stream, "a");
    assertThat(bodies(waiting.get(WAIT.toSeconds(), TimeUnit.SECONDS))).containsExactly("a");
  }

  @Test
  void consumerKeepsUpWithManyMessages() throws Exception {
    ChangeStream stream = opened();
    int count = 5_000;
    Future<Void> writing =
        inBackground(
            () -> {
              for (int i = 0; i < count; i++) {
                publish(stream, "m" + i);
              }
              return null;
            });
    ChangeConsumer consumer = stream.consume(1);
    for (int read = 0; read < count; ) {
      List<StreamMessage> some = consumer.next(700, WAIT);
      for (StreamMessage message : some) {
        assertThat(new String(message.body(), UTF_8)).isEqualTo("m" + read++);
        assertThat(message.sequence()).isEqualTo(read);
      }
      consumer.acknowledge(read);
    }
    writing.get(WAIT.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void consumerThatIsReplacedIsClosed() throws Exception {
    ChangeStream stream = opened();
    publish(stream, "a");
    ChangeConsumer first = stream.consume(1);
    ChangeConsumer second = stream.consume(1);
    assertFails(false, () -> first.next(1, WAIT));
    assertThat(bodies(take(second, 1))).containsExactly("a");
  }

  @Test
  void closingWakesTheReader() throws Exception {
    ChangeStream stream = opened();
    ChangeConsumer consumer = stream.consume(1);
    Future<List<StreamMessage>> waiting = inBackground(() -> consumer.next(1, WAIT));
    consumer.close();
    consumer.close();
    assertThatThrownBy(() -> waiting.get(WAIT.toSeconds(), TimeUnit.SECONDS))
        .hasCauseInstanceOf(StreamException.class);
    stream.close();
    stream.close();
  }

  @Test
  void interruptEndsTheWait() throws Exception {
    ChangeConsumer consumer = opened().consume(1);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> consumer.next(1, WAIT)).isInstanceOf(InterruptedException.class);
  }

  @Test
  void positionOfEveryNodeIsKnown() throws Exception {
    ChangeStream stream = opened();
    ChangeStream second = opened("app.db", "node 2.b", 2);
    opened("other.db", "node1", 1).consume(1);
    for (int i = 0; i < 5; i++) {
      publish(stream, "m" + i);
    }
    ChangeConsumer consumer = stream.consume(1);
    take(consumer, 5);
    consumer.acknowledge(3);
    second.consume(3);
    assertThat(stream.consumer(new NodeId("nobody"))).isEmpty();
    assertThat(second.consumers())
        .extracting(ConsumerPosition::node)
        .containsExactlyInAnyOrder("node1", "node 2.b");
    awaitPosition(stream, "node1", new ConsumerPosition("node1", "1", 5, 3, 0, 2));
  }

  @Test
  void consumerThatIsReplacedAcknowledgesNothing() throws Exception {
    ChangeStream stream = opened();
    for (int i = 0; i < 3; i++) {
      publish(stream, "m" + i);
    }
    ChangeConsumer first = stream.consume(1);
    take(first, 3);
    ChangeConsumer second = stream.consume(1);
    take(second, 3);
    first.acknowledge(3);
    second.acknowledge(1);
    awaitPosition(stream, "node1", new ConsumerPosition("node1", "1", 3, 1, 0, 2));
  }

  @Test
  void nodeLivesUntilItsStreamIsClosed() {
    ChangeStream stream = opened();
    ChangeStream second = opened("app.db", "node 2.b", 2);
    assertThat(stream.isLive(new NodeId("node1"))).isTrue();
    assertThat(stream.isLive(new NodeId("node 2.b"))).isTrue();
    assertThat(stream.isLive(new NodeId("nobody"))).isFalse();
    second.close();
    assertThat(stream.isLive(new NodeId("node 2.b"))).isFalse();
  }

  private static void awaitPosition(ChangeStream stream, String node, ConsumerPosition expected) {
    // The acknowledgement is on its way to the server: the answers of a few requests later, at the
    // latest, it has arrived.
    ConsumerPosition position = stream.consumer(new NodeId(node)).orElseThrow();
    for (int i = 0; i < 1_000 && !position.equals(expected); i++) {
      position = stream.consumer(new NodeId(node)).orElseThrow();
    }
    assertThat(position).isEqualTo(expected);
  }

  @Test
  void removedConsumerEndsTheReaderAndAnotherGoesOn() throws Exception {
    ChangeStream stream = opened();
    publish(stream, "a");
    ChangeConsumer consumer = stream.consume(1);
    take(consumer, 1);
    stream.removeConsumer(new NodeId("node1"));
    assertFails(true, () -> consumer.next(1, WAIT));
    publish(stream, "b");
    assertThat(bodies(take(stream.consume(2), 1))).containsExactly("b");
    stream.removeConsumer(new NodeId("nobody"));
  }

  @Test
  void startOfANewNodeFollowsItsPolicy() throws Exception {
    ChangeStream stream = opened();
    assertThat(stream.firstSequence(DeliverPolicy.ALL)).isEqualTo(1);
    assertThat(stream.firstSequence(DeliverPolicy.LAST)).isEqualTo(1);
    assertThat(stream.firstSequence(DeliverPolicy.NEW)).isEqualTo(1);
    publish(stream, "a");
    publish(stream, "b");
    publish(opened("other.db", "node1", 1), "x");
    assertThat(stream.firstSequence(DeliverPolicy.ALL)).isEqualTo(1);
    assertThat(stream.firstSequence(DeliverPolicy.LAST)).isEqualTo(2);
    assertThat(stream.firstSequence(DeliverPolicy.NEW)).isEqualTo(4);
    assertThat(stream.firstSequence(new DeliverPolicy.ByStartSequence(17))).isEqualTo(17);
    Instant second = stream.read(2).orElseThrow().time();
    assertThat(stream.firstSequence(new DeliverPolicy.ByStartTime(second))).isEqualTo(2);
    assertThat(stream.firstSequence(new DeliverPolicy.ByStartTime(second.minusSeconds(3600))))
        .isEqualTo(1);
    assertThat(stream.firstSequence(new DeliverPolicy.ByStartTime(second.plusSeconds(3600))))
        .isEqualTo(4);
    assertThat(stream.consumers()).isEmpty();
  }

  @Test
  void secondLiveProcessWithANodesNameIsRefused() {
    ChangeStream first = opened("app.db", "node1", 1);
    ChangeStream second = unopened("app.db", "node1", 2);
    assertFails(false, second::open);
    assertThat(opened("app.db", "node2", 3).open()).isEmpty();
    assertThat(first.open()).isEmpty();
    first.close();
    assertThat(second.open()).isEmpty();
  }

  @Test
  void restartedProcessTakesItsConsumerOver() throws Exception {
    ChangeStream first = opened("app.db", "node1", 1);
    publish(first, "a");
    first.consume(1);
    first.close();
    ChangeStream restarted = opened("app.db", "node1", 2);
    assertThat(bodies(take(restarted.consume(1), 1))).containsExactly("a");
  }

  @Test
  void processWhoseConsumerIsTakenOverIsTold() throws Exception {
    publish(opened("app.db", "node2", 3), "a");
    ChangeStream first = unopened("app.db", "node1", 1);
    ChangeConsumer consumer = first.consume(1);
    take(consumer, 1);
    opened("app.db", "node1", 2).consume(1);
    assertFails(false, () -> consumer.next(1, WAIT));
    assertFails(false, () -> first.consume(2));
  }

  @Test
  void consumerThatADeadProcessMadeAtLastIsTakenBack() throws Exception {
    ChangeStream stream = opened("app.db", "node1", 1);
    publish(stream, "a");
    ChangeConsumer consumer = stream.consume(1);
    take(consumer, 1);
    unopened("app.db", "node1", 2).consume(1); // it answers no question
    assertFails(true, () -> consumer.next(1, WAIT));
    assertThat(stream.open()).isEmpty();
    assertThat(bodies(take(stream.consume(1), 1))).containsExactly("a");
    assertThat(stream.consumer(new NodeId("node1")).orElseThrow().process()).isEqualTo("1");
  }

  @Test
  void databasesWhoseNamesEndAlikeAreRefused() throws Exception {
    String end = "-a-name-of-more-than-thirty-two-characters";
    opened("one" + end, "node1", 1).consume(1);
    assertFails(false, () -> unopened("two" + end, "node2", 2).open());
  }

  @Test
  void nodesWhoseNamesEndAlikeAreRefused() throws Exception {
    String end = "-a-name-of-more-than-thirty-two-characters";
    ChangeStream first = opened("app.db", "one" + end, 1);
    first.consume(1);
    ChangeStream second = unopened("app.db", "two" + end, 2);
    assertFails(false, second::open);
    assertFails(false, () -> second.consume(1));
    second.removeConsumer(new NodeId("two" + end));
    assertThat(first.consumer(new NodeId("one" + end))).isPresent();
    assertThat(first.consumer(new NodeId("two" + end))).isEmpty();
  }

  private final ExecutorService background = Executors.newCachedThreadPool();

  @AfterEach
  void stopBackground() {
    background.shutdownNow();
  }

  protected final <T> Future<T> inBackground(Callable<T> task) {
    return background.submit(task);
  }
}
