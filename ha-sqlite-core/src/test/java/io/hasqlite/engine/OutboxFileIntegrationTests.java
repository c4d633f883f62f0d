package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** An asynchronous node whose outbox lies in a folder of its own. */
class OutboxFileIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;
  private TestCluster cluster;
  private TestNode sync;
  private TestNode async;

  @BeforeEach
  void start() throws Exception {
    cluster = new TestCluster(folder, NATS.url());
    sync = cluster.node("sync");
    sync.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'one')");
    async =
        cluster.node(
            "async",
            options ->
                options
                    .publisherAsync(true)
                    .publisherTimeout(Duration.ofSeconds(1))
                    .relayStarted(false)
                    .outboxFolder(folder.resolve("elsewhere")));
    async.awaitSame(sync);
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  private Path payloads() {
    return folder.resolve("elsewhere").resolve("async.db-ha-outbox");
  }

  private long count(Path file, String query) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.getLong(1);
    }
  }

  private void send() throws Exception {
    Eventually.holds(
        () ->
            assertThat(async.engine().status().state()).isEqualTo(ReplicationStatus.State.RUNNING));
    while (async.engine().sendNext()) {
      assertThat(async.engine().status().problem()).isNull();
    }
  }

  @Test
  void whatWaitsLiesThereAndSurvivesARestart() throws Exception {
    async.run("INSERT INTO t VALUES(2, 'two')", "UPDATE t SET v = 'uno' WHERE id = 1");
    assertThat(count(payloads(), "SELECT count(*) FROM payloads")).isEqualTo(2);
    assertThat(async.one("SELECT count(*) FROM ha_outbox WHERE payload IS NOT NULL"))
        .isEqualTo("0");
    assertThat(async.engine().status().backlog().bytes()).isPositive();

    sync.run("UPDATE t SET v = 'eins' WHERE id = 1"); // below what is pending
    async.awaitSame(sync);
    assertThat(async.one("SELECT v FROM t WHERE id = 1")).isEqualTo("uno");

    async.restart();
    assertThat(async.engine().status().backlog().transactions()).isEqualTo(2);
    send();
    Eventually.holds(() -> assertThat(async.engine().status().backlog().transactions()).isZero());
    cluster.converge();
    assertThat(sync.query("SELECT * FROM t")).containsExactly("1|uno", "2|two");
  }

  @Test
  void whatIsCountedIsDeletedThere() throws Exception {
    TestNode relaying =
        cluster.node(
            "relaying",
            options -> options.publisherAsync(true).outboxFolder(folder.resolve("relaying")));
    for (int i = 10; i < 20; i++) {
      relaying.run("INSERT INTO t VALUES(" + i + ", 'many')");
    }
    Path file = folder.resolve("relaying").resolve("relaying.db-ha-outbox");
    Eventually.holds(
        () -> {
          relaying.run("INSERT INTO t VALUES(NULL, 'wakes the relay')");
          assertThat(count(file, "SELECT count(*) FROM payloads")).isLessThan(5);
        });
    Eventually.holds(
        () -> assertThat(relaying.engine().status().backlog().transactions()).isZero());
    cluster.converge();
  }

  @Test
  @DisplayName("D29: written to the outbox and never committed: no ghost")
  void whatWasNeverCommittedIsNotSent() throws Exception {
    async.run("INSERT INTO t VALUES(2, 'two')");
    async.close();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + payloads());
        Statement statement = connection.createStatement()) {
      statement.execute("INSERT INTO payloads SELECT 99, 0, process_id, 99, payload FROM payloads");
    }
    async.open();
    assertThat(count(payloads(), "SELECT max(place) FROM payloads")).isEqualTo(1);
    send();
    cluster.converge();
    assertThat(sync.one("SELECT count(*) FROM t")).isEqualTo("2");
  }

  @Test
  void aNodeDoesNotStartWithoutTheFileThatItNeeds() throws Exception {
    async.run("INSERT INTO t VALUES(2, 'two')");
    async.close();
    Path kept = folder.resolve("kept");
    Files.move(payloads(), kept);
    assertThatThrownBy(() -> async.open())
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContainingAll("Transaction 1", "not sent yet", "outbox-dir", "async.db");
    Files.delete(payloads());
    Files.move(kept, payloads());
    async.open();
    send();
    cluster.converge();
    assertThat(sync.one("SELECT v FROM t WHERE id = 2")).isEqualTo("two");
  }
}
