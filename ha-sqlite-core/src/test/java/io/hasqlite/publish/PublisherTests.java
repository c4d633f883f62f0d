package io.hasqlite.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.DatabaseName;
import io.hasqlite.MessageTracing;
import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.SentMessages;
import io.hasqlite.changeset.StoredObject;
import io.hasqlite.changeset.TooLargeException;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.PublishInDoubtException;
import io.hasqlite.stream.PublishResult;
import io.hasqlite.stream.StreamException;
import io.hasqlite.testing.InMemoryPayloadStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PublisherTests {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final long MESSAGE_BYTES_MAX = 2000;

  private final ChangeSetCodec codec = new ChangeSetCodec();
  private final SentMessages sent = new SentMessages();
  private final InMemoryPayloadStore payloads = new InMemoryPayloadStore();

  private StreamPublisher publisher(RecordingStream stream) {
    return new StreamPublisher(
        new DatabaseName("app"),
        stream.asChangeStream(),
        payloads,
        codec,
        sent,
        () -> {},
        TIMEOUT,
        MessageTracing.NONE);
  }

  @Test
  void streamPublisherSendsTheMessageUnderItsName() {
    RecordingStream stream = new RecordingStream();
    SequencedPublisher publisher = publisher(stream);
    ChangeSet changeSet = changeSet("node 1\u00e4:\r\n", 42, 44);

    PublishResult result = publisher.publish(changeSet, 17, Duration.ofSeconds(1));

    assertThat(result).isEqualTo(new PublishResult.Accepted(18, true));
    assertThat(codec.decode(stream.message)).isEqualTo(changeSet);
    assertThat(stream.messageId).isEqualTo("node+1%C3%A4%3A%0D%0A:ff:42-44");
    assertThat(stream.expectedLast).isEqualTo(17);
    assertThat(stream.timeout).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void whatTheOutboxHasEncodedIsRememberedWhenItIsSent() throws Exception {
    RecordingStream stream = new RecordingStream();
    Change row = Change.insert("t", List.of("a"), List.of("a"), 1L, List.of("x"), 1);
    List<byte[]> pieces = new ArrayList<>();
    codec.encodePieces(List.of(row), 1_000, pieces::add);
    ChangeSet changeSet =
        new ChangeSet(
            new Origin(new NodeId("n"), 255),
            "f",
            1,
            List.of(new Transaction(42, 7, codec.lazyPiece(pieces.get(0)))),
            Set.of());

    publisher(stream).publish(changeSet, 17, TIMEOUT);

    assertThat(sent.take(stream.message)).isSameAs(changeSet);
  }

  @Test
  void streamPublisherExpectsNothingWhenNotAskedTo() throws IOException {
    RecordingStream stream = new RecordingStream();
    CdcPublisher publisher = publisher(stream);

    publisher.publish(changeSet("n", 1));

    assertThat(stream.expectedLast).isEqualTo(ChangeStream.ANY);
    assertThat(stream.timeout).isEqualTo(TIMEOUT);
    assertThat(stream.messageId).isEqualTo("n:ff:1-1");
  }

  @Test
  void streamPublisherPassesRefusalAndDoubtOn() {
    RecordingStream stream = new RecordingStream();
    StreamPublisher publisher = publisher(stream);

    stream.last = 3;
    assertThat(publisher.publish(changeSet("n", 1), 2, TIMEOUT))
        .isEqualTo(new PublishResult.Refused(3));
    stream.failure = new PublishInDoubtException("no answer", null);
    assertThatThrownBy(() -> publisher.publish(changeSet("n", 1))).isSameAs(stream.failure);
  }

  @Test
  void streamPublisherRefusesTransactionsWithoutNumbers() {
    StreamPublisher publisher = publisher(new RecordingStream());

    assertThatIllegalArgumentException().isThrownBy(() -> publisher.publish(changeSet("n")));
    assertThatIllegalArgumentException().isThrownBy(() -> publisher.publish(changeSet("n", 0)));
  }

  /** A transaction that takes more than a message may. */
  private static ChangeSet large(long... numbers) {
    List<Transaction> transactions = new ArrayList<>();
    for (long number : numbers) {
      List<Change> changes = new ArrayList<>();
      for (long i = 0; i < 500; i++) {
        changes.add(Change.insert("t", List.of("a"), List.of("a"), i, List.of("row " + i), 1));
      }
      transactions.add(new Transaction(number, 7, changes));
    }
    return new ChangeSet(
        new Origin(new NodeId("n"), 255), "f", 1, transactions, Set.of(ChangeSet.REQUIRES_VIRTUAL));
  }

  @Test
  void whatIsTooLargeForAMessageIsStoredAndNamed() throws Exception {
    RecordingStream stream = new RecordingStream();

    assertThat(publisher(stream).publish(large(42), 17, TIMEOUT))
        .isEqualTo(new PublishResult.Accepted(18, true));

    ChangeSet message = codec.decode(stream.message);
    assertThat(message.requires())
        .containsExactlyInAnyOrder(ChangeSet.REQUIRES_VIRTUAL, ChangeSet.REQUIRES_OBJECT);
    assertThat(message.transactions()).containsExactly(new Transaction(42, 7, List.of()));
    assertThat(stream.messageId).isEqualTo("n:ff:42-42");
    StoredObject object = message.object();
    assertThat(payloads.names()).containsExactly(object.name());
    ByteArrayOutputStream stored = new ByteArrayOutputStream();
    assertThat(payloads.get(object.name(), stored)).isTrue();
    assertThat(stored.toByteArray()).isEqualTo(codec.encode(large(42)));
    assertThat(object.bytes()).isEqualTo(stored.size());
    assertThat(object.sha256())
        .isEqualTo(
            HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(stored.toByteArray())));
  }

  @Test
  void whatIsNotPublishedIsNotStoredAnyLonger() {
    RecordingStream stream = new RecordingStream();
    StreamPublisher publisher = publisher(stream);
    try (Outgoing outgoing = publisher.prepare(large(1))) {
      assertThat(outgoing.publish(5, TIMEOUT)).isEqualTo(new PublishResult.Refused(17));
      assertThat(payloads.names()).hasSize(1);
      String name = codec.decode(stream.message).object().name();
      assertThat(outgoing.publish(17, TIMEOUT)).isEqualTo(new PublishResult.Accepted(18, true));
      assertThat(codec.decode(stream.message).object().name()).isEqualTo(name);
    }
    assertThat(payloads.names()).as("published").hasSize(1);

    assertThat(publisher.publish(large(2), 5, TIMEOUT)).isEqualTo(new PublishResult.Refused(18));
    assertThat(payloads.names()).as("refused").hasSize(1);

    stream.failure = new StreamException("no connection", true, null);
    assertThatThrownBy(() -> publisher.publish(large(3))).isSameAs(stream.failure);
    assertThat(payloads.names()).as("not sent").hasSize(1);

    stream.failure = new PublishInDoubtException("no answer", null);
    assertThatThrownBy(() -> publisher.publish(large(4))).isSameAs(stream.failure);
    assertThat(payloads.names()).as("in doubt").hasSize(2);
  }

  @Test
  void nothingIsPublishedThatCouldNotBeStored() {
    RecordingStream stream = new RecordingStream();
    payloads.setAway(true);
    assertThatThrownBy(() -> publisher(stream).publish(large(1)))
        .isInstanceOf(StreamException.class);
    payloads.setAway(false);
    assertThatThrownBy(() -> publisher(stream).publish(large(1, 2)))
        .isInstanceOf(TooLargeException.class)
        .hasMessageContainingAll("n:ff:1-2", "2000 bytes");
    assertThat(stream.message).isEmpty();
    assertThat(payloads.names()).isEmpty();
  }

  @Test
  void jsonPublisherWritesLinesOfSeveralThreadsWhole() throws Exception {
    FlushedStream stream = new FlushedStream();
    JsonPublisher publisher = new JsonPublisher(stream);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> done = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        ChangeSet changeSet = changeSet("n" + t, 1, 2, 3);
        done.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 200; i++) {
                    publisher.publish(changeSet);
                  }
                  return null;
                }));
      }
      for (Future<?> future : done) {
        future.get();
      }
    } finally {
      threads.shutdown();
    }

    List<String> lines = stream.text().lines().toList();
    assertThat(lines).hasSize(800);
    for (String line : lines) {
      assertThat(codec.decode(line.getBytes(StandardCharsets.UTF_8)).transactions()).hasSize(3);
    }
    assertThat(stream.unflushed).isZero();
    assertThat(stream.closed).isFalse();
  }

  @Test
  void jsonPublisherStartsANewLineAfterAFailure() throws IOException {
    FlushedStream stream = new FlushedStream();
    JsonPublisher publisher = new JsonPublisher(stream);
    publisher.publish(changeSet("n", 1));
    stream.roomFor = 10;

    assertThatThrownBy(() -> publisher.publish(changeSet("n", 2)))
        .isInstanceOf(IOException.class)
        .hasMessage("no space left on device");

    stream.roomFor = Integer.MAX_VALUE;
    publisher.publish(changeSet("n", 2));
    publisher.publish(changeSet("n", 3));
    List<String> lines = stream.text().lines().toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.get(1)).hasSize(10);
    assertThat(codec.decode(lines.get(2).getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(changeSet("n", 2));
  }

  @Test
  void writerPublisherWritesWhatTheSerializerMakes() throws IOException {
    FlushedStream stream = new FlushedStream();
    CdcPublisher publisher =
        new WriterPublisher(
            stream,
            changeSet -> (changeSet.changes().size() + ";").getBytes(StandardCharsets.UTF_8));

    publisher.publish(changeSet("n", 1, 2));
    publisher.publish(changeSet("n", 3));

    assertThat(stream.text()).isEqualTo("2;1;");
    assertThat(stream.unflushed).isZero();
    assertThat(stream.closed).isFalse();
    stream.roomFor = 0;
    assertThatThrownBy(() -> publisher.publish(changeSet("n", 4))).isInstanceOf(IOException.class);
  }

  @Test
  void noopPublisherTakesEverything() throws IOException {
    CdcPublisher publisher = new NoopPublisher();

    publisher.publish(changeSet("n"));

    assertThat(publisher).isNotInstanceOf(SequencedPublisher.class);
  }

  private static ChangeSet changeSet(String node, long... numbers) {
    List<Transaction> transactions = new ArrayList<>();
    for (long number : numbers) {
      Change change =
          Change.insert("t", List.of("a"), List.of("a"), null, List.of("v\n" + number), 1);
      transactions.add(new Transaction(number, 0, List.of(change)));
    }
    return new ChangeSet(new Origin(new NodeId(node), 255), "f", 1, transactions, Set.of());
  }

  private static final class FlushedStream extends OutputStream {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int unflushed;
    private int roomFor = Integer.MAX_VALUE;
    private boolean closed;

    @Override
    public void write(int b) throws IOException {
      if (roomFor-- <= 0) {
        throw new IOException("no space left on device");
      }
      bytes.write(b);
      unflushed++;
    }

    @Override
    public void flush() {
      unflushed = 0;
    }

    @Override
    public void close() {
      closed = true;
    }

    private String text() {
      return bytes.toString(StandardCharsets.UTF_8);
    }
  }

  /** Answers {@link ChangeStream#publish} and nothing else. */
  private static final class RecordingStream {

    private byte[] message = {};
    private String messageId = "";
    private long expectedLast;
    private Duration timeout = Duration.ZERO;
    private long last = 17;
    private @Nullable RuntimeException failure;

    private ChangeStream asChangeStream() {
      return (ChangeStream)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {ChangeStream.class},
              (proxy, method, args) -> {
                if (method.getName().equals("messageBytesMax")) {
                  return MESSAGE_BYTES_MAX;
                }
                assertThat(method.getName()).isEqualTo("publish");
                return publish(
                    (byte[]) args[0], (String) args[1], (long) args[2], (Duration) args[3]);
              });
    }

    private PublishResult publish(
        byte[] message, String messageId, long expectedLast, Duration timeout) {
      this.message = message;
      this.messageId = messageId;
      this.expectedLast = expectedLast;
      this.timeout = timeout;
      if (failure != null) {
        throw failure;
      }
      if (expectedLast != ChangeStream.ANY && expectedLast != last) {
        return new PublishResult.Refused(last);
      }
      return new PublishResult.Accepted(++last, expectedLast != ChangeStream.ANY);
    }
  }
}
