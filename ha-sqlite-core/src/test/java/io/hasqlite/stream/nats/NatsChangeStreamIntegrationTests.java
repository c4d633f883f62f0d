package io.hasqlite.stream.nats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.stream.ChangeConsumer;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.ChangeStreamContractTests;
import io.hasqlite.stream.PublishInDoubtException;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.StreamMessage;
import io.hasqlite.stream.StreamOptions;
import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.Subscription;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NatsChangeStreamIntegrationTests extends ChangeStreamContractTests {

  private static final StreamOptions OPTIONS =
      StreamOptions.defaults().withRequestTimeout(Duration.ofSeconds(2));

  @TempDir Path directory;
  private PrivateNatsServer server;
  private NatsConnection connection;
  private Connection admin;
  private JetStreamManagement management;

  @BeforeEach
  void startServer() throws Exception {
    server = PrivateNatsServer.withJetStream(directory);
    connection = connect();
    admin = Nats.connect(server.url());
    management = admin.jetStreamManagement();
  }

  @AfterEach
  void stopServer() throws Exception {
    connection.close();
    admin.close();
    server.close();
  }

  private NatsConnection connect() {
    return NatsConnection.connect(
        NatsConnectionOptions.servers(server.url()).build(), "node1", WAIT);
  }

  @Override
  protected ChangeStream stream(String database, String node, long processId) {
    return stream(OPTIONS, database, node, processId);
  }

  private ChangeStream stream(StreamOptions options, String database, String node, long processId) {
    return new NatsChangeStream(
        connection, options, new DatabaseName(database), new Origin(new NodeId(node), processId));
  }

  private ChangeStream stream(StreamOptions options) {
    return stream(options, "app.db", "node1", 1);
  }

  /** Calls until it works; for what comes back by itself. */
  private static <T> T awaitSuccess(Callable<T> call) throws Exception {
    long deadline = System.nanoTime() + WAIT.toNanos();
    while (true) {
      try {
        return call.call();
      } catch (StreamException e) {
        assertThat(e.isRetryable()).as(e.getMessage()).isTrue();
        if (System.nanoTime() - deadline > 0) {
          throw e;
        }
        Thread.onSpinWait();
      }
    }
  }

  private void reconnect() {
    server.start();
    connection.awaitConnected(WAIT);
  }

  // --- the stream and its settings

  @Test
  void streamIsMadeAsDesigned() throws Exception {
    stream(OPTIONS.withMaxAge(Duration.ofHours(3))).open();
    StreamConfiguration made = management.getStreamInfo("ha_replication").getConfiguration();
    assertThat(made.getSubjects()).containsExactlyInAnyOrder("ha_replication", "ha_replication.>");
    assertThat(made.getStorageType()).isEqualTo(StorageType.File);
    assertThat(made.getRetentionPolicy()).isEqualTo(RetentionPolicy.Limits);
    assertThat(made.getMaxAge()).isEqualTo(Duration.ofHours(3));
    assertThat(made.getDenyDelete()).isTrue();
    assertThat(made.getDenyPurge()).isTrue();
    assertThat(made.getReplicas()).isEqualTo(1);
  }

  @Test
  void existingStreamKeepsItsSettingsAndDifferencesAreNamed() throws Exception {
    StreamInfo before =
        management.addStream(
            StreamConfiguration.builder()
                .name("ha_replication")
                .subjects("ha_replication", "ha_replication.>")
                .storageType(StorageType.Memory)
                .maxAge(Duration.ofDays(30))
                .maxMessages(1_000_000)
                .build());
    ChangeStream stream = unopened("app.db", "node1", 1);
    assertThat(stream.open())
        .anySatisfy(text -> assertThat(text).contains("max-age PT720H, not PT24H"))
        .anySatisfy(text -> assertThat(text).contains("storage memory, not file"))
        .anySatisfy(text -> assertThat(text).contains("deny purge false, not true"))
        .anySatisfy(text -> assertThat(text).contains("at most 1000000 messages"))
        .hasSize(5);
    assertThat(management.getStreamInfo("ha_replication").getConfiguration().toJson())
        .isEqualTo(before.getConfiguration().toJson());
    assertThat(publish(stream, "a", 0)).isNotNull();
  }

  @Test
  void existingStreamThatCannotHoldOurMessagesIsRefused() throws Exception {
    management.addStream(
        StreamConfiguration.builder()
            .name("ha_replication")
            .subjects("ha_replication", "orders.*")
            .build());
    assertThatThrownBy(() -> stream(OPTIONS).open())
        .hasMessageContaining("and so not ha_replication.app_db");
    management.addStream(
        StreamConfiguration.builder()
            .name("queue")
            .subjects("queue.>")
            .retentionPolicy(RetentionPolicy.WorkQueue)
            .build());
    assertThatThrownBy(() -> stream(OPTIONS.withName("queue")).open())
        .hasMessageContaining("forgets messages once they are read");
    management.addStream(
        StreamConfiguration.builder().name("everything").subjects("mine.>").build());
    assertThatThrownBy(() -> stream(OPTIONS.withName("mine")).open())
        .hasMessageContaining("another stream of the server takes some of its subjects");
    assertFails(false, () -> stream(OPTIONS.withName("mine")).open());
  }

  @Test
  void replicasWithoutAClusterAreExplained() {
    assertThatThrownBy(() -> stream(OPTIONS.withReplicas(3)).open())
        .hasMessageContaining("not part of a cluster");
  }

  @Test
  void serverWithoutJetStreamIsExplained(@TempDir Path other) {
    try (PrivateNatsServer plain = PrivateNatsServer.withoutJetStream(other);
        NatsConnection to =
            NatsConnection.connect(
                NatsConnectionOptions.servers(plain.url()).build(), "node1", WAIT)) {
      ChangeStream stream =
          new NatsChangeStream(
              to, OPTIONS, new DatabaseName("app.db"), new Origin(new NodeId("node1"), 1));
      assertThatThrownBy(stream::open).hasMessageContaining("JetStream is not enabled");
      assertFails(true, () -> publish(stream, "a"));
    }
  }

  // --- publishing

  @Test
  void publishingFailsAtOnceWhileDisconnected() throws Exception {
    ChangeStream stream = opened();
    publish(stream, "a");
    server.kill();
    awaitDisconnected();
    long start = System.nanoTime();
    assertFails(true, () -> publish(stream, "b"));
    assertFails(true, stream::state);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    reconnect();
    assertThat(awaitSuccess(stream::lastSequence)).isEqualTo(1);
    assertThat(publish(stream, "c", 1)).isNotNull();
    assertThat(connection.reconnects()).isPositive();
  }

  private void awaitDisconnected() {
    while (connection.isConnected()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void publishingIsInDoubtWithoutAnAnswer() throws Exception {
    ChangeStream stream = opened();
    server.freeze();
    assertThatThrownBy(() -> stream.publish("a".getBytes(UTF_8), "a", 0, Duration.ofMillis(300)))
        .isInstanceOf(PublishInDoubtException.class)
        .hasMessageContaining("no answer within 300 ms");
    server.thaw();
    // The message was on its way all the time.
    assertThat(stream.publish("a".getBytes(UTF_8), "a", 0, WAIT))
        .isEqualTo(new io.hasqlite.stream.PublishResult.Accepted(1, true));
  }

  @Test
  void publishingIsInDoubtAtOnceWhenTheConnectionBreaks() throws Exception {
    ChangeStream stream = opened();
    server.freeze();
    Future<?> publishing =
        inBackground(
            () -> {
              assertThatThrownBy(
                      () -> stream.publish("a".getBytes(UTF_8), "a", 0, Duration.ofMinutes(1)))
                  .isInstanceOf(PublishInDoubtException.class)
                  .hasMessageContaining("was lost");
              return null;
            });
    while (connection.outstanding() == 0) {
      Thread.onSpinWait();
    }
    server.kill();
    publishing.get(WAIT.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void interruptedPublisherIsInDoubtAndStaysInterrupted() {
    ChangeStream stream = opened();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> publish(stream, "a")).isInstanceOf(PublishInDoubtException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void tooLargeMessageIsRefusedWithItsSize() {
    ChangeStream stream = opened();
    byte[] body = new byte[1024 * 1024];
    assertThatThrownBy(() -> stream.publish(body, "large", 0, WAIT))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("which takes 1048576");
    assertFails(false, () -> stream.publish(body, "large", 0, WAIT));
    assertThat(publish(stream, "small", 0)).isNotNull();
  }

  @Test
  void publishingToADeletedStreamSurelyStoresNothing() throws Exception {
    ChangeStream stream = opened();
    management.deleteStream("ha_replication");
    assertThatThrownBy(() -> publish(stream, "a")).hasMessageContaining("was not stored");
    assertFails(true, () -> publish(stream, "a"));
    assertThatThrownBy(stream::state).hasMessageContaining("does not exist (any more)");
  }

  // --- reading

  @Test
  void messagesArriveWithinAMillisecondWhenIdle() throws Exception {
    ChangeStream stream = opened();
    ChangeConsumer consumer = stream.consume(1);
    List<Long> latencies = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      Future<List<StreamMessage>> reading = inBackground(() -> consumer.next(10, WAIT));
      publish(stream, "m" + i);
      long stored = System.nanoTime();
      StreamMessage read = reading.get(WAIT.toSeconds(), TimeUnit.SECONDS).get(0);
      latencies.add(System.nanoTime() - stored);
      consumer.acknowledge(read.sequence());
    }
    latencies.sort(Long::compare);
    System.out.println("median latency after the ack: " + latencies.get(250) / 1_000 + " us");
    assertThat(latencies.get(250)).isLessThan(Duration.ofMillis(5).toNanos());
  }

  @Test
  void largeMessagesAreReadInBatchesOfLimitedSize() throws Exception {
    ChangeStream stream = opened();
    byte[] body = new byte[900_000];
    int count = 60;
    for (int i = 0; i < count; i++) {
      stream.publish(body, "large" + i, ChangeStream.ANY, WAIT);
    }
    ChangeConsumer consumer = stream.consume(1);
    List<StreamMessage> all = new ArrayList<>();
    while (all.size() < count) {
      List<StreamMessage> some = consumer.next(count, WAIT);
      assertThat(some).hasSizeBetween(1, 37);
      all.addAll(some);
    }
    assertThat(all).extracting(StreamMessage::sequence).isSorted().doesNotHaveDuplicates();
    assertThat(all).allSatisfy(message -> assertThat(message.body()).hasSize(body.length));
  }

  @Test
  void idleConsumerStaysOpen() throws Exception {
    ChangeStream stream = opened();
    ChangeConsumer consumer = stream.consume(1);
    // Several times longer than the silence that would end it.
    assertThat(consumer.next(1, OPTIONS.requestTimeout().multipliedBy(4))).isEmpty();
    publish(stream, "a");
    assertThat(bodies(take(consumer, 1))).containsExactly("a");
  }

  @Test
  void silentServerEndsTheReader() throws Exception {
    ChangeStream stream = opened();
    ChangeConsumer consumer = stream.consume(1);
    server.freeze();
    try {
      assertThatThrownBy(() -> consumer.next(1, WAIT))
          .isInstanceOf(StreamException.class)
          .hasMessageContaining("no sign of life");
    } finally {
      server.thaw();
    }
  }

  @Test
  void readerOfALostConnectionIsWokenAndAnotherGoesOn() throws Exception {
    ChangeStream stream = opened();
    publish(stream, "a");
    ChangeConsumer consumer = stream.consume(1);
    take(consumer, 1);
    Future<List<StreamMessage>> waiting = inBackground(() -> consumer.next(1, WAIT));
    server.kill();
    assertThatThrownBy(() -> waiting.get(5, TimeUnit.SECONDS))
        .hasCauseInstanceOf(StreamException.class)
        .hasMessageContaining("the connection broke");
    consumer.acknowledge(1);
    reconnect();
    ChangeConsumer next = awaitSuccess(() -> stream.consume(2));
    publish(stream, "b");
    assertThat(bodies(take(next, 1))).containsExactly("b");
  }

  @Test
  void deletedConsumerWakesTheReader() throws Exception {
    ChangeStream stream = opened();
    ChangeConsumer consumer = stream.consume(1);
    Future<List<StreamMessage>> waiting = inBackground(() -> consumer.next(1, WAIT));
    management.deleteConsumer("ha_replication", "app_db_node1");
    assertThatThrownBy(() -> waiting.get(5, TimeUnit.SECONDS))
        .hasMessageContaining("it was deleted");
  }

  @Test
  void deletedStreamWakesTheReaderAndIsNotMadeAnew() throws Exception {
    ChangeStream stream = opened();
    ChangeConsumer consumer = stream.consume(1);
    Future<List<StreamMessage>> waiting = inBackground(() -> consumer.next(1, WAIT));
    management.deleteStream("ha_replication");
    assertThatThrownBy(() -> waiting.get(5, TimeUnit.SECONDS))
        .hasMessageContaining("does not exist (any more)");
    assertFails(true, () -> stream.consume(1));
    assertThat(management.getStreamNames()).isEmpty();
  }

  @Test
  void messageThatAnotherReaderTookIsNoticed() throws Exception {
    ChangeStream stream = opened();
    ChangeConsumer consumer = stream.consume(1);
    publish(stream, "a");
    take(consumer, 1);
    // A stranger takes part in the consumer and gets every other message.
    var stranger =
        admin
            .jetStream()
            .subscribe(
                null, io.nats.client.PullSubscribeOptions.bind("ha_replication", "app_db_node1"));
    stranger.pull(100);
    admin.flush(WAIT);
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 20; i++) {
                publish(stream, "m" + i);
                consumer.next(1, Duration.ofMillis(50));
              }
            })
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("is lost on the way");
    assertThat(bodies(take(stream.consume(2), 1))).containsExactly("m0");
  }

  @Test
  void consumerIsMadeAsDesigned() throws Exception {
    opened("app.db", "node/1 b*", 0x1f).consume(7);
    ConsumerConfiguration made =
        management.getConsumerInfo("ha_replication", "app_db_node_1_b").getConsumerConfiguration();
    assertThat(made.getAckPolicy()).isEqualTo(AckPolicy.All);
    assertThat(made.getFilterSubjects()).containsExactly("ha_replication.app_db");
    assertThat(made.getInactiveThreshold()).isEqualTo(Duration.ofDays(7));
    assertThat(made.getMaxAckPending()).isGreaterThan(2 * NatsChangeConsumer.PULL_MESSAGES_MAX);
    assertThat(ConsumerLabel.parse(made.getDescription()))
        .contains(new ConsumerLabel("app.db", "node/1 b*", "1f"));
  }

  @Test
  void foreignConsumersOfOurNameAreRefused() throws Exception {
    opened("other.db", "node9", 9);
    management.addOrUpdateConsumer(
        "ha_replication",
        ConsumerConfiguration.builder()
            .durable("app_db_node1")
            .filterSubject("ha_replication.other")
            .ackPolicy(AckPolicy.Explicit)
            .build());
    assertThatThrownBy(() -> unopened("app.db", "node1", 1).open())
        .hasMessageContaining("reads [ha_replication.other], not ha_replication.app_db");
    management.addOrUpdateConsumer(
        "ha_replication",
        ConsumerConfiguration.builder()
            .durable("app_db_node2")
            .filterSubject("ha_replication.app_db")
            .ackPolicy(AckPolicy.Explicit)
            .build());
    assertThatThrownBy(() -> unopened("app.db", "node2", 1).consume(1))
        .hasMessageContaining("nats consumer rm ha_replication app_db_node2");
  }

  @Test
  void labelThatADeadProcessLeftAtLastIsReplaced() throws Exception {
    ChangeStream stream = opened("app.db", "node1", 1);
    publish(stream, "a");
    ChangeConsumer consumer = stream.consume(1);
    ConsumerConfiguration made =
        management.getConsumerInfo("ha_replication", "app_db_node1").getConsumerConfiguration();
    management.addOrUpdateConsumer(
        "ha_replication",
        ConsumerConfiguration.builder(made)
            .description(new ConsumerLabel("app.db", "node1", "2").text())
            .build());
    assertThat(bodies(take(consumer, 1))).containsExactly("a");
    assertThat(stream.open()).isEmpty();
    stream.consume(2);
    assertThat(stream.consumer(new NodeId("node1")).orElseThrow().process()).isEqualTo("1");
  }

  @Test
  void whoTakesTheConsumerAgainAndAgainLivesThoughItDoesNotAnswer() throws Exception {
    publish(opened("app.db", "node2", 3), "a");
    ChangeStream stream = unopened("app.db", "node1", 1);
    ChangeStream silent = unopened("app.db", "node1", 2);
    for (int i = 0; i <= 2; i++) { // made once, taken back twice
      ChangeConsumer consumer = stream.consume(1);
      take(consumer, 1);
      silent.consume(1);
      assertFails(i < 2, () -> consumer.next(1, WAIT));
    }
    assertFails(false, () -> stream.consume(1));
  }

  @Test
  void onlyTheProcessThatIsAskedForAnswers() throws Exception {
    String subject = "ha_sqlite.presence.ha_replication.app_db_node1";
    opened("app.db", "node1", 0x1f);
    Subscription answers = admin.subscribe("answers");
    admin.publish(subject, "answers", "2f".getBytes(UTF_8));
    admin.publish(subject, "answers", "1f".getBytes(UTF_8));
    assertThat(answers.nextMessage(WAIT).getData()).isEqualTo("1f".getBytes(UTF_8));
    assertThat(admin.request(subject, null, WAIT).getData()).isEqualTo("1f".getBytes(UTF_8));
    assertThat(answers.nextMessage(WAIT.dividedBy(100))).isNull();
  }

  @Test
  void namesWithoutAsciiWork() throws Exception {
    ChangeStream stream = opened("größe_日本.db", "knoten_ü\\1", 1);
    publish(stream, "a");
    assertThat(bodies(take(stream.consume(1), 1))).containsExactly("a");
    assertThat(stream.consumer(new NodeId("knoten_ü\\1"))).isPresent();
  }

  @Test
  void redeliveryOfWhatWasReadIsDropped() throws Exception {
    ChangeStream stream = opened();
    for (int i = 0; i < 10; i++) {
      publish(stream, "m" + i);
    }
    ChangeConsumer consumer = stream.consume(1);
    take(consumer, 10);
    refuse(3);
    refuse(9);
    publish(stream, "m10");
    assertThat(bodies(take(consumer, 1))).containsExactly("m10");
    consumer.acknowledge(11);
    publish(stream, "m11");
    assertThat(bodies(take(consumer, 1))).containsExactly("m11");
    assertThat(management.getConsumerInfo("ha_replication", "app_db_node1").getRedelivered())
        .isLessThanOrEqualTo(2);
  }

  /** Makes the server send a message again at once, as it does by itself after the ack wait. */
  private void refuse(long sequence) throws Exception {
    admin.publish(
        "$JS.ACK.ha_replication.app_db_node1.1." + sequence + "." + sequence + ".1700000000000.0",
        "-NAK".getBytes(UTF_8));
    admin.flush(WAIT);
  }
}
