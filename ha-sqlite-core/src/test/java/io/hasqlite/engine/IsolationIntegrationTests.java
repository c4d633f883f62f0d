package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.commit.CommitConflictException;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the isolation level of a transaction says of other nodes. A node applies nothing while a
 * transaction of its own holds the write lock, so what the other one commits then comes in between.
 */
class IsolationIntegrationTests {

  @RegisterExtension static final NatsServerExtension nats = NatsServerExtension.shared();

  @TempDir Path folder;

  private TestCluster cluster;
  private TestNode a;
  private TestNode b;

  @BeforeEach
  void start() throws Exception {
    cluster = new TestCluster(folder, nats.url());
    a = cluster.node("a");
    b = cluster.node("b");
    a.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v INTEGER, name TEXT UNIQUE)",
        "CREATE TABLE ids(next INTEGER)",
        "INSERT INTO ids VALUES (1)",
        "CREATE TABLE other(id INTEGER PRIMARY KEY)",
        "CREATE VIRTUAL TABLE words USING fts5(word)",
        "INSERT INTO t VALUES (1, 0, 'one'), (2, 0, 'two')");
    b.awaitSame(a);
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  /** Runs statements on a in one transaction, and before its commit what b does. */
  private void overtaken(int level, String mine, String... theirs) throws Exception {
    try (Connection connection = a.connect();
        Statement statement = connection.createStatement()) {
      connection.setTransactionIsolation(level);
      connection.setAutoCommit(false);
      for (String sql : mine.split(";")) {
        statement.execute(sql);
      }
      for (String sql : theirs) {
        b.run(sql);
      }
      connection.commit();
    }
  }

  private static void assertConflict(ThrowingCommit commit) {
    assertThatThrownBy(commit::run)
        .isInstanceOf(CommitConflictException.class)
        .hasMessageContaining("run it again")
        .extracting("SQLState")
        .isEqualTo("40001");
  }

  private interface Writer {
    void write(TestNode node, int index) throws SQLException;
  }

  private void inParallel(Writer writer) throws InterruptedException {
    Thread[] threads = new Thread[2];
    Throwable[] failures = new Throwable[2];
    for (int i = 0; i < 2; i++) {
      TestNode node = i == 0 ? a : b;
      int index = i;
      threads[i] =
          new Thread(
              () -> {
                try {
                  writer.write(node, index);
                } catch (SQLException | RuntimeException e) {
                  failures[index] = e;
                }
              });
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).containsOnlyNulls();
  }

  private interface ThrowingCommit {
    void run() throws Exception;
  }

  @ParameterizedTest
  @ValueSource(
      ints = {Connection.TRANSACTION_READ_UNCOMMITTED, Connection.TRANSACTION_READ_COMMITTED})
  @DisplayName("By default the last writer wins")
  void lastWriterWins(int level) throws Exception {
    overtaken(level, "UPDATE t SET v = v + 1 WHERE id = 1", "UPDATE t SET v = 10 WHERE id = 1");
    cluster.converge();
    assertThat(a.one("SELECT v FROM t WHERE id = 1")).isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(ints = {Connection.TRANSACTION_REPEATABLE_READ, Connection.TRANSACTION_SERIALIZABLE})
  @DisplayName("An update of a row that another node has just updated fails, and leaves nothing")
  void lostUpdateIsRefused(int level) throws Exception {
    assertConflict(
        () ->
            overtaken(
                level,
                "UPDATE t SET v = v + 1 WHERE id = 1; INSERT INTO other VALUES (1)",
                "UPDATE t SET v = 10 WHERE id = 1"));

    // When the exception comes, a second attempt sees the other node's transaction.
    assertThat(a.one("SELECT v FROM t WHERE id = 1")).isEqualTo("10");
    overtaken(level, "UPDATE t SET v = v + 1 WHERE id = 1");
    cluster.converge();
    assertThat(b.query("SELECT v FROM t ORDER BY id")).containsExactly("11", "0");
    assertThat(b.query("SELECT * FROM other")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "DELETE FROM t WHERE id = 1           | UPDATE t SET v = 9 WHERE id = 1",
        "UPDATE t SET v = 9 WHERE id = 1      | DELETE FROM t WHERE id = 1",
        "INSERT INTO t(v) VALUES (5)          | INSERT INTO t(v) VALUES (6)",
        "INSERT INTO t VALUES (8, 0, 'new')   | INSERT INTO t VALUES (9, 0, 'new')",
        "UPDATE t SET name='x' WHERE id = 1   | UPDATE t SET name='x' WHERE id = 2",
        "UPDATE t SET v = 9 WHERE id = 1      | CREATE TABLE made(x)",
        "UPDATE t SET v = 9 WHERE id = 1      | INSERT INTO words VALUES ('word')",
      })
  @DisplayName("The first committer wins: identities, automatic ids, unique keys, the schema")
  void sameKeysConflict(String mine, String theirs) throws Exception {
    assertConflict(() -> overtaken(Connection.TRANSACTION_REPEATABLE_READ, mine, theirs));
    cluster.converge();
    assertThat(a.conflicts()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "UPDATE t SET name = 'x', v = 1 WHERE id = 1 AND v = 0 | UPDATE t SET v = 1 WHERE id = 1 AND v = 0",
        "UPDATE t AS a SET [V] = a.v + 1 WHERE a.v <= 0 AND id = 1 | UPDATE t SET v = 9 WHERE id = 1",
        "UPDATE t SET (name, v) = ('x', 1) WHERE id = 1 AND v IS 0 | DELETE FROM t WHERE id = 1",
        "DELETE FROM t WHERE id = 1 AND v = 0 | UPDATE t SET v = 9 WHERE id = 1",
        "UPDATE ids SET next = next + 50 WHERE next = 1 | UPDATE ids SET next = next + 50 WHERE next = 1",
      })
  @DisplayName("Who compares and sets is told, as the author of an optimistic lock expects")
  void compareAndSet(String mine, String theirs) throws Exception {
    assertConflict(() -> overtaken(Connection.TRANSACTION_READ_COMMITTED, mine, theirs));
    cluster.converge();

    overtaken(
        Connection.TRANSACTION_READ_UNCOMMITTED,
        "UPDATE t SET v = 3 WHERE id = 2 AND v = 0",
        "UPDATE t SET v = 4 WHERE id = 2 AND v = 0");
    cluster.converge();
    assertThat(b.one("SELECT v FROM t WHERE id = 2")).as("on request").isEqualTo("3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE t SET v = 5 WHERE id = 1",
        "UPDATE t SET id = 5 WHERE id = 1",
        "UPDATE t SET v = 5 WHERE name = 'one'",
        "DELETE FROM t WHERE v = 0",
        "DELETE FROM t WHERE id = 1"
      })
  @DisplayName("What only looks for its rows is not taken for a comparison")
  void noComparison(String mine) throws Exception {
    overtaken(Connection.TRANSACTION_READ_COMMITTED, mine, "UPDATE t SET v = 9 WHERE id = 1");
    cluster.converge();
  }

  @Test
  @DisplayName("Of two nodes that claim a job in one statement, one gets it")
  void singleStatementsClaimOnce() throws Exception {
    int jobs = 40;
    a.run("CREATE TABLE job(id INTEGER PRIMARY KEY, owner TEXT)");
    for (int i = 1; i <= jobs; i++) {
      a.run("INSERT INTO job(id) VALUES (" + i + ")");
    }
    b.awaitSame(a);
    int[] claimed = new int[2];
    inParallel(
        (node, index) -> {
          try (Connection connection = node.connect();
              Statement statement = connection.createStatement()) {
            for (int i = 1; i <= jobs; i++) {
              claimed[index] +=
                  statement.executeUpdate(
                      "UPDATE job SET owner = '"
                          + index
                          + "' WHERE id = "
                          + i
                          + " AND owner IS NULL");
            }
          }
        });
    cluster.converge();
    assertThat(claimed[0] + claimed[1]).isEqualTo(jobs);
  }

  @Test
  @DisplayName("Other rows are no conflict for REPEATABLE_READ, but one for SERIALIZABLE")
  void otherRows() throws Exception {
    String[] theirs = {
      "UPDATE t SET v = 20 WHERE id = 2", "INSERT INTO other VALUES (7)", "DELETE FROM other"
    };
    overtaken(
        Connection.TRANSACTION_REPEATABLE_READ, "UPDATE t SET v = v + 1 WHERE id = 1", theirs);
    cluster.converge();
    assertThat(a.query("SELECT v FROM t ORDER BY id")).containsExactly("1", "20");

    assertConflict(
        () ->
            overtaken(
                Connection.TRANSACTION_SERIALIZABLE,
                "UPDATE t SET v = v + 1 WHERE id = 1",
                "INSERT INTO other VALUES (8)"));
    cluster.converge();
    assertThat(a.query("SELECT v FROM t ORDER BY id")).containsExactly("1", "20");
  }

  @Test
  @DisplayName("The level may be raised in the middle of a transaction")
  void raisedInTheMiddle() throws Exception {
    try (Connection connection = a.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("UPDATE t SET v = v + 1 WHERE id = 1");
      b.run("UPDATE t SET v = 10 WHERE id = 1");
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      assertConflict(connection::commit);
    }
    cluster.converge();
    assertThat(a.one("SELECT v FROM t WHERE id = 1")).isEqualTo("10");
  }

  @Test
  @DisplayName("Two nodes that count in single statements lose nothing")
  void singleStatementsAreRunAgain() throws Exception {
    int each = 30;
    inParallel(
        (node, index) -> {
          try (Connection connection = node.connect();
              Statement statement = connection.createStatement()) {
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            for (int n = 0; n < each; n++) {
              statement.execute("UPDATE t SET v = v + 1 WHERE id = 1");
            }
          }
        });
    cluster.converge();
    assertThat(a.one("SELECT v FROM t WHERE id = 1")).isEqualTo("" + 2 * each);
  }

  @Test
  @DisplayName("An asynchronous node commits what must not be overtaken synchronously")
  void asynchronousNode() throws Exception {
    TestNode c = cluster.node("c", options -> options.publisherAsync(true));
    c.awaitSame(a);
    try (Connection connection = c.connect();
        Statement statement = connection.createStatement()) {
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setAutoCommit(false);
      statement.execute("UPDATE t SET v = v + 1 WHERE id = 1");
      b.run("UPDATE t SET v = 10 WHERE id = 1");
      assertConflict(connection::commit);
      statement.execute("UPDATE t SET v = v + 1 WHERE id = 1");
      connection.commit();
    }
    cluster.converge();
    assertThat(a.one("SELECT v FROM t WHERE id = 1")).isEqualTo("11");
  }
}
