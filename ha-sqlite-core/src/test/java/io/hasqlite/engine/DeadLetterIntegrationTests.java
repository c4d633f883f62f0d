package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.hasqlite.NodeId;
import io.hasqlite.apply.DeadLetter;
import io.hasqlite.changeset.UnreadableMessageException;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.subscribe.OnError;
import io.hasqlite.subscribe.StreamSubscriber;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Messages that cannot be applied: here at the moment, or anywhere at all. */
@Timeout(60)
class DeadLetterIntegrationTests {

  private static final String UNREADABLE = "{\"changes\":[{\"operation\"";

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private final List<DeadLetter> heard = Collections.synchronizedList(new ArrayList<>());
  private TestCluster cluster;

  @BeforeEach
  void prepare() {
    cluster = new TestCluster(folder, NATS.url());
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  private TestNode skipping(String name) {
    EngineListener listener =
        new EngineListener() {
          @Override
          public void deadLetter(DeadLetter letter) {
            heard.add(letter);
          }
        };
    return cluster.node(name, options -> options.onError(OnError.SKIP).listener(listener));
  }

  private static String insert(int id) {
    return """
        {"node":"go","process_id":1,"changes":[{"table":"t","columns":["id","v"],
        "operation":"INSERT","new_rowid":%1$d,"new_values":[%1$d,"go"],"pk_columns":["id"]}]}"""
        .formatted(id);
  }

  private static String forbidden(String sql) {
    return """
        {"node":"go","process_id":7,"txs":[{"n":4,"changes":2}],"changes":[
        {"table":"t","columns":["id","v"],"operation":"INSERT","new_rowid":50,
        "new_values":[50,"go"],"pk_columns":["id"]},{"operation":"SQL","command":"%s"}]}"""
        .formatted(sql);
  }

  private static void assertHalted(TestNode node, String... problem) throws Exception {
    Eventually.holds(
        () ->
            assertThat(node.engine().status().state())
                .as(node.engine().status().toString())
                .isEqualTo(State.HALTED));
    assertThat(node.engine().status().problem()).contains(problem);
  }

  private static void assertNotice(TestNode node, int letters) {
    assertThat(node.engine().status().notices())
        .anyMatch(notice -> notice.contains(letters + " message") && notice.contains("letters"));
    assertThat(node.engine().status().problem()).isNull();
  }

  private void plain(TestNode node, String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + node.file());
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  @Test
  @DisplayName("D23: a message that is not readable becomes a dead letter")
  void anUnreadableMessageIsKeptAndWhatFollowsIsApplied() throws Exception {
    TestNode a = skipping("a");
    TestNode halting = cluster.node("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    long bad;
    try (Connection connection = a.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("UPDATE t SET v = v"); // so that all three come in one batch
      cluster.publish(insert(1));
      bad = cluster.publish(UNREADABLE);
      cluster.publish(insert(3));
      connection.rollback();
    }
    a.awaitSequence(cluster.lastSequence());
    assertThat(a.query("SELECT id FROM t")).containsExactly("1", "3");
    assertThat(a.engine().deadLetters())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.sequence()).isEqualTo(bad);
              assertThat(letter.subject()).isEqualTo(cluster.subject());
              assertThat(letter.origin()).isNull();
              assertThat(letter.reason()).contains("not a readable changeset");
              assertThat(new String(letter.body(), StandardCharsets.UTF_8)).isEqualTo(UNREADABLE);
            });
    assertThat(heard).extracting(DeadLetter::sequence).containsExactly(bad);
    assertThat(a.engine().status().state()).isEqualTo(State.RUNNING);
    assertNotice(a, 1);
    assertHalted(halting, "sequence " + bad, "cannot be read");
  }

  @Test
  @DisplayName("D23: a node restarts with a dead letter at its position, and writes on")
  void aDeadLetterMayBeTheLastMessage() throws Exception {
    TestNode a = skipping("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    long bad = cluster.publish("nonsense");
    a.awaitSequence(bad);
    a.restart();
    assertNotice(a, 1);
    a.run("INSERT INTO t VALUES(2, 'after')");
    assertThat(a.engine().status().position()).isEqualTo(bad + 1);
    TestNode b = skipping("b");
    b.awaitSame(a);
    assertThat(b.query("SELECT id FROM t")).containsExactly("2");
    assertThat(b.engine().deadLetters()).extracting(DeadLetter::sequence).containsExactly(bad);
  }

  @Test
  @DisplayName("D37: SQL that is not DDL becomes a dead letter, whole and counted once")
  void aForbiddenMessageIsKeptWholeAndCounted() throws Exception {
    TestNode a = skipping("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'kept')");
    long bad = cluster.publish(forbidden("DELETE FROM t"));
    cluster.publish(forbidden("DELETE FROM t")); // a repetition
    cluster.publish(insert(3));
    a.awaitSequence(cluster.lastSequence());
    assertThat(a.query("SELECT id FROM t")).containsExactly("1", "3");
    assertThat(a.engine().deadLetters())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.sequence()).isEqualTo(bad);
              assertThat(letter.origin()).isNotNull();
              assertThat(letter.origin().node()).isEqualTo(new NodeId("go"));
              assertThat(letter.reason()).contains("DELETE FROM t", "refused");
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"changes\":[{\"operation\":\"MERGE\",\"table\":\"t\"}]}",
        "{\"requires\":[\"telepathy\"],\"changes\":[]}",
      })
  @DisplayName("A message of a newer version is never left out")
  void aMessageOfANewerVersionHaltsInAnyCase(String message) throws Exception {
    TestNode a = skipping("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    long sequence = cluster.publish(message);
    assertHalted(a, "sequence " + sequence, "update this node");
    assertThat(a.engine().deadLetters()).isEmpty();
    assertThat(a.engine().status().position()).isEqualTo(sequence - 1);
  }

  @Test
  @DisplayName("A dead letter that is applied again is a new transaction on all nodes")
  void aDeadLetterIsAppliedAgain() throws Exception {
    TestNode a = skipping("a");
    TestNode b = skipping("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'x')");
    long bad = cluster.publish(forbidden("DELETE FROM t WHERE id = 1"));
    cluster.publish(insert(60));
    a.awaitSequence(cluster.lastSequence());
    b.awaitSequence(cluster.lastSequence());
    a.engine().applyDeadLetter(bad);
    assertThat(cluster.lastSequence()).isEqualTo(bad + 2);
    cluster.converge();
    assertThat(b.query("SELECT id FROM t")).containsExactly("50", "60");
    assertThat(a.engine().deadLetters()).isEmpty();
    assertThat(a.engine().status().notices()).isEmpty();
    b.engine().dropDeadLetter(bad);
    assertThat(b.engine().deadLetters()).isEmpty();
    assertThatThrownBy(() -> b.engine().dropDeadLetter(bad))
        .isInstanceOf(DeadLetterException.class)
        .hasMessageContaining("no dead letter of sequence " + bad);
  }

  @Test
  @DisplayName("A dead letter that cannot be applied again says why, and stays")
  void aDeadLetterThatCannotBeAppliedStays() throws Exception {
    TestNode a = skipping("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'x')");
    long unreadable = cluster.publish(UNREADABLE);
    long forbidden = cluster.publish(forbidden("DROP TABLE ha_stats"));
    long last = cluster.publish("{\"changes\":[{\"operation\":\"SQL\",\"command\":\"VACUUM\"}]}");
    a.awaitSequence(last);
    assertThatThrownBy(() -> a.engine().applyDeadLetter(unreadable))
        .isInstanceOf(DeadLetterException.class)
        .hasCauseInstanceOf(UnreadableMessageException.class)
        .hasMessageContainingAll("sequence " + unreadable, "a.db", "cannot be read", "Drop it");
    assertThatThrownBy(() -> a.engine().applyDeadLetter(forbidden))
        .isInstanceOf(DeadLetterException.class)
        .hasMessageContainingAll("sequence " + forbidden, "ha_stats");
    assertThatThrownBy(() -> a.engine().applyDeadLetter(last))
        .isInstanceOf(DeadLetterException.class)
        .hasMessageContainingAll("VACUUM", "DDL");
    assertThatThrownBy(() -> a.engine().applyDeadLetter(1))
        .isInstanceOf(DeadLetterException.class)
        .hasMessageContaining("no dead letter of sequence 1");
    assertThat(a.engine().deadLetters()).hasSize(3);
    assertThat(cluster.lastSequence()).isEqualTo(last);
    assertThat(a.query("SELECT id FROM t")).containsExactly("1");
  }

  @Test
  @DisplayName("Rows of a dead letter are written as they were sent, in one transaction with DDL")
  void rowsOfADeadLetterAreWritten() throws Exception {
    TestNode a = skipping("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'x'), (2, 'y')");
    long bad =
        cluster.publish(
            """
            {"node":"go","process_id":7,"changes":[
            {"operation":"SQL","command":"CREATE TABLE u(a, b BLOB)"},
            {"operation":"SQL","command":"DELETE FROM missing_here"},
            {"operation":"INSERT","table":"u","columns":["a","b"],"new_rowid":9,
             "new_values":[1.5,"AP8="]},
            {"operation":"UPDATE","table":"t","columns":["id","v"],"pk_columns":["id"],
             "old_values":[1,"x"],"new_values":[1,"z"],"types":"it/it"},
            {"operation":"UPDATE","table":"t","columns":["id","v"],"pk_columns":["id"],
             "old_values":[3,"x"],"new_values":[3,"new"],"types":"it/it"},
            {"operation":"DELETE","table":"t","columns":["id","v"],"pk_columns":["id"],
             "old_values":[2,"y"]}]}""");
    a.awaitSequence(bad);
    assertThatThrownBy(() -> a.engine().applyDeadLetter(bad))
        .isInstanceOf(DeadLetterException.class)
        .hasMessageContaining("missing_here");
    assertThat(a.query("SELECT * FROM t")).containsExactly("1|x", "2|y");
    a.run("CREATE TABLE missing_here(a)");
    a.engine().applyDeadLetter(bad);
    TestNode b = skipping("b");
    b.awaitSame(a);
    cluster.converge();
    assertThat(b.query("SELECT * FROM t")).containsExactly("1|z", "3|new");
    assertThat(b.query("SELECT rowid, a, hex(b) FROM u")).containsExactly("9|1.5|00FF");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "WITH RECURSIVE n(i) AS (SELECT -999 UNION ALL SELECT i + 1 FROM n WHERE i < -1)"
            + " INSERT INTO ha_dead_letters SELECT i, '', '', NULL, NULL, '', x'00' FROM n",
        "INSERT INTO ha_dead_letters VALUES(-1, '', '', NULL, NULL, '', zeroblob(67108864 - 10))"
      })
  @DisplayName("There is no room for another dead letter")
  void aNodeHaltsWhenThereIsNoRoomForAnotherDeadLetter(String fill) throws Exception {
    TestNode a = skipping("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    long first = cluster.publish("bad");
    a.awaitSequence(first);
    plain(a, fill);
    long second = cluster.publish("nonsense");
    assertHalted(a, "sequence " + second, "no room", "ha_dead_letters", "restart");
    assertThat(a.engine().status().position()).isEqualTo(first);
    plain(a, "DELETE FROM ha_dead_letters WHERE seq < 0");
    a.restart();
    a.awaitSequence(second);
    assertNotice(a, 2);
  }

  @Test
  @DisplayName("Dead letters are not part of a snapshot")
  void aSnapshotHasNoDeadLetters() throws Exception {
    TestNode a = skipping("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    long bad = cluster.publish("nonsense");
    a.awaitSequence(bad);
    assertThat(a.engine().snapshotter().take()).isPresent();
    TestNode b = skipping("b");
    assertThat(b.engine().deadLetters()).isEmpty();
    assertThat(b.engine().status().position()).isEqualTo(bad);
    assertThat(a.engine().deadLetters()).hasSize(1);
  }

  @Test
  @DisplayName("The disk is full while a message is applied: it is tried again until there is room")
  void aFullDiskIsSaidAndGoneWhenThereIsRoom() throws Exception {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    ((Logger) LoggerFactory.getLogger(StreamSubscriber.class)).addAppender(log);
    TestNode a = cluster.node("a");
    TestNode b =
        cluster.node(
            "b",
            options ->
                options
                    .onError(OnError.SKIP)
                    .excludedTables(Set.of("junk"))
                    .pragmas(Map.of("max_page_count", "300")));
    a.run("CREATE TABLE big(id INTEGER PRIMARY KEY, v)");
    b.awaitSame(a).run("CREATE TABLE junk(v)", "INSERT INTO junk VALUES(zeroblob(1000000))");
    long before = cluster.lastSequence();
    a.run(
        "INSERT INTO big VALUES(1, 'small')",
        "INSERT INTO big VALUES(2, zeroblob(300000))",
        "INSERT INTO big VALUES(3, 'small')");
    Eventually.holds(() -> assertThat(b.engine().status().state()).isEqualTo(State.RETRYING));
    assertThat(b.engine().status().position()).isEqualTo(before + 1);
    assertThat(b.engine().status().problem())
        .contains("sequence " + (before + 2), "table \"big\"", "full", "tried again");
    assertThat(b.query("SELECT id FROM big")).containsExactly("1");
    assertThat(b.engine().deadLetters()).isEmpty();
    awaitAttempts("test_b", 3);
    assertThat(b.engine().status().state()).isEqualTo(State.RETRYING);
    b.run("DELETE FROM junk");
    b.awaitSame(a);
    Eventually.holds(() -> assertThat(b.engine().status().state()).isEqualTo(State.RUNNING));
    assertThat(b.engine().status().problem()).isNull();
    assertThat(b.query("SELECT id FROM big")).containsExactly("1", "2", "3");
    assertThat(log.list) // not one line for each attempt
        .extracting(ILoggingEvent::getFormattedMessage)
        .filteredOn(line -> line.contains("follow"))
        .satisfiesExactly(
            line -> assertThat(line).contains("does not follow", "full"),
            line -> assertThat(line).contains("follows the stream again"));
    ((Logger) LoggerFactory.getLogger(StreamSubscriber.class)).detachAppender(log);
  }

  /** Waits until a node has begun to read anew several times, as it does for each attempt. */
  private void awaitAttempts(String consumer, int attempts) throws Exception {
    Set<Object> seen = new HashSet<>();
    Eventually.holds(
        () -> {
          cluster.client().jetStreamManagement().getConsumers(cluster.stream()).stream()
              .filter(info -> info.getName().equals(consumer))
              .forEach(info -> seen.add(info.getCreationTime()));
          assertThat(seen).hasSizeGreaterThan(attempts);
        });
  }

  @Test
  @DisplayName("Another program holds the database's lock: apply goes on when it is free")
  void aLockOfAnotherProgramIsSaidAndWaitedFor() throws Exception {
    TestNode a = cluster.node("a");
    TestNode b = cluster.node("b", options -> options.pragmas(Map.of("busy_timeout", "50")));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    b.awaitSame(a);
    try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + b.file());
        Statement statement = other.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      a.run("INSERT INTO t VALUES(1, 'x')");
      Eventually.holds(() -> assertThat(b.engine().status().state()).isEqualTo(State.RETRYING));
      assertThat(b.engine().status().problem())
          .contains("position " + (cluster.lastSequence() - 1), "locked", "tried again");
      statement.execute("ROLLBACK");
    }
    b.awaitSame(a);
    Eventually.holds(() -> assertThat(b.engine().status().state()).isEqualTo(State.RUNNING));
    assertThat(b.query("SELECT id FROM t")).containsExactly("1");
  }

  @Test
  @DisplayName("D2: COMMIT fails after the change was published (disk full)")
  void aTransactionThatIsPublishedTakesEffectAtItsOriginToo() throws Exception {
    TestNode a = cluster.node("a");
    TestNode b = cluster.node("b");
    try (Connection connection = a.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA max_page_count = 2"); // the table fits, the position does not
      assertThatThrownBy(() -> statement.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08007"))
          .hasMessageContainingAll("in the stream at 1", "a.db", "Do not write it again");
    }
    cluster.converge();
    a.run("INSERT INTO t VALUES(1, 'x')");
    cluster.converge();
    assertThat(b.query("SELECT * FROM t")).containsExactly("1|x");
    assertThat(a.engine().status().state()).isEqualTo(State.RUNNING);
  }

  @Test
  @DisplayName("A commit waits for what cannot be applied here at the moment, then says so")
  void aCommitMeanwhileIsNotLost() throws Exception {
    TestNode a = cluster.node("a");
    TestNode b =
        cluster.node(
            "b",
            options ->
                options
                    .publisherTimeout(Duration.ofMillis(500))
                    .excludedTables(Set.of("junk"))
                    .pragmas(Map.of("max_page_count", "300")));
    a.run("CREATE TABLE big(id INTEGER PRIMARY KEY, v)");
    b.awaitSame(a).run("CREATE TABLE junk(v)", "INSERT INTO junk VALUES(zeroblob(1000000))");
    a.run("INSERT INTO big VALUES(2, zeroblob(300000))");
    Eventually.holds(() -> assertThat(b.engine().status().state()).isEqualTo(State.RETRYING));
    try (Connection connection = b.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("INSERT INTO big VALUES(3, 'x')");
      connection.commit();
      assertThat(connection.getWarnings().getMessage()).contains("not yet visible");
    }
    plain(b, "DROP TABLE junk");
    cluster.converge();
    assertThat(b.query("SELECT id FROM big")).containsExactly("2", "3");
  }

  @Test
  @DisplayName("D23: what no node can apply keeps no effect where it was pending")
  void whatIsPendingHereAndIsLeftOutEverywhereIsUndone() throws Exception {
    TestNode b = skipping("b");
    b.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'before')");
    TestNode a =
        cluster.node(
            "a", options -> options.onError(OnError.SKIP).publisherAsync(true).relayStarted(false));
    a.run(
        "UPDATE t SET v = 'left out'",
        "INSERT INTO t VALUES(2, 'left out')",
        "INSERT INTO t VALUES(3, 'sent')",
        "UPDATE t SET v = 'sent, too' WHERE id = 1");
    long letter = cluster.publish(forbiddenOf(a, 1, 2));
    b.awaitSequence(letter);
    a.awaitSequence(letter);
    assertThat(a.query("SELECT id, v FROM t ORDER BY id")).containsExactly("1|sent, too", "3|sent");
    assertThat(a.engine().status().backlog().transactions()).isEqualTo(2);
    for (TestNode node : List.of(a, b)) {
      assertThat(node.engine().deadLetters()).hasSize(1);
    }
    a.restart();
    Eventually.holds(() -> assertThat(a.engine().status().state()).isEqualTo(State.RUNNING));
    while (a.engine().sendNext()) {
      // one message after the other
    }
    cluster.converge();
    assertThat(b.query("SELECT id, v FROM t ORDER BY id")).containsExactly("1|sent, too", "3|sent");
    assertThat(a.engine().status().problem()).isNull();
    assertThat(a.engine().status().backlog().transactions()).isZero();
  }

  @Test
  @DisplayName("D23: a message that passes over a pending transaction halts, and is not left out")
  void whatPassesOverAPendingTransactionHalts() throws Exception {
    TestNode a =
        cluster.node(
            "a", options -> options.onError(OnError.SKIP).publisherAsync(true).relayStarted(false));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    a.run("INSERT INTO t VALUES(1, 'pending')", "INSERT INTO t VALUES(2, 'pending')");
    cluster.publish(forbiddenOf(a, 2));
    assertHalted(a, "although an earlier one of the same origin is not");
    assertThat(a.engine().deadLetters()).isEmpty();
  }

  /**
   * A message with pending transactions of a node, by their index, that asks for what is forbidden.
   */
  private static String forbiddenOf(TestNode node, int... indexes) throws Exception {
    String process = node.one("SELECT process_id FROM ha_outbox");
    List<String> numbers = node.query("SELECT n FROM ha_outbox ORDER BY place");
    List<String> transactions = new ArrayList<>();
    for (int index : indexes) {
      transactions.add("{\"n\":" + numbers.get(index - 1) + ",\"changes\":1}");
    }
    String change =
        """
        {"table":"ha_stats","columns":["id"],"operation":"DELETE","old_rowid":1,"old_values":[1]}""";
    return """
        {"node":"a","process_id":%s,"filename":"a.db","timestamp_ns":1,"txs":[%s],"changes":[%s]}"""
        .formatted(
            process,
            String.join(",", transactions),
            String.join(",", Collections.nCopies(indexes.length, change)));
  }
}
