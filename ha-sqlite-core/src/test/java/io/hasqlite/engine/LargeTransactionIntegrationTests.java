package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.ChangeSetInterceptor;
import io.hasqlite.changeset.StoredObject;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.PublishInDoubtException;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import io.nats.client.ObjectStore;
import io.nats.client.api.ObjectInfo;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Transactions that are too large for a message of the stream. */
@Timeout(120)
class LargeTransactionIntegrationTests {

  /** Rows of five megabytes in texts; the driver has no generate_series. */
  private static final String LARGE =
      "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 1000)"
          + " INSERT INTO t SELECT i, hex(randomblob(2500)) FROM s";

  @RegisterExtension static final NatsServerExtension nats = NatsServerExtension.shared();

  @TempDir Path folder;
  private final ChangeSetCodec codec = new ChangeSetCodec();
  private TestCluster cluster;

  @BeforeEach
  void open() {
    cluster = new TestCluster(folder, nats.url());
  }

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private ObjectStore payloads() throws Exception {
    return cluster.client().objectStore(cluster.stream() + "_PAYLOADS");
  }

  private List<String> payloadNames() throws Exception {
    return payloads().getList().stream().map(ObjectInfo::getObjectName).toList();
  }

  private void assertNoFilesAreLeft() throws Exception {
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.endsWith("-ha-payload"));
    }
  }

  @Test
  @DisplayName("D27: a transaction of 5 MB is on all nodes, exactly")
  void aTransactionOfFiveMegabytes() throws Exception {
    TestNode a = cluster.node("a");
    TestNode b = cluster.node("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", LARGE);
    assertThat(a.one("SELECT count(*), sum(length(v)) FROM t")).isEqualTo("1000|5000000");
    cluster.converge();

    ChangeSet message = codec.decode(cluster.message(cluster.lastSequence()));
    StoredObject object = message.object();
    assertThat(object).isNotNull();
    assertThat(object.bytes()).isGreaterThan(5_000_000);
    assertThat(payloadNames()).containsExactly(object.name());

    b.transaction("UPDATE t SET v = v || 'x'", "DELETE FROM t WHERE id % 2 = 0");
    a.run("INSERT INTO t VALUES(0, 'small again')");
    cluster.converge();
    assertThat(b.one("SELECT count(*), sum(length(v)) FROM t")).isEqualTo("501|2500511");
    TestNode late = cluster.node("late");
    cluster.converge();
    assertThat(late.one("SELECT count(*) FROM t")).isEqualTo("501");
    assertNoFilesAreLeft();
  }

  private void assertHalted(TestNode node, String... parts) throws Exception {
    Eventually.holds(
        () -> assertThat(node.engine().status().state()).isEqualTo(ReplicationStatus.State.HALTED));
    assertThat(node.engine().status().problem()).contains(parts);
    assertThatThrownBy(() -> node.run("INSERT INTO t VALUES(-1, 'refused')"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("55000"));
    assertThat(node.one("SELECT count(*) FROM t")).isEqualTo("0");
    assertThat(Path.of(node.file() + "-ha-payload")).doesNotExist();
  }

  @Test
  @DisplayName("D27: the payload of a large transaction is gone, or another one")
  void aPayloadThatIsGoneOrDamagedHalts() throws Exception {
    TestNode a = cluster.node("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", LARGE);
    String name = payloadNames().get(0);
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    payloads().get(name, payload);
    byte[] bytes = payload.toByteArray();

    bytes[3_000_000] ^= 1;
    payloads().put(name, bytes);
    TestNode flipped = cluster.node("flipped");
    assertHalted(flipped, name, "sequence 2", "is damaged", "SHA-256");

    payloads().put(name, new byte[bytes.length + 1]);
    flipped.restart();
    assertHalted(flipped, name, "is damaged", "more than " + bytes.length);

    payloads().put(name, java.util.Arrays.copyOf(bytes, 1_000_000));
    flipped.restart();
    assertHalted(flipped, name, "is damaged", "found 1000000 bytes");

    payloads().delete(name);
    flipped.restart();
    assertHalted(flipped, name, "sequence 2", "not in the store", "looked for again");

    bytes[3_000_000] ^= 1;
    payloads().put(name, bytes);
    flipped.restart();
    a.run("INSERT INTO t VALUES(0, 'goes on')");
    cluster.converge();
  }

  @Test
  @DisplayName(
      "D27: there is no room for the payload of a large transaction: tried again until there is")
  void aPayloadForWhichThereIsNoRoomIsTriedAgain() throws Exception {
    TestNode a = cluster.node("a");
    TestNode b = cluster.node("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    b.awaitSame(a);
    Path room = Files.createDirectory(Path.of(b.file() + "-ha-payload"));
    Path taken = Files.createFile(room.resolve("taken"));
    a.run(LARGE);
    Eventually.holds(
        () -> assertThat(b.engine().status().state()).isEqualTo(ReplicationStatus.State.RETRYING));
    assertThat(b.engine().status().problem())
        .contains("sequence " + cluster.lastSequence(), "could not be written", "tried again");
    Files.delete(taken);
    Files.deleteIfExists(room); // the next attempt may have done it
    cluster.converge();
    Eventually.holds(
        () -> assertThat(b.engine().status().state()).isEqualTo(ReplicationStatus.State.RUNNING));
    assertNoFilesAreLeft();
  }

  @Test
  @DisplayName("D27: in doubt between the upload and the message")
  void inDoubtAfterTheUpload() throws Exception {
    GatedStream.Gate gate = new GatedStream.Gate();
    TestNode a =
        cluster.node(
            "a", options -> options.streamWrapper(stream -> new GatedStream(stream, gate)));
    TestNode b = cluster.node("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");

    gate.failNextPublish(GatedStream.Fault.LOST);
    assertInDoubt(() -> a.run(LARGE));
    a.run("INSERT INTO t VALUES(0, 'goes on')");
    cluster.converge();
    assertThat(b.one("SELECT count(*) FROM t")).isEqualTo("1");
    assertThat(payloadNames()).as("a payload that may be needed").hasSize(1);

    gate.failNextPublish(GatedStream.Fault.LATE);
    assertInDoubt(() -> a.run(LARGE));
    assertThat(a.one("SELECT count(*) FROM t")).isEqualTo("1");
    cluster.publish(gate.takeLate().get(0).body());
    cluster.converge();
    assertThat(a.one("SELECT count(*) FROM t")).isEqualTo("1001");

    a.run("DELETE FROM t");
    cluster.converge();
    gate.failNextPublish(GatedStream.Fault.LATE);
    assertInDoubt(() -> a.run(LARGE));
    for (String name : payloadNames()) {
      payloads().delete(name);
    }
    cluster.publish(gate.takeLate().get(0).body());
    assertHalted(a, "not in the store");
    assertHalted(b, "not in the store");
  }

  private static void assertInDoubt(org.assertj.core.api.ThrowableAssert.ThrowingCallable commit) {
    assertThatThrownBy(commit)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08007"));
  }

  @Test
  @DisplayName("D27: a replica fails in the middle of a large transaction and is started again")
  void aReplicaIsStartedAgainInTheMiddle() throws Exception {
    TestNode a = cluster.node("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    FailsOnce interceptor = new FailsOnce();
    TestNode b = cluster.node("b", options -> options.interceptor(interceptor));
    a.run(LARGE);
    assertHalted(b, "fails once");
    assertThat(interceptor.seen).isEqualTo(1000);

    Files.writeString(b.file().resolveSibling("b.db-ha-payload"), "left by a process that died");
    b.restart();
    cluster.converge();
    assertThat(b.one("SELECT count(*) FROM t")).isEqualTo("1000");
    assertNoFilesAreLeft();
  }

  /** Lets the first large transaction fail after all its rows were written. */
  private static final class FailsOnce implements ChangeSetInterceptor {

    private volatile int seen;

    @Override
    public @Nullable SQLException after(
        ChangeSet changeSet, Connection connection, @Nullable SQLException failure)
        throws SQLException {
      List<Change> changes = changeSet.changes();
      if (changes.size() > 1 && seen == 0) {
        seen = changes.size();
        throw new SQLException("fails once");
      }
      return failure;
    }
  }

  @Test
  @DisplayName("D27: a transaction of 5 MB, asynchronously, is redone on top of others' changes")
  void anAsynchronousTransactionOfFiveMegabytes() throws Exception {
    AtomicBoolean held = new AtomicBoolean();
    TestNode a =
        cluster.node(
            "a",
            options -> options.publisherAsync(true).streamWrapper(stream -> holding(stream, held)));
    TestNode b = cluster.node("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    b.awaitSame(a);

    held.set(true);
    a.run(LARGE, "UPDATE t SET v = v || 'x' WHERE id > 500");
    String mine = a.one("SELECT sum(length(v)) FROM t");
    assertThat(mine).isEqualTo("5000500");
    for (int id : List.of(0, 400, 600)) {
      b.run("INSERT INTO t VALUES(" + id + ", 'b')");
      a.awaitSame(b);
      assertThat(a.one("SELECT count(*) FROM t")).as("with row %d of b", id).isEqualTo("1001");
    }
    assertThat(b.one("SELECT count(*) FROM t")).isEqualTo("3");

    held.set(false);
    Eventually.holds(() -> assertThat(a.engine().status().backlog().transactions()).isZero());
    cluster.converge();
    assertThat(b.one("SELECT sum(length(v)) FROM t WHERE id > 0")).isEqualTo(mine);
    assertThat(payloadNames()).as("stored once, however often they were sent").hasSize(2);
    a.run("INSERT INTO t VALUES(-1, 'goes on')");
    Eventually.holds(() -> assertThat(b.one("SELECT min(id) FROM t")).isEqualTo("-1"));
    assertNoFilesAreLeft();
  }

  @Test
  @DisplayName("D27: an asynchronous transaction that no node could read is refused")
  void anAsynchronousRowThatIsTooLargeIsRefused() throws Exception {
    TestNode a = cluster.node("a", options -> options.publisherAsync(true));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    assertThatThrownBy(() -> a.run("INSERT INTO t VALUES(9999, zeroblob(51000000))"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("54000"))
        .hasMessageContainingAll("table \"t\"", "67108864");
    a.run("INSERT INTO t VALUES(1, 'goes on')");
    TestNode b = cluster.node("b");
    Eventually.holds(() -> assertThat(b.one("SELECT min(id) FROM t")).isEqualTo("1"));
  }

  /** Returns a stream that takes no message while it is held, nor says so. */
  private static ChangeStream holding(ChangeStream stream, AtomicBoolean held) {
    return (ChangeStream)
        Proxy.newProxyInstance(
            ChangeStream.class.getClassLoader(),
            new Class<?>[] {ChangeStream.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("publish") && held.get()) {
                throw new PublishInDoubtException("held by the test", null);
              }
              try {
                return method.invoke(stream, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  @DisplayName("D27: what no node could read is refused at its origin")
  void aRowThatIsTooLargeIsRefused() throws Exception {
    TestNode a = cluster.node("a");
    TestNode b = cluster.node("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", LARGE);
    assertThat(payloadNames()).hasSize(1);
    assertThatThrownBy(
            () ->
                a.transaction(
                    "UPDATE t SET v = id", "INSERT INTO t VALUES(9999, zeroblob(51000000))"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("54000"))
        .hasMessageContainingAll("table \"t\"", "68000", "67108864");
    assertThat(payloadNames()).hasSize(1);
    assertThat(a.one("SELECT sum(length(v)), max(id) FROM t")).isEqualTo("5000000|1000");
    a.run("DELETE FROM t WHERE id > 1");
    cluster.converge();
    assertThat(b.one("SELECT count(*) FROM t")).isEqualTo("1");
  }
}
