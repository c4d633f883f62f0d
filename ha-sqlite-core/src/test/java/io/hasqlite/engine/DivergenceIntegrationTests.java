package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TcpProxy;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What made nodes differ elsewhere. */
@Timeout(60)
class DivergenceIntegrationTests {

  private static final Duration SHORT = Duration.ofMillis(700);

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private TestCluster cluster;
  private TestNode a;
  private TestNode b;

  @BeforeEach
  void startTwoNodes() {
    cluster = new TestCluster(folder, NATS.url());
    a = cluster.node("a");
    b = cluster.node("b");
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  /** Runs statements on both nodes, on b the later ones: b has written before it sees a's. */
  private void atTheSameMoment(List<String> onA, List<String> onB) throws Exception {
    cluster.converge();
    try (Connection connection = b.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (String sql : onB) {
        statement.execute(sql); // b applies nothing as long as this transaction is open
      }
      a.transaction(onA.toArray(String[]::new));
      connection.commit();
    }
    cluster.converge();
  }

  @Test
  @DisplayName("D1: A and B insert and update the same row at the same moment")
  void theLaterOneOfTwoWritersWinsOnBothNodes() throws Exception {
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    atTheSameMoment(
        List.of("INSERT INTO t VALUES(1, 'a')"), List.of("INSERT INTO t VALUES(1, 'b')"));
    assertThat(a.one("SELECT v FROM t")).isEqualTo("b");
    atTheSameMoment(List.of("UPDATE t SET v = 'a2'"), List.of("UPDATE t SET v = 'b2'"));
    assertThat(a.one("SELECT v FROM t")).isEqualTo("b2");
    assertThat(a.conflicts()).containsExactly("displaced|t", "overwritten|t");
  }

  @Test
  @DisplayName("D1: two nodes write the same rows as fast as they can")
  void nodesThatRaceAgree() throws Exception {
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    cluster.converge();
    CyclicBarrier together = new CyclicBarrier(2);
    inParallel(() -> race(a, together), () -> race(b, together));
    cluster.converge();
    assertThat(a.one("SELECT count(*) FROM t")).isEqualTo("100");
  }

  private static Void race(TestNode node, CyclicBarrier together) throws Exception {
    for (int i = 0; i < 100; i++) {
      together.await(10, TimeUnit.SECONDS);
      String name = node.file().getFileName().toString();
      node.run(
          "INSERT INTO t VALUES(" + i + ", '" + name + "') ON CONFLICT DO UPDATE SET v = v || '+'");
    }
    return null;
  }

  @SafeVarargs
  private static void inParallel(Callable<Void>... tasks) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(tasks.length);
    try {
      List<Future<Void>> results = new ArrayList<>();
      for (Callable<Void> task : tasks) {
        results.add(threads.submit(task));
      }
      for (Future<Void> result : results) {
        result.get(40, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  @DisplayName("D3: the publish acknowledgement is lost, the message is not")
  void aTransactionWhoseAcknowledgementIsLostTakesEffectEverywhere() throws Exception {
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    try (TcpProxy proxy = TcpProxy.to(NATS.server().port())) {
      TestNode c = cluster.node("c", proxy.url(), options -> options.publisherTimeout(SHORT));
      long before = cluster.lastSequence();
      proxy.dropAnswers();
      assertInDoubt(() -> c.run("INSERT INTO t VALUES(1, 'in doubt')"));
      assertThat(c.query("SELECT * FROM t")).isEmpty();
      proxy.pass();
      proxy.cut();
      assertThat(cluster.lastSequence()).isEqualTo(before + 1);
      b.run("INSERT INTO t VALUES(2, 'after')");
      cluster.converge();
      assertThat(c.query("SELECT * FROM t ORDER BY id")).containsExactly("1|in doubt", "2|after");
      Eventually.holds(() -> assertThat(c.engine().status().connected()).isTrue());
      c.run("UPDATE t SET v = 'known' WHERE id = 1");
      cluster.converge();
    }
  }

  @Test
  @DisplayName("D3: the message is lost with its acknowledgement")
  void aTransactionWhoseMessageIsLostTakesEffectNowhere() throws Exception {
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    try (TcpProxy proxy = TcpProxy.to(NATS.server().port())) {
      TestNode c = cluster.node("c", proxy.url(), options -> options.publisherTimeout(SHORT));
      proxy.dropRequests();
      assertInDoubt(() -> c.run("INSERT INTO t VALUES(1, 'lost')"));
      proxy.pass();
      proxy.cut();
      b.run("INSERT INTO t VALUES(2, 'after')");
      cluster.converge();
      assertThat(c.query("SELECT * FROM t")).containsExactly("2|after");
    }
  }

  @Test
  @DisplayName("D3: the message arrives after the caller was told that it is in doubt")
  void aMessageThatArrivesLateTakesEffectEverywhere() throws Exception {
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    try (TcpProxy proxy = TcpProxy.to(NATS.server().port())) {
      TestNode c = cluster.node("c", proxy.url(), options -> options.publisherTimeout(SHORT));
      long before = cluster.lastSequence();
      proxy.holdRequests();
      assertInDoubt(() -> c.run("INSERT INTO t VALUES(1, 'late')"));
      assertThat(c.query("SELECT * FROM t")).isEmpty();
      proxy.pass();
      Eventually.holds(() -> assertThat(cluster.lastSequence()).isEqualTo(before + 1));
      cluster.converge();
      assertThat(c.query("SELECT * FROM t")).containsExactly("1|late");
    }
  }

  @Test
  @DisplayName("D3: a late message that expected nothing in between is overtaken")
  void aLateMessageThatWasOvertakenIsRefused() throws Exception {
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    try (TcpProxy proxy = TcpProxy.to(NATS.server().port())) {
      TestNode c = cluster.node("c", proxy.url(), options -> options.publisherTimeout(SHORT));
      proxy.holdRequests();
      assertInDoubt(() -> c.run("INSERT INTO t VALUES(1, 'late')"));
      a.run("INSERT INTO t VALUES(2, 'in between')");
      proxy.pass();
      Eventually.holds(() -> assertThat(c.query("SELECT id FROM t")).containsExactly("2"));
      c.run("INSERT INTO t VALUES(3, 'next')"); // after the late one: it came over the same line
      cluster.converge();
      assertThat(b.query("SELECT id FROM t ORDER BY id")).containsExactly("2", "3");
    }
  }

  private interface Action {
    void run() throws Exception;
  }

  private static void assertInDoubt(Action action) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08007"))
        .hasMessageContaining("in doubt");
  }

  @Test
  @DisplayName("D4: SAVEPOINT, INSERT, ROLLBACK TO, COMMIT (Spring's NESTED)")
  void whatIsRolledBackToASavepointExistsNowhere() throws Exception {
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    try (Connection connection = a.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("INSERT INTO t VALUES(1, 'kept')");
      Savepoint savepoint = connection.setSavepoint();
      statement.execute("INSERT INTO t VALUES(2, 'gone')");
      statement.execute("UPDATE t SET v = 'changed' WHERE id = 1");
      connection.rollback(savepoint);
      statement.execute("INSERT INTO t VALUES(3, 'kept')");
      connection.commit();
    }
    cluster.converge();
    assertThat(b.query("SELECT * FROM t ORDER BY id")).containsExactly("1|kept", "3|kept");
    assertThat(new String(cluster.message(cluster.lastSequence()))).doesNotContain("gone");
  }

  @Test
  @DisplayName("D5: a multi-row INSERT fails in the middle, the application goes on and commits")
  void rowsOfAFailedStatementStayOnNoNode() throws Exception {
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v NOT NULL)");
    try (Connection connection = a.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("INSERT INTO t VALUES(1, 'before')");
      assertThatThrownBy(() -> statement.execute("INSERT INTO t VALUES(2, 'x'), (3, NULL)"))
          .isInstanceOf(SQLException.class);
      assertThatThrownBy(
              () -> statement.execute("INSERT OR FAIL INTO t VALUES(4, 'or fail'), (5, NULL)"))
          .isInstanceOf(SQLException.class);
      statement.execute("INSERT OR IGNORE INTO t VALUES(6, 'or ignore'), (7, NULL)");
      connection.commit();
    }
    cluster.converge();
    assertThat(b.query("SELECT * FROM t ORDER BY id"))
        .containsExactly("1|before", "4|or fail", "6|or ignore");
  }

  @Test
  @DisplayName("D6: A updates the name, B the e-mail of one row")
  void editsOfDifferentColumnsBothSurvive() throws Exception {
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, name, email)");
    a.run("INSERT INTO t VALUES(1, 'Ann', 'ann@x')");
    atTheSameMoment(List.of("UPDATE t SET name = 'Anna'"), List.of("UPDATE t SET email = 'a@y'"));
    assertThat(a.query("SELECT * FROM t")).containsExactly("1|Anna|a@y");
    assertThat(a.conflicts()).isEmpty();
  }

  @Test
  @DisplayName("D7: A deletes a row, B updates it, at the same moment")
  void anUpdateAfterADeleteBringsTheRowBackAndIsRecorded() throws Exception {
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v, w)");
    a.run("INSERT INTO t VALUES(1, 'old', 'w')");
    atTheSameMoment(List.of("DELETE FROM t"), List.of("UPDATE t SET v = 'new'"));
    assertThat(a.query("SELECT * FROM t")).containsExactly("1|new|w");
    assertThat(a.conflicts()).containsExactly("revived|t");
    assertThat(b.conflicts()).containsExactly("revived|t");
  }

