package io.hasqlite.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.PublishInDoubtException;
import io.hasqlite.stream.PublishResult;
import io.hasqlite.testing.InMemoryPayloadStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
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
  private final InMemoryPayloadStore payloads = new InMemoryPayloadStore();

  private StreamPublisher publisher(RecordingStream stream) {
    return new StreamPublisher(
        new DatabaseName("app"), stream.asChangeStream(), payloads, codec, TIMEOUT);
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
