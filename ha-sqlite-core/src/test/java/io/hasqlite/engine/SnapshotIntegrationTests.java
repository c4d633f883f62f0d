package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.stream.StoredSnapshot;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestNode;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.StreamConfiguration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class SnapshotIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;
  private final List<AutoCloseable> opened = new ArrayList<>();

  @BeforeEach
  void emptyServer() {
    NATS.restartEmpty();
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable resource : opened) {
      resource.close();
    }
  }

  private TestNode start(String name) {
    TestNode node = TestNode.start(folder, name, NATS.url());
    opened.add(node);
    return node;
  }

  /** Makes the server forget all messages, as after max-age. */
  private void expireAllMessages() throws Exception {
    try (Connection connection = Nats.connect(NATS.url())) {
      StreamConfiguration now =
          connection.jetStreamManagement().getStreamInfo("ha_replication").getConfiguration();
      connection
          .jetStreamManagement()
          .updateStream(
              StreamConfiguration.builder(now)
                  .maxAge(Duration.ofMillis(100))
                  .duplicateWindow(Duration.ofMillis(100))
                  .build());
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (connection
                  .jetStreamManagement()
                  .getStreamInfo("ha_replication")
                  .getStreamState()
                  .getMsgCount()
              > 0
          && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      connection.jetStreamManagement().updateStream(now);
    }
  }

  @Test
  @DisplayName("D24: a new node starts from a snapshot when the stream has forgotten its beginning")
  void aNewNodeStartsFromTheLatestSnapshot() throws Exception {
    TestNode a = start("a");
    a.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
        "CREATE TABLE bare(x)",
        "INSERT INTO t VALUES(1, 'one')",
        "INSERT INTO bare(rowid, x) VALUES(77, 'seven')");
    Optional<StoredSnapshot> taken = a.engine().snapshotter().take();
    assertThat(taken).map(StoredSnapshot::sequence).contains(a.engine().status().position());
    expireAllMessages();
    a.run("INSERT INTO t VALUES(2, 'two')");
    TestNode b = start("b");
    b.awaitSame(a);
    assertThat(b.query("SELECT * FROM t ORDER BY id")).containsExactly("1|one", "2|two");
    assertThat(b.query("SELECT rowid, x FROM bare")).containsExactly("77|seven");
    b.run("UPDATE t SET v = 'zwei' WHERE id = 2");
    a.awaitSame(b);
    assertThat(a.query("SELECT * FROM t ORDER BY id")).containsExactly("1|one", "2|zwei");
  }

  @Test
  @DisplayName("D24: a node that was away for too long restores the snapshot at its next start")
  void aNodeThatMissedMessagesRestoresTheSnapshot() throws Exception {
    TestNode a = start("a");
    TestNode b = start("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'one')");
    b.awaitSame(a);
    b.engine().close();
    a.run("INSERT INTO t VALUES(2, 'two')");
    a.engine().snapshotter().take();
    expireAllMessages();
    a.run("INSERT INTO t VALUES(3, 'three')");
    b.restart();
    b.awaitSame(a);
    assertThat(b.query("SELECT v FROM t ORDER BY id")).containsExactly("one", "two", "three");
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.contains("-ha-restore") || name.contains("-ha-snapshot"));
    }
  }

  @Test
  void withoutAUsableSnapshotTheStartIsRefused() throws Exception {
    TestNode a = start("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    a.engine().snapshotter().take();
    a.run("INSERT INTO t VALUES(2, 'two')");
    expireAllMessages();
    assertThatThrownBy(() -> start("b"))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("snapshot");
  }

  @Test
  void nothingIsTakenTwice() throws Exception {
    TestNode a = start("a");
    assertThat(a.engine().snapshotter().take()).isEmpty();
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    StoredSnapshot first = a.engine().snapshotter().take().orElseThrow();
    assertThat(a.engine().snapshotter().take()).contains(first);
    TestNode b = start("b");
    b.awaitSame(a);
    assertThat(b.engine().snapshotter().take()).contains(first);
  }
}