  @Test
  @DisplayName("D7: A updates a row, B deletes it, at the same moment")
  void aDeleteAfterAnUpdateWinsAndIsRecorded() throws Exception {
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    a.run("INSERT INTO t VALUES(1, 'old')");
    atTheSameMoment(List.of("UPDATE t SET v = 'new'"), List.of("DELETE FROM t"));
    assertThat(a.query("SELECT * FROM t")).isEmpty();
    for (TestNode node : List.of(a, b)) {
      assertThat(node.conflicts()).containsExactly("overwritten|t");
      assertThat(node.one("SELECT image FROM ha_conflicts")).contains("\"new\"");
    }
  }

  @Test
  @DisplayName("D8: a parent row comes again while foreign keys cascade")
  void childrenOfARowThatIsReplacedStay() throws Exception {
    a.run("CREATE TABLE parent(id INTEGER PRIMARY KEY, v)");
    a.run("CREATE TABLE child(id INTEGER PRIMARY KEY, p REFERENCES parent ON DELETE CASCADE)");
    atTheSameMoment(
        List.of("INSERT INTO parent VALUES(1, 'a')", "INSERT INTO child VALUES(10, 1)"),
        List.of("INSERT INTO parent VALUES(1, 'b')"));
    assertThat(a.query("SELECT * FROM parent")).containsExactly("1|b");
    assertThat(a.query("SELECT * FROM child")).containsExactly("10|1");
  }

