package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.StoredObject;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import io.nats.client.ObjectStore;
import io.nats.client.api.ObjectInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
}
