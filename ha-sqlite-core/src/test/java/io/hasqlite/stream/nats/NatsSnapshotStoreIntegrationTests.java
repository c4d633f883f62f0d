package io.hasqlite.stream.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.DatabaseName;
import io.hasqlite.stream.Beginning;
import io.hasqlite.stream.SnapshotStamp;
import io.hasqlite.stream.StoredSnapshot;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.StreamOptions;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TcpProxy;
import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.api.StreamInfoOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class NatsSnapshotStoreIntegrationTests {

  private static final String CREATED = "2026-01-31T10:00:00Z";
  private static final String CREATED_LATER = "2026-01-31T11:00:00Z";

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  private final List<AutoCloseable> opened = new ArrayList<>();
  private Connection client;

  @BeforeEach
  void connect() throws Exception {
    NATS.restartEmpty();
    client = Nats.connect(NATS.url());
    opened.add(client);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable resource : opened) {
      resource.close();
    }
  }

  private NatsSnapshotStore store() {
    return store(NATS.url(), StreamOptions.defaults());
  }

  private NatsSnapshotStore store(String url, StreamOptions options) {
    NatsConnection connection =
        NatsConnection.connect(
            NatsConnectionOptions.servers(url).build(), "test", Duration.ofSeconds(10));
    opened.add(connection);
    return new NatsSnapshotStore(connection, options, new DatabaseName("test"));
  }

  private static SnapshotStamp at(long sequence) {
    return new SnapshotStamp(sequence, sequence, CREATED, 4096, "none");
  }

  private static InputStream bytes(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String read(NatsSnapshotStore store) throws IOException {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    StoredSnapshot snapshot = store.get(read).orElseThrow();
    return read.toString(StandardCharsets.UTF_8) + " " + snapshot.sequence();
  }

  /** The subjects of the bucket: one for each description, one for each object's chunks. */
  private Set<String> subjects() throws Exception {
    return client
        .jetStreamManagement()
        .getStreamInfo("OBJ_ha_replication_SNAPSHOTS", StreamInfoOptions.allSubjects())
        .getStreamState()
        .getSubjectMap()
        .keySet();
  }

  @Test
  @DisplayName("D33: a node that lags uploads after one that is ahead")
  void anOlderSnapshotNeverReplacesANewerOne() throws Exception {
    NatsSnapshotStore one = store();
    NatsSnapshotStore two = store();
    assertThat(one.latest()).isEmpty();
    assertThat(one.put(bytes("at"), at(5))).isTrue();
    InputStream slow =
        new InputStream() {
          private boolean done;

          @Override
          public int read() throws IOException {
            if (!done) {
              done = true;
              assertThat(two.put(bytes("at"), at(9))).isTrue();
              return 'x';
            }
            return -1;
          }
        };
    assertThat(one.put(slow, at(7))).isFalse();
    assertThat(read(one)).isEqualTo("at 9");
    assertThat(two.put(bytes("late"), at(9))).isFalse();
    assertThat(subjects()).as("one description, its chunks and the previous ones").hasSize(3);
  }

  @Test
  @DisplayName("D33: what is of a stream that was made later is newer")
  void aLaterStreamIsNewer() throws Exception {
    NatsSnapshotStore store = store();
    SnapshotStamp later = new SnapshotStamp(1, 1, CREATED_LATER, 4096, "none");
    assertThat(store.put(bytes("old"), at(500))).isTrue();
    assertThat(store.put(bytes("new"), later)).isTrue();
    assertThat(store.put(bytes("old"), at(501))).isFalse();
    assertThat(read(store)).isEqualTo("new 1");
    assertThat(store.latest().orElseThrow().stamp()).isEqualTo(later);
  }

  @Test
  @DisplayName("D32: when an upload fails in the middle, the previous snapshot is still found")
  void aFailedUploadLeavesThePreviousSnapshot() throws Exception {
    NatsSnapshotStore store = store();
    store.put(bytes("whole"), at(3));
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("disk gone");
          }
        };
    assertThatThrownBy(() -> store.put(broken, at(4))).hasMessageContaining("disk gone");
    assertThat(read(store)).isEqualTo("whole 3");
  }

  @Test
  @DisplayName("D32: what a crash left in the middle of an upload is removed, later")
  void leftoversOfACrashAreRemovedWhenTheyAreOld() throws Exception {
    NatsSnapshotStore store = store();
    store.put(bytes("one"), at(3));
    String bucket = "ha_replication_SNAPSHOTS";
    // A crash between the chunks, and one before the upload became the latest.
    client.publish("$O." + bucket + ".C.interrupted", new byte[100]);
    client
        .objectStore(bucket)
        .put("test.01234567-89ab-cdef-0123-456789abcdef", bytes("never the latest"));
    client.flush(Duration.ofSeconds(5));
    store.put(bytes("two"), at(4));
    assertThat(subjects()).as("they may belong to an upload that is under way").hasSize(3 + 3);
    removeLeftovers(bucket, Duration.ZERO);
    assertThat(subjects()).hasSize(3);
    assertThat(read(store)).isEqualTo("two 4");
    store.put(bytes("three"), at(5));
    assertThat(read(store)).isEqualTo("three 5");
    assertThat(subjects()).hasSize(3);
  }

  private void removeLeftovers(String bucket, Duration age) throws Exception {
    NatsConnection connection =
        NatsConnection.connect(
            NatsConnectionOptions.servers(NATS.url()).build(), "test", Duration.ofSeconds(10));
    opened.add(connection);
    JetStreamManagement management = client.jetStreamManagement();
    // A message that is newer than all, as a description that was just stored is.
    client.publish(
        "$O." + bucket + ".M.bmV3ZXN0", "{\"name\":\"newest\"}".getBytes(StandardCharsets.UTF_8));
    client.flush(Duration.ofSeconds(5));
    long newest = management.getStreamInfo("OBJ_" + bucket).getStreamState().getLastSequence();
    new ObjectLeftovers(
            management,
            new JetStreamApi(connection, "OBJ_" + bucket, Duration.ofSeconds(5)),
            bucket,
            age)
        .remove(newest);
    management.deleteMessage("OBJ_" + bucket, newest);
  }

  @Test
  @DisplayName("D34: a download goes on while another node uploads")
  void whatIsReadStaysReadableWhileItIsReplaced() throws Exception {
    NatsSnapshotStore reader = store();
    NatsSnapshotStore writer = store();
    byte[] large = new byte[3_000_000];
    new Random(7).nextBytes(large);
    writer.put(new ByteArrayInputStream(large), at(5));
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    OutputStream replacing =
        new OutputStream() {
          private boolean replaced;

          @Override
          public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
          }

          @Override
          public void write(byte[] bytes, int from, int length) throws IOException {
            if (!replaced) {
              replaced = true;
              assertThat(writer.put(bytes("newer"), at(9))).isTrue();
            }
            read.write(bytes, from, length);
          }
        };
    // Sequence and content belong together, whichever was the latest at the end.
    assertThat(reader.get(replacing)).map(StoredSnapshot::sequence).contains(5L);
    assertThat(read.toByteArray()).isEqualTo(large);
    assertThat(read(reader)).isEqualTo("newer 9");
  }

  @Test
  @DisplayName("D34: damaged content is not taken for a snapshot")
  void damageIsNoticed() throws Exception {
    NatsSnapshotStore store = store();
    byte[] large = new byte[1_000_000];
    store.put(new ByteArrayInputStream(large), at(5));
    String chunks =
        subjects().stream().filter(subject -> subject.contains(".C.")).findFirst().orElseThrow();
    JetStreamManagement management = client.jetStreamManagement();
    long third = management.getFirstMessage("OBJ_ha_replication_SNAPSHOTS", chunks).getSeq() + 2;
    management.deleteMessage("OBJ_ha_replication_SNAPSHOTS", third);
    assertThatThrownBy(() -> store.get(OutputStream.nullOutputStream()))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("whole");
  }

  @Test
  @DisplayName("D35: the object store fails in the middle")
  void aStoreThatFallsSilentFailsInTime() throws Exception {
    try (TcpProxy proxy = TcpProxy.to(NATS.server().port())) {
      StreamOptions options = StreamOptions.defaults().withRequestTimeout(Duration.ofSeconds(1));
      NatsSnapshotStore store = store(proxy.url(), options);
      store.put(bytes("whole"), at(3));
      InputStream silencing =
          new InputStream() {
            private int count;

            @Override
            public int read() {
              if (count == 300_000) {
                proxy.dropAnswers();
              }
              return count++ < 1_000_000 ? 'x' : -1;
            }
          };
      long start = System.nanoTime();
      assertThatThrownBy(() -> store.put(silencing, at(4))).isNotNull();
      assertThatThrownBy(() -> store.get(OutputStream.nullOutputStream()))
          .isInstanceOf(StreamException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
      proxy.pass();
      proxy.cut();
    }
    assertThat(read(store())).isEqualTo("whole 3");
    assertThat(store().put(bytes("again"), at(4))).isTrue();
  }

  @Test
  void aLaterPositionCanBeStampedWithoutNewContent() throws Exception {
    NatsSnapshotStore store = store();
    store.put(bytes("quiet"), at(5));
    StoredSnapshot latest = store.latest().orElseThrow();
    assertThat(store.restamp(latest, latest.stamp().at(70))).isTrue();
    assertThat(read(store)).isEqualTo("quiet 70");
    assertThat(store.restamp(latest, latest.stamp().at(80))).as("not the latest now").isFalse();
    assertThat(store.put(bytes("next"), at(71))).isTrue();
    assertThat(read(store)).isEqualTo("next 71");
    assertThat(subjects()).hasSize(3);
  }

  @Test
  void oneNodeGetsTheDuty() {
    assertThat(store().claim("SNAPSHOT", Duration.ofMinutes(5))).isTrue();
    assertThat(store().claim("SNAPSHOT", Duration.ofMinutes(5))).isFalse();
    assertThat(store().claim("VERIFY", Duration.ofMinutes(5))).isTrue();
  }

  @Test
  void whoIsFirstSaysWhereTheDatabaseBegan() {
    assertThat(store().beginning()).isEmpty();
    assertThat(store().begin(new Beginning(7, CREATED))).isEqualTo(new Beginning(7, CREATED));
    assertThat(store().begin(new Beginning(9, CREATED_LATER))).isEqualTo(new Beginning(7, CREATED));
    assertThat(store().beginning()).contains(new Beginning(7, CREATED));
  }
}