  @Test
  @DisplayName("D8: a row displaced by a UNIQUE conflict is recorded, its children stay")
  void aRowThatLosesItsUniqueValueIsRecorded() throws Exception {
    a.run("CREATE TABLE parent(id INTEGER PRIMARY KEY, code UNIQUE)");
    a.run("CREATE TABLE child(id INTEGER PRIMARY KEY, p REFERENCES parent ON DELETE CASCADE)");
    atTheSameMoment(
        List.of("INSERT INTO parent VALUES(1, 'x')", "INSERT INTO child VALUES(10, 1)"),
        List.of("INSERT INTO parent VALUES(2, 'x')"));
    for (TestNode node : List.of(a, b)) {
      assertThat(node.query("SELECT * FROM parent")).containsExactly("2|x");
      assertThat(node.query("SELECT * FROM child")).containsExactly("10|1");
      assertThat(node.conflicts()).containsExactly("displaced|parent");
    }
  }

  @Test
  @DisplayName("D8: a cascade at the origin happens once, with the rows that it met")
  void cascadesTravelAsRows() throws Exception {
    a.run("CREATE TABLE parent(id INTEGER PRIMARY KEY)");
    a.run("CREATE TABLE child(id INTEGER PRIMARY KEY, p REFERENCES parent ON DELETE CASCADE)");
    a.run("INSERT INTO parent VALUES(1)", "INSERT INTO child VALUES(10, 1)");
    atTheSameMoment(
        List.of("INSERT INTO child VALUES(11, 1)"), List.of("DELETE FROM parent WHERE id = 1"));
    assertThat(a.query("SELECT id FROM child")).containsExactly("11");
  }

