package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.RowIdentity;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetInterceptor;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.publish.JsonPublisher;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EngineOptionsIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;
  private final List<TestNode> nodes = new ArrayList<>();

  @BeforeEach
  void emptyServer() {
    NATS.restartEmpty();
  }

  @AfterEach
  void stop() {
    nodes.forEach(TestNode::close);
  }

  private TestNode start(String name, UnaryOperator<HaSqliteOptions.Builder> changes) {
    TestNode node = TestNode.start(folder, name, NATS.url(), changes);
    nodes.add(node);
    return node;
  }

  @ParameterizedTest
  @EnumSource
  void eachRowIdentityReplicatesChangesOfTheSameRow(RowIdentity identity) throws Exception {
    TestNode a = start("a", options -> options.rowIdentity(identity));
    TestNode b = start("b", options -> options.rowIdentity(identity));
    a.run(
        "CREATE TABLE keyed(id TEXT NOT NULL PRIMARY KEY, v)",
        "CREATE TABLE ipk(id INTEGER PRIMARY KEY, v)",
        "CREATE TABLE bare(x, y)",
        "CREATE TABLE flat(k TEXT PRIMARY KEY, v) WITHOUT ROWID",
        "INSERT INTO keyed VALUES('a', 1), ('b', 2)",
        "INSERT INTO ipk VALUES(7, 1), (8, 2)",
        "INSERT INTO bare VALUES(1, 1), (1, 1), (2, 2)",
        "INSERT INTO flat VALUES('a', 1), ('b', 2)");
    b.awaitSame(a);
    b.run(
        "UPDATE keyed SET v = 10 WHERE id = 'a'",
        "UPDATE ipk SET id = 9, v = 20 WHERE id = 8",
        "DELETE FROM bare WHERE rowid = (SELECT min(rowid) FROM bare WHERE x = 1)",
        "UPDATE bare SET y = 5 WHERE x = 2",
        "DELETE FROM flat WHERE k = 'a'");
    a.awaitSame(b);
    for (TestNode node : List.of(a, b)) {
      assertThat(node.query("SELECT * FROM keyed ORDER BY id")).containsExactly("a|10", "b|2");
      assertThat(node.query("SELECT * FROM ipk ORDER BY id")).containsExactly("7|1", "9|20");
      assertThat(node.query("SELECT * FROM bare ORDER BY x")).containsExactly("1|1", "2|5");
      assertThat(node.query("SELECT * FROM flat")).containsExactly("b|2");
    }
  }

  @Test
  void excludedTablesStayHome() throws Exception {
    TestNode a = start("a", options -> options.excludedTables(Set.of("Secret")));
    TestNode b = start("b", options -> options.excludedTables(Set.of("secret")));
    a.run(
        "CREATE TABLE secret(x)",
        "CREATE INDEX secret_x ON secret(x)",
        "CREATE TABLE open(x)",
        "INSERT INTO secret VALUES(1)",
        "INSERT INTO open SELECT x FROM secret");
    b.awaitSame(a);
    assertThat(b.query("SELECT name FROM sqlite_schema WHERE name LIKE 'secret%'")).isEmpty();
    assertThat(b.query("SELECT x FROM open")).containsExactly("1");
  }

  @Test
  void withoutDdlSyncTheSchemaStaysHome() throws Exception {
    TestNode a = start("a", options -> options.ddlSync(false));
    TestNode b = start("b", options -> options.ddlSync(false));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    b.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v, extra DEFAULT 'x')");
    a.run("INSERT INTO t VALUES(1, 'one')");
    b.awaitSame(a);
    assertThat(b.query("SELECT * FROM t")).containsExactly("1|one|x");
  }

  @Test
  void anInterceptorChangesAndSkipsOnEveryNodeAlike() throws Exception {
    ChangeSetInterceptor upper =
        new ChangeSetInterceptor() {
          @Override
          public Optional<ChangeSet> before(ChangeSet changeSet, Connection connection)
              throws SQLException {
            assertThatThrownBy(() -> connection.createStatement().execute("CREATE TABLE no(a)"))
                .isInstanceOf(SQLException.class);
            assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
            List<Transaction> changed = new ArrayList<>();
            for (Transaction transaction : changeSet.transactions()) {
              List<Change> changes = new ArrayList<>();
              for (Change change : transaction.changes()) {
                if (change.newValues() != null && change.newValues().contains("skip")) {
                  return Optional.empty();
                }
                changes.add(change.newValues() == null ? change : upper(change));
              }
              changed.add(
                  new Transaction(transaction.number(), transaction.baseSequence(), changes));
            }
            return Optional.of(changeSet.withTransactions(changed));
          }
        };
    TestNode a = start("a", options -> options.interceptor(upper));
    TestNode b = start("b", options -> options.interceptor(upper));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    a.run("INSERT INTO t VALUES(1, 'one')", "INSERT INTO t VALUES(2, 'skip')");
    b.awaitSame(a);
    for (TestNode node : List.of(a, b)) {
      assertThat(node.query("SELECT * FROM t")).containsExactly("1|ONE");
    }
  }

  private static Change upper(Change change) {
    List<Object> values = new ArrayList<>();
    for (Object value : change.newValues()) {
      values.add(value instanceof String text ? text.toUpperCase(java.util.Locale.ROOT) : value);
    }
    return new Change(
        change.operation(),
        change.table(),
        change.columns(),
        change.keyColumns(),
        change.oldRowid(),
        change.newRowid(),
        change.oldValues(),
        values,
        null,
        List.of(),
        change.timestampNs());
  }

  @Test
  void anExceptionOfAnInterceptorHaltsVisibly() throws Exception {
    TestNode a = start("a", UnaryOperator.identity());
    TestNode b =
        start(
            "b",
            options ->
                options.interceptor(
                    new ChangeSetInterceptor() {
                      @Override
                      public Optional<ChangeSet> before(ChangeSet changeSet, Connection connection)
                          throws SQLException {
                        throw new SQLException("not with me");
                      }
                    }));
    a.run("CREATE TABLE t(a)");
    b.engine().await(a.engine().status().position(), java.time.Duration.ofMillis(200));
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (b.engine().status().state() != State.HALTED && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(b.engine().status().state()).isEqualTo(State.HALTED);
    assertThat(b.engine().status().problem()).contains("not with me");
    assertThatThrownBy(() -> b.run("CREATE TABLE u(a)"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("55000"));
  }

  @Test
  void nothingIsAppliedOrCommittedBeforeTheGateOpens() throws Exception {
    TestNode a = start("a", UnaryOperator.identity());
    a.run("CREATE TABLE t(a)");
    CompletableFuture<Void> gate = new CompletableFuture<>();
    TestNode b = start("b", options -> options.waitFor(gate));
    assertThat(b.engine().status().state()).isEqualTo(State.WAITING);
    assertThatThrownBy(() -> b.run("CREATE TABLE u(a)")).hasMessageContaining("gate");
    assertThat(b.query("SELECT name FROM sqlite_schema")).isEmpty();
    gate.complete(null);
    b.awaitSame(a);
    b.run("INSERT INTO t VALUES(1)");
    assertThat(b.query("SELECT a FROM t")).containsExactly("1");
  }

  @Test
  void aGateThatFailsIsSaid() {
    CompletableFuture<Void> gate = new CompletableFuture<>();
    TestNode a = start("a", options -> options.waitFor(gate));
    gate.completeExceptionally(new IllegalStateException("no warm-up"));
    assertThat(a.engine().status().problem()).contains("no warm-up");
    assertThatThrownBy(() -> a.run("CREATE TABLE u(a)")).hasMessageContaining("no warm-up");
  }

  @Test
  void aPublisherOfTheUsersOwnTakesChangesetsAndTheNodeCommitsLocally() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    HaSqliteOptions options =
        HaSqliteOptions.builder(folder.resolve("local.db"))
            .nodeName("local")
            .publisher(new JsonPublisher(out))
            .build();
    try (HaSqlite engine = HaSqlite.open(options);
        Connection connection = engine.dataSource().getConnection()) {
      connection.createStatement().execute("CREATE TABLE t(a)");
      connection.createStatement().execute("INSERT INTO t VALUES(5)");
      assertThat(engine.status().state()).isEqualTo(State.STANDALONE);
      assertThat(engine.status().notices()).anyMatch(notice -> notice.contains("order"));
      assertThat(Databases.find(folder.resolve("local.db"))).contains(engine);
    }
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .hasSize(2)
        .last()
        .asString()
        .contains("\"new_values\":[5]");
    assertThat(Databases.find(folder.resolve("local.db"))).isEmpty();
  }

  @Test
  void shutdownClosesAllDatabasesOfTheProcess() throws Exception {
    HaSqlite one = HaSqlite.open(HaSqliteOptions.builder(folder.resolve("1.db")).build());
    HaSqlite two = HaSqlite.open(HaSqliteOptions.builder(folder.resolve("2.db")).build());
    assertThat(Databases.all()).contains(one, two);
    Databases.shutdown();
    assertThat(Databases.all()).doesNotContain(one, two);
    assertThat(one.status().state()).isEqualTo(State.CLOSED);
    assertThatThrownBy(() -> two.dataSource().getConnection()).hasMessageContaining("closed");
    one.close();
  }

  @Test
  void anExtensionIsLoadedIntoEveryConnection() throws Exception {
    Path library = TestExtension.build(folder);
    HaSqliteOptions options =
        HaSqliteOptions.builder(folder.resolve("extended.db"))
            .extensions(List.of(library + "!" + TestExtension.ENTRY_POINT))
            .build();
    try (HaSqlite engine = HaSqlite.open(options)) {
      for (int i = 0; i < 2; i++) {
        try (Connection connection = engine.dataSource().getConnection();
            ResultSet row = connection.createStatement().executeQuery(TestExtension.PROOF)) {
          assertThat(row.next()).isTrue();
          assertThatThrownBy(
                  () ->
                      connection
                          .createStatement()
                          .executeQuery("SELECT load_extension('" + library + "')"))
              .hasMessageContaining("not authorized");
        }
      }
    }
    assertThatThrownBy(
            () ->
                HaSqlite.open(
                    HaSqliteOptions.builder(folder.resolve("none.db"))
                        .extensions(List.of("/nowhere/none.so"))
                        .build()))
        .hasMessageContaining("/nowhere/none.so");
  }
}
