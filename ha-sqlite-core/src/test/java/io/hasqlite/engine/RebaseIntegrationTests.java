package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetInterceptor;
import io.hasqlite.changeset.Operation;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes whose transactions wait until a test sends them, while others' come below them. */
@Timeout(60)
class RebaseIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private TestCluster cluster;
  private TestNode a;
  private TestNode b;

  @BeforeEach
  void start() {
    cluster = new TestCluster(folder, NATS.url());
    a = waiting("a", UnaryOperator.identity());
    b = cluster.node("b");
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  private TestNode waiting(String name, UnaryOperator<HaSqliteOptions.Builder> changes) {
    return cluster.node(
        name, options -> changes.apply(options.publisherAsync(true).relayStarted(false)));
  }

  private static void send(TestNode node) throws SQLException {
    while (node.engine().sendNext()) {
      // one message after the other
    }
  }

  /** Sends what waits; then all nodes are equal, and one that only read the stream, too. */
  private void converge(TestNode... waiting) throws Exception {
    for (TestNode node : waiting) {
      send(node);
    }
    cluster.node("fresh");
    cluster.converge();
    for (TestNode node : waiting) {
      assertThat(node.engine().status().backlog().transactions()).isZero();
    }
  }

  @Test
  void pendingTransactionsAreUndoneFromTheLastAndDoneAgainFromTheFirst() throws Exception {
    b.run("CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE, v)", "INSERT INTO t VALUES(1,'one',0)");
    a.awaitSame(b);
    a.transaction("UPDATE t SET u = 'two' WHERE id = 1", "INSERT INTO t VALUES(2, 'one', 0)");
    a.transaction("UPDATE t SET u = 'three' WHERE id = 1", "INSERT INTO t VALUES(3, 'two', 0)");
    b.run("UPDATE t SET v = 9 WHERE id = 1");
    a.awaitSame(b);
    assertThat(a.query("SELECT * FROM t ORDER BY id"))
        .containsExactly("1|three|9", "2|one|0", "3|two|0");
    converge(a);
    assertThat(b.query("SELECT * FROM t ORDER BY id"))
        .containsExactly("1|three|9", "2|one|0", "3|two|0");
  }

  @Test
  void aRowThatWasDisplacedWhenThisWasDoneAgainComesBackWhenItIsMovedAway() throws Exception {
    b.run("CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE, v)");
    a.awaitSame(b);
    a.run("INSERT INTO t VALUES(2, 'x', 'a')");
    b.run("INSERT INTO t VALUES(1, 'x', 'b')");
    a.awaitSame(b);
    assertThat(a.query("SELECT * FROM t")).containsExactly("2|x|a");
    b.run("UPDATE t SET u = 'y' WHERE id = 1");
    a.awaitSame(b);
    assertThat(a.query("SELECT * FROM t ORDER BY id")).containsExactly("1|y|b", "2|x|a");
    converge(a);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE t SET u = 'new' WHERE id = 1",
        "UPDATE t SET u = 'new', w = 5 WHERE id = 1", // nothing is left to do for a
        "UPDATE t SET u = 'new' WHERE id = 1; ALTER TABLE t DROP COLUMN w"
      })
  void theKeysCountThatARowHasHereAndNotOnlyThoseThatWerePublished(String others) throws Exception {
    b.run("CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE, w)", "INSERT INTO t VALUES(1,'old',0)");
    TestNode c = waiting("c", UnaryOperator.identity());
    a.awaitSame(b);
    c.run("INSERT INTO t VALUES(2, 'new', 0)");
    a.run("UPDATE t SET w = 5 WHERE id = 1");
    b.run(others.split("; "));
    a.awaitSame(b);
    send(c);
    converge(a, c);
    assertThat(a.query("SELECT u FROM t ORDER BY id")).containsExactly("old", "new");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE UNIQUE)",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, name); CREATE UNIQUE INDEX i ON t(lower(name))",
        "CREATE TABLE t(id INTEGER NOT NULL PRIMARY KEY, name) WITHOUT ROWID;"
            + " CREATE UNIQUE INDEX i ON t(lower(name))",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, name UNIQUE);"
            + " CREATE UNIQUE INDEX i ON t(name COLLATE NOCASE) WHERE id > 0"
      })
  void aKeyThatIsNotComparedByteByByteOverlapsWithTheWholeTable(String schema) throws Exception {
    b.run(schema.split("; ?"));
    a.awaitSame(b);
    a.run("INSERT INTO t VALUES(1, 'Ann')");
    b.run("INSERT INTO t VALUES(2, 'ANN')");
    a.awaitSame(b);
    assertThat(a.query("SELECT * FROM t")).containsExactly("1|Ann");
    converge(a);
    assertThat(b.query("SELECT * FROM t")).containsExactly("1|Ann");
  }

  @Test
  void aChangeThatDoesNotKnowAUniqueColumnOverlapsWithTheWholeTable() throws Exception {
    b.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    TestNode c = waiting("c", UnaryOperator.identity());
    c.run("INSERT INTO t VALUES(2)");
    b.run("ALTER TABLE t ADD COLUMN u DEFAULT 7", "CREATE UNIQUE INDEX i ON t(u)");
    a.awaitSame(b);
    a.run("INSERT INTO t(id) VALUES(1)");
    c.awaitSame(b);
    send(c);
    c.awaitSequence(cluster.lastSequence());
    a.awaitSame(c);
    assertThat(a.query("SELECT * FROM t")).containsExactly("1|7");
    converge(a, c);
    assertThat(b.query("SELECT * FROM t")).containsExactly("1|7");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UPDATE t SET id = 2 WHERE id = 1", "DELETE FROM t WHERE id = 1"})
  void theKeysThatWerePublishedCountAlsoIfTheRowIsNotThereAtTheMoment(String mine)
      throws Exception {
    b.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'old')");
    a.awaitSame(b);
    a.run(mine);
    b.run("DELETE FROM t");
    a.awaitSame(b);
    b.run("INSERT INTO t VALUES(1, 'new')");
    a.awaitSame(b);
    assertThat(a.query("SELECT * FROM t WHERE id = 1")).isEmpty();
    converge(a);
  }

  @Test
  void aRowThatATriggerMadeAndItsOwnStatementDisplacedCanBeUndone() throws Exception {
    b.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE, v)",
        "CREATE TRIGGER made BEFORE INSERT ON t WHEN new.id > 10 BEGIN"
            + " INSERT INTO t VALUES(new.id - 10, new.u, 'made'); END",
        "CREATE TRIGGER moved BEFORE INSERT ON t WHEN new.v = 'move' BEGIN"
            + " UPDATE t SET u = new.u WHERE id = 4; END",
        "INSERT INTO t VALUES(4, 'four', 'kept'), (9, 'nine', 'kept')");
    a.awaitSame(b);
    a.run(
        "INSERT OR REPLACE INTO t VALUES(12, 'x', NULL)",
        "INSERT OR REPLACE INTO t VALUES(5, 'y', 'move')");
    assertThat(a.query("SELECT id FROM t ORDER BY id")).containsExactly("5", "9", "12");
    b.run("UPDATE t SET v = 'changed' WHERE id IN (4, 9)");
    a.awaitSame(b);
    assertThat(a.query("SELECT id FROM t ORDER BY id")).containsExactly("5", "9", "12");
    converge(a);
    assertThat(b.query("SELECT * FROM t ORDER BY id"))
        .containsExactly("5|y|move", "9|nine|changed", "12|x|null");
  }

  @Test
  void columnsThatAreMergedMayBreakACheckThatBothWritersKept() throws Exception {
    b.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, low, high, CHECK(low <= high))",
        "INSERT INTO t VALUES(1, 1, 5)");
    a.awaitSame(b);
    a.run("UPDATE t SET low = 4");
    b.run("UPDATE t SET high = 3");
    a.awaitSame(b);
    assertThat(a.query("SELECT * FROM t")).containsExactly("1|4|3");
    b.run("UPDATE t SET high = 2");
    converge(a);
    assertThat(b.query("SELECT * FROM t")).containsExactly("1|4|2");
  }

  @Test
  void theConflictsOfAPendingTransactionAreThoseThatItMetLast() throws Exception {
    b.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'old')");
    a.awaitSame(b);
    a.run("UPDATE t SET v = 'a' WHERE id = 1");
    b.run("UPDATE t SET v = 'first' WHERE id = 1");
    a.awaitSame(b);
    b.run("UPDATE t SET v = 'second' WHERE id = 1");
    a.awaitSame(b);
    assertThat(a.query("SELECT seq, kind, reason LIKE '%second%' FROM ha_conflicts"))
        .containsExactly("0|overwritten|1");
    long end = cluster.lastSequence();
    converge(a);
    String recorded = "SELECT seq, node, n, tab, kind, reason FROM ha_conflicts";
    assertThat(a.query(recorded)).hasSize(1).allMatch(row -> row.startsWith(end + 1 + "|a|"));
    assertThat(b.query(recorded)).isEqualTo(a.query(recorded));
    assertThat(a.query("SELECT * FROM ha_outbox_effects")).isEmpty();
  }

  @Test
  void anInterceptorSeesConfirmedRowsAndChangesWhatIsPendingAtItsPlace() throws Exception {
    UnaryOperator<HaSqliteOptions.Builder> counting =
        options -> options.databaseName("intercepted").interceptor(new Counting());
    TestNode one = cluster.node("one", counting);
    TestNode two =
        cluster.node(
            "two", options -> counting.apply(options.publisherAsync(true).relayStarted(false)));
    one.run("CREATE TABLE t(id INTEGER PRIMARY KEY, rows)");
    two.awaitSame(one);
    two.run("INSERT INTO t VALUES(1, 'pending')", "INSERT INTO t VALUES(2, 'pending')");
    one.run("INSERT INTO t VALUES(3, 'x')");
    two.awaitSame(one);
    assertThat(two.query("SELECT * FROM t ORDER BY id"))
        .containsExactly("1|pending", "2|pending", "3|0");
    send(two);
    long end =
        cluster
            .client()
            .jetStreamManagement()
            .getStreamInfo(cluster.stream())
            .getStreamState()
            .getLastSequence();
    for (TestNode node : List.of(one, two)) {
      node.awaitSequence(end);
      // both were in one message
      assertThat(node.query("SELECT * FROM t ORDER BY id")).containsExactly("1|1", "2|1", "3|0");
    }
  }

  @Test
  void whatAnInterceptorSkipsIsNotPendingAnyMore() throws Exception {
    ChangeSetInterceptor skipping =
        new ChangeSetInterceptor() {
          @Override
          public Optional<ChangeSet> before(ChangeSet changeSet, Connection connection) {
            return changeSet.changes().toString().contains("skip")
                ? Optional.empty()
                : Optional.of(changeSet);
          }
        };
    TestNode node =
        waiting("one", options -> options.databaseName("skipped").interceptor(skipping));
    node.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'skip')");
    send(node);
    node.run("INSERT INTO t VALUES(2, 'kept')");
    send(node);
    Eventually.holds(() -> assertThat(node.engine().status().backlog().transactions()).isZero());
    assertThat(node.query("SELECT * FROM t")).containsExactly("2|kept");
    assertThat(node.query("SELECT * FROM ha_outbox")).isEmpty();
  }

  /** Writes into each row how many rows there were before its message. */
  private static final class Counting implements ChangeSetInterceptor {

    @Override
    public Optional<ChangeSet> before(ChangeSet changeSet, Connection connection)
        throws SQLException {
      if (changeSet.changes().get(0).operation() != Operation.INSERT) {
        return Optional.of(changeSet);
      }
      long rows;
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT count(*) FROM t")) {
        rows = row.getLong(1);
      }
      List<Transaction> counted = new ArrayList<>();
      for (Transaction transaction : changeSet.transactions()) {
        counted.add(
            new Transaction(
                transaction.number(),
                transaction.baseSequence(),
                transaction.changes().stream().map(change -> withRows(change, rows)).toList()));
      }
      return Optional.of(changeSet.withTransactions(counted));
    }

    private static Change withRows(Change change, long rows) {
      return Change.insert(
          change.table(),
          change.columns(),
          change.keyColumns(),
          change.newRowid(),
          List.of(change.newValues().get(0), rows),
          change.timestampNs());
    }
  }
}