  @Test
  @DisplayName("D9: an audit trigger on the table")
  void oneAuditRowPerChangeOnEachNode() throws Exception {
    a.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
        "CREATE TABLE audit(id INTEGER PRIMARY KEY, what)",
        "CREATE TRIGGER ins AFTER INSERT ON t BEGIN INSERT INTO audit(what) VALUES('i' || new.id);"
            + " END",
        "CREATE TRIGGER upd BEFORE UPDATE ON t BEGIN INSERT INTO audit(what) VALUES('u' || new.id);"
            + " END",
        "INSERT INTO t VALUES(1, 'x')",
        "UPDATE t SET v = 'y'");
    cluster.converge();
    b.run("INSERT INTO t VALUES(2, 'z')");
    cluster.converge();
    for (TestNode node : List.of(a, b)) {
      assertThat(node.query("SELECT what FROM audit ORDER BY id"))
          .containsExactly("i1", "u1", "i2");
    }
  }

  @Test
  @DisplayName("D10: table without a primary key, concurrent inserts, then a delete")
  void theSameRowOfAKeylessTableGoesEverywhere() throws Exception {
    a.run("CREATE TABLE t(v)", "INSERT INTO t VALUES('first'), ('twin'), ('twin')");
    atTheSameMoment(List.of("INSERT INTO t VALUES('a')"), List.of("INSERT INTO t VALUES('b')"));
    assertThat(a.query("SELECT rowid, v FROM t"))
        .isEqualTo(b.query("SELECT rowid, v FROM t"))
        .contains("4|b");
    b.run("DELETE FROM t WHERE rowid = 2");
    cluster.converge();
    assertThat(a.query("SELECT rowid, v FROM t"))
        .isEqualTo(b.query("SELECT rowid, v FROM t"))
        .containsExactly("1|first", "3|twin", "4|b");
  }

  @Test
  @DisplayName("D12: a change is published twice, another node's change between")
  void aRepeatedMessageHasNoEffect() throws Exception {
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'first')");
    byte[] first = cluster.message(cluster.lastSequence());
    cluster.converge();
    b.run("UPDATE t SET v = 'second'");
    cluster.publish(first);
    cluster.converge();
    assertThat(a.query("SELECT * FROM t")).containsExactly("1|second");
    assertThat(a.conflicts()).isEmpty();
    TestNode fresh = cluster.node("fresh");
    assertThat(fresh.query("SELECT * FROM t")).containsExactly("1|second");
    cluster.converge();
  }

  @Test
  @DisplayName("D13: crash after the apply committed and before the acknowledgement")
  void whatWasAppliedButNotAcknowledgedIsAppliedOnce() throws Exception {
    a.run("CREATE TABLE t(v)", "INSERT INTO t VALUES('x')");
    try (TcpProxy proxy = TcpProxy.to(NATS.server().port())) {
      TestNode c = cluster.node("c", proxy.url(), options -> options);
      proxy.holdRequests(); // c hears, but its acknowledgements do not get through
      a.run("ALTER TABLE t ADD COLUMN w DEFAULT 'w'", "INSERT INTO t VALUES('y', 'z')");
      c.awaitSame(a);
      long acknowledged =
          cluster
              .client()
              .jetStreamManagement()
              .getConsumerInfo(cluster.stream(), "test_c")
              .getAckFloor()
              .getStreamSequence();
      assertThat(acknowledged).isLessThan(cluster.lastSequence() - 1);
      proxy.cut(); // what it had sent is lost
      proxy.pass();
      c.restart();
      cluster.converge();
      assertThat(c.query("SELECT * FROM t ORDER BY rowid")).containsExactly("x|w", "y|z");
      assertThat(c.conflicts()).isEmpty();
    }
  }

  @Test
  @DisplayName("D13: ALTER TABLE ADD COLUMN is published twice")
  void ddlThatIsRepeatedHasNoEffect() throws Exception {
    a.run("CREATE TABLE t(v)", "ALTER TABLE t ADD COLUMN w");
    cluster.publish(cluster.message(cluster.lastSequence()));
    cluster.converge();
    assertThat(b.conflicts()).isEmpty();
    a.run("INSERT INTO t VALUES(1, 2)");
    cluster.converge();
  }

  @Test
  @DisplayName("D14: tables called it's, order, a b, \"q\"; a column called group")
  void oddNamesAreReplicated() throws Exception {
    for (String name : List.of("it's", "order", "a b", "\"q\"", "ünïcode", "semi;colon", "x--y")) {
      String table = '"' + name.replace("\"", "\"\"") + '"';
      a.run(
          "CREATE TABLE " + table + "(\"group\" TEXT NOT NULL PRIMARY KEY, \"a'b\" , \"c\"\"d\")",
          "INSERT INTO " + table + " VALUES('k', 1, 2), ('gone', 3, 4)",
          "UPDATE " + table + " SET \"a'b\" = 5 WHERE \"group\" = 'k'",
          "DELETE FROM " + table + " WHERE \"group\" = 'gone'",
          "CREATE INDEX \"ix " + name.replace("\"", "\"\"") + "\" ON " + table + "(\"a'b\")");
      cluster.converge();
      assertThat(b.query("SELECT * FROM " + table)).as(name).containsExactly("k|5|2");
    }
  }

  @Test
  @DisplayName("D15: one execute with INSERT INTO old; ALTER TABLE old RENAME TO new")
  void statementsOfOneTextTravelInTheirOrder() throws Exception {
    a.run("CREATE TABLE old(id INTEGER PRIMARY KEY, v)");
    a.run(
        "INSERT INTO old VALUES(1, 'x'); ALTER TABLE old RENAME TO renewed;"
            + " INSERT INTO renewed VALUES(2, 'y')");
    a.transaction(
        "INSERT INTO renewed VALUES(3, 'z'); ALTER TABLE renewed RENAME TO final;"
            + " INSERT INTO final VALUES(4, 'ä')");
    cluster.converge();
    assertThat(b.query("SELECT id FROM final ORDER BY id")).containsExactly("1", "2", "3", "4");
    assertThat(b.conflicts()).isEmpty();
  }

  @Test
  @DisplayName("D16: DDL through a prepared statement")
  void preparedDdlIsReplicated() throws Exception {
    try (Connection connection = a.connect()) {
      for (String sql :
          List.of(
              "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
              "CREATE INDEX i ON t(v)",
              "ALTER TABLE t ADD COLUMN w",
              "CREATE VIEW view AS SELECT * FROM t")) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
          statement.execute();
        }
      }
      try (PreparedStatement statement =
          connection.prepareStatement("INSERT INTO t VALUES(?, ?, ?)")) {
        statement.setInt(1, 1);
        statement.setString(2, "v");
        statement.setString(3, "w");
        statement.executeUpdate();
      }
    }
    cluster.converge();
    assertThat(b.query("SELECT * FROM view")).containsExactly("1|v|w");
    assertThat(b.content()).containsKey("index i");
  }

  @Test
  @DisplayName("D17: A creates t(a), B creates t(a, b) at the same moment")
  void oneOfTwoDefinitionsWinsAndTheOtherIsTold() throws Exception {
    try (Connection connection = b.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("CREATE TABLE t(a, b)");
      a.run("CREATE TABLE t(a)");
      assertThatThrownBy(connection::commit)
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));
    }
    cluster.converge();
    assertThat(b.one("SELECT sql FROM sqlite_schema WHERE name = 't'"))
        .isEqualTo("CREATE TABLE t(a)");
  }

  @Test
  @DisplayName("D17: CREATE TABLE in auto-commit on two nodes, as fast as they can")
  void racingDefinitionsLeaveEqualSchemas() throws Exception {
    CyclicBarrier together = new CyclicBarrier(2);
    List<Integer> created = new ArrayList<>();
    Callable<Void> onA = () -> define(a, "(a)", together, created);
    Callable<Void> onB = () -> define(b, "(a, b)", together, created);
    inParallel(onA, onB);
    cluster.converge();
    assertThat(created).hasSize(20).doesNotHaveDuplicates();
  }

  private static Void define(
      TestNode node, String columns, CyclicBarrier together, List<Integer> created)
      throws Exception {
    for (int i = 0; i < 20; i++) {
      together.await(10, TimeUnit.SECONDS);
      try {
        node.run("CREATE TABLE t" + i + columns);
        synchronized (created) {
          created.add(i);
        }
      } catch (SQLException e) {
        assertThat(e.getMessage()).contains("already exists");
      }
    }
    return null;
  }

  @Test
  @DisplayName("D18: bytes, blobs in TEXT columns, large integers, 1.0 without a type, infinities")
  void valuesKeepTheirBitsAndTypes() throws Exception {
    a.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB, s TEXT, x)",
        "INSERT INTO t VALUES(1, x'ff00', x'00ff', 757836450123456789)",
        "INSERT INTO t VALUES(2, 'text', 'a' || char(0) || 'b', 1.0)",
        "INSERT INTO t VALUES(3, 9e999, -9e999, -9e999), (4, 1.0, char(128512), 9e999)",
        "UPDATE t SET x = 1 WHERE id = 2");
    cluster.converge();
    assertThat(b.query("SELECT typeof(b), typeof(s), typeof(x) FROM t ORDER BY id"))
        .containsExactly(
            "blob|blob|integer", "text|text|integer", "real|text|real", "real|text|real");
    assertThat(b.query("SELECT id FROM t WHERE x = 757836450123456789")).containsExactly("1");
  }

  @Test
  @DisplayName("D19: generated columns, stored and virtual")
  void generatedColumnsAreReplicated() throws Exception {
    a.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, s AS (a * 2) STORED, v AS (a + 1) VIRTUAL,"
            + " z)",
        "INSERT INTO t(id, a, z) VALUES(1, 10, 'z'), (2, 20, 'y')",
        "UPDATE t SET a = 11 WHERE id = 1",
        "ALTER TABLE t ADD COLUMN g AS (z || '!')");
    cluster.converge();
    b.run("UPDATE t SET z = 'x' WHERE id = 2");
    cluster.converge();
    for (TestNode node : List.of(a, b)) {
      assertThat(node.query("SELECT * FROM t ORDER BY id"))
          .containsExactly("1|11|22|12|z|z!", "2|20|40|21|x|x!");
    }
  }

  @Test
  @DisplayName("D20: temp tables and attached databases")
  void whatIsNotInTheMainDatabaseNeverLeavesTheNode() throws Exception {
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    long before = cluster.lastSequence();
    try (Connection connection = a.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TEMP TABLE t(id INTEGER PRIMARY KEY, v)");
      statement.execute("CREATE TEMP TABLE other(id INTEGER PRIMARY KEY, v)");
      statement.execute("ATTACH '" + folder.resolve("attached.db") + "' AS att");
      statement.execute("CREATE TABLE att.t(id INTEGER PRIMARY KEY, v)");
      statement.execute("CREATE TABLE att.elsewhere(id INTEGER PRIMARY KEY, v)");
      statement.execute("INSERT INTO t VALUES(1, 'temp')");
      statement.execute("INSERT INTO temp.other VALUES(1, 'temp')");
      statement.execute("INSERT INTO att.t VALUES(1, 'attached')");
      statement.execute("INSERT INTO elsewhere VALUES(1, 'attached')");
      assertThat(cluster.lastSequence()).isEqualTo(before);
      statement.execute("INSERT INTO main.t VALUES(2, 'main')");
      statement.execute("DROP TABLE temp.t");
    }
    cluster.converge();
    assertThat(cluster.lastSequence()).isEqualTo(before + 1);
    assertThat(b.query("SELECT * FROM t")).containsExactly("2|main");
    assertThat(b.content()).containsOnlyKeys("table t");
  }

  @Test
  @DisplayName("D22: a message meets a UNIQUE value on the replica")
  void aUniqueConflictIsDecidedAndReplicationGoesOn() throws Exception {
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, email UNIQUE, v)");
    a.run("INSERT INTO t VALUES(1, 'a@x', ''), (2, 'b@x', '')");
    atTheSameMoment(
        List.of("UPDATE t SET email = 'same@x' WHERE id = 1"),
        List.of("UPDATE t SET email = 'same@x' WHERE id = 2"));
    assertThat(a.query("SELECT id, email FROM t")).containsExactly("2|same@x");
    assertThat(a.conflicts()).contains("displaced|t");
    a.run("INSERT INTO t VALUES(3, 'c@x', '')");
    cluster.converge();
  }
}
