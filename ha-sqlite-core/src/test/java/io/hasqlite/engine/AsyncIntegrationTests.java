package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.engine.GatedStream.Fault;
import io.hasqlite.engine.GatedStream.Gate;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.outbox.Backlog;
import io.hasqlite.stream.PublishInDoubtException;
import io.hasqlite.stream.StreamException;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.SettableClock;
import io.hasqlite.testing.TcpProxy;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.StreamConfiguration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that commit first and publish afterwards. */
@Timeout(60)
class AsyncIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private final ChangeSetCodec codec = new ChangeSetCodec();
  private TestCluster cluster;

  @BeforeEach
  void prepare() {
    cluster = new TestCluster(folder, NATS.url());
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  /** Starts a node whose transactions wait until they are sent by hand. */
  private TestNode waiting(String name, Gate gate) {
    return cluster.node(
        name,
        options ->
            options
                .publisherAsync(true)
                .relayStarted(false)
                .streamWrapper(stream -> new GatedStream(stream, gate)));
  }

  private static void send(TestNode node) throws Exception {
    Eventually.holds(() -> assertThat(node.engine().status().state()).isEqualTo(State.RUNNING));
    while (node.engine().sendNext()) {
      // one message after the other
    }
  }

  private static Backlog backlog(TestNode node) {
    return node.engine().status().backlog();
  }

  private static void awaitSent(TestNode node) throws Exception {
    Eventually.holds(() -> assertThat(backlog(node)).isEqualTo(Backlog.EMPTY));
  }

  /** The node's own numbers in the stream after a sequence, in the stream's order. */
  private List<Long> numbersAfter(long sequence) throws Exception {
    List<Long> numbers = new ArrayList<>();
    for (long at = sequence + 1; at <= cluster.lastSequence(); at++) {
      for (Transaction transaction : codec.decode(cluster.message(at)).transactions()) {
        numbers.add(transaction.number());
      }
    }
    return numbers;
  }

  @Test
  @DisplayName("D11: x=1 waits in the outbox, crash, restart, x=2 is written: ends with 2")
  void whatWaitedBeforeACrashIsSentBeforeWhatIsWrittenAfterIt() throws Exception {
    TestNode b = cluster.node("b");
    b.run("CREATE TABLE t(id INTEGER PRIMARY KEY, x)", "INSERT INTO t VALUES(1, 0)");
    TestNode a = waiting("a", new Gate());
    a.run("UPDATE t SET x = 1");
    Path crashed = Files.createDirectory(folder.resolve("crashed"));
    copy(a.file(), crashed.resolve("db"));
    a.close(); // what it does after the crash is undone with the file
    copy(crashed.resolve("db"), a.file());
    a.open();
    assertThat(backlog(a).transactions()).isEqualTo(1);
    a.run("UPDATE t SET x = 2");
    long before = cluster.lastSequence();
    send(a);
    assertThat(cluster.lastSequence()).isEqualTo(before + 2); // an origin has its own messages
    cluster.converge();
    assertThat(b.query("SELECT * FROM t")).containsExactly("1|2");
    assertThat(backlog(a)).isEqualTo(Backlog.EMPTY);
  }

  private static void copy(Path from, Path to) throws Exception {
    for (String suffix : List.of("", "-wal")) {
      Path source = from.resolveSibling(from.getFileName() + suffix);
      Path target = to.resolveSibling(to.getFileName() + suffix);
      Files.deleteIfExists(target);
      if (Files.exists(source)) {
        Files.copy(source, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.deleteIfExists(to.resolveSibling(to.getFileName() + "-shm"));
  }

  @Test
  @DisplayName("D12: a change is published twice, another node's change between")
  void aRepeatHasNoEffectAlsoOverWhatIsPending() throws Exception {
    TestNode b = cluster.node("b");
    b.run("CREATE TABLE t(id INTEGER PRIMARY KEY, x)", "INSERT INTO t VALUES(1, 0)");
    TestNode a = waiting("a", new Gate());
    a.run("UPDATE t SET x = 1");
    send(a);
    b.awaitSequence(cluster.lastSequence());
    byte[] first = cluster.message(cluster.lastSequence());
    b.run("UPDATE t SET x = 2");
    a.awaitSame(b);
    a.run("INSERT INTO t VALUES(2, 'pending')");
    cluster.publish(first);
    a.awaitSequence(cluster.lastSequence());
    assertThat(a.query("SELECT * FROM t ORDER BY id")).containsExactly("1|2", "2|pending");
    send(a);
    cluster.converge();
    assertThat(b.query("SELECT * FROM t ORDER BY id")).containsExactly("1|2", "2|pending");
  }

  @Test
  @DisplayName("D12: after a lost answer the same message comes again, however much waits by then")
  void aMessageThatIsInTheStreamAlreadyIsNotStoredTwice() throws Exception {
    Gate gate = new Gate();
    TestNode a = waiting("a", gate);
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    gate.close(cluster.lastSequence());
    gate.failNextPublish(Fault.ACK_LOST);
    long before = cluster.lastSequence();
    a.run("INSERT INTO t VALUES(1)", "INSERT INTO t VALUES(2)");
    assertThatThrownBy(() -> send(a)).isInstanceOf(PublishInDoubtException.class);
    a.run("INSERT INTO t VALUES(3)");
    send(a);
    assertThat(numbersAfter(before)).containsExactly(2L, 3L, 4L);
    a.awaitSequence(cluster.lastSequence());
    assertThat(backlog(a)).isEqualTo(Backlog.EMPTY);
  }

  @Test
  @DisplayName("D12: after a restart what waits is grouped in another way; each takes effect once")
  void whatIsSentAgainInALargerGroupTakesEffectOnce() throws Exception {
    Gate gate = new Gate();
    TestNode a = waiting("a", gate);
    TestNode b = cluster.node("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(0, 0)");
    send(a);
    a.awaitSequence(cluster.lastSequence());
    gate.close(cluster.lastSequence());
    gate.failNextPublish(Fault.ACK_LOST);
    a.run("UPDATE t SET v = 'first'");
    assertThatThrownBy(() -> send(a)).isInstanceOf(PublishInDoubtException.class);
    a.run("INSERT INTO t VALUES(1, 'second')");
    b.awaitSequence(cluster.lastSequence());
    b.run("UPDATE t SET v = 'between'");
    a.close();
    gate.opening(a::open);
    assertThat(backlog(a).transactions()).isEqualTo(2);
    long before = cluster.lastSequence();
    gate.stayClosed(true);
    send(a);
    assertThat(numbersAfter(before)).hasSize(2);
    gate.open(Long.MAX_VALUE);
    cluster.converge();
    assertThat(b.query("SELECT * FROM t ORDER BY id")).containsExactly("0|between", "1|second");
    assertThat(backlog(a)).isEqualTo(Backlog.EMPTY);
  }

  @Test
  @DisplayName("D29: a transaction is in the outbox if and only if it is committed")
  void theOutboxHasExactlyWhatIsCommitted() throws Exception {
    TestNode a = waiting("a", new Gate());
    a.run(
        "CREATE TABLE p(id INTEGER PRIMARY KEY)",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, p REFERENCES p DEFERRABLE INITIALLY DEFERRED, v)");
    a.run("INSERT INTO t(id) VALUES(1)");
    try (Connection connection = a.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("INSERT INTO t(id) VALUES(2)");
      connection.rollback();
      statement.execute("INSERT INTO t VALUES(3, 99, NULL)"); // fails at the commit
      assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
      connection.rollback();
      statement.execute("INSERT INTO t(id) VALUES(4)");
      assertThatThrownBy(() -> statement.execute("INSERT OR ROLLBACK INTO t(id) VALUES(1)"))
          .isInstanceOf(SQLException.class);
      connection.rollback();
      connection.setAutoCommit(true);
      statement.execute("PRAGMA max_page_count = 1"); // the file as it is
      assertThatThrownBy(() -> statement.execute("INSERT INTO t VALUES(5, NULL, zeroblob(100000))"))
          .isInstanceOf(SQLException.class);
      // The row fits into its page, its copy in the outbox does not.
      assertThatThrownBy(
              () -> {
                for (int i = 100; i < 1_000; i++) {
                  statement.execute("INSERT INTO t VALUES(" + i + ", NULL, 'x')");
                }
              })
          .isInstanceOf(SQLException.class);
      statement.execute("PRAGMA max_page_count = 1000000");
      statement.execute("INSERT INTO t(id) VALUES(6)");
    }
    long rows = Long.parseLong(a.one("SELECT count(*) FROM t"));
    assertThat(a.query("SELECT id FROM t WHERE id < 100 ORDER BY id")).containsExactly("1", "6");
    assertThat(a.one("SELECT count(*) FROM ha_outbox")).isEqualTo(Long.toString(rows));
    assertThat(backlog(a).transactions()).isEqualTo(rows);
    assertThat(backlog(a).bytes())
        .isEqualTo(Long.parseLong(a.one("SELECT sum(length(payload)) FROM ha_outbox")));
    cluster.node("b");
    send(a);
    cluster.converge();
  }

  @Test
  @DisplayName(
      "D31: the server is away: writes and reads go on, the backlog shows, and drains in order")
  void writesGoOnWithoutTheServerAndAreSentInOrder() throws Exception {
    SettableClock clock = new SettableClock();
    try (TcpProxy proxy = TcpProxy.to(NATS.server().port())) {
      TestNode b = cluster.node("b");
      b.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(0, 0)");
      TestNode a =
          cluster.node("a", proxy.url(), options -> options.publisherAsync(true).clock(clock));
      a.run("UPDATE t SET v = 'first' WHERE id = 0");
      awaitSent(a);
      long before = cluster.lastSequence();
      proxy.refuse();
      b.run("INSERT INTO t VALUES(-1, 'meanwhile')", "UPDATE t SET v = 'meanwhile' WHERE id = 0");
      for (int i = 1; i <= 50; i++) {
        a.transaction(
            "INSERT INTO t VALUES(" + i + ", 'x')", "UPDATE t SET v = " + i + " WHERE id=0");
      }
      assertThat(a.query("SELECT count(*), max(id) FROM t")).containsExactly("51|50");
      Eventually.holds(() -> assertThat(a.engine().status().state()).isEqualTo(State.DISCONNECTED));
      clock.advance(Duration.ofMinutes(7));
      assertThat(backlog(a).transactions()).isEqualTo(50);
      assertThat(backlog(a).bytes()).isGreaterThan(50 * 100);
      assertThat(backlog(a).age(clock.instant())).isGreaterThanOrEqualTo(Duration.ofMinutes(7));
      proxy.pass();
      awaitSent(a);
      assertThat(backlog(a).age(clock.instant())).isZero();
      cluster.converge();
      assertThat(b.query("SELECT v FROM t WHERE id <= 0 ORDER BY id"))
          .containsExactly("meanwhile", "50");
      assertThat(numbersAfter(before + 2))
          .containsExactlyElementsOf(LongStream.rangeClosed(2, 51).boxed().toList());
      Eventually.holds(() -> assertThat(a.engine().status().problem()).isNull());
    }
  }

  @Test
  void aCommitThatAwaitsTheAcknowledgementReturnsWhenTheStreamHasIt() throws Exception {
    TestNode a = cluster.node("a", options -> options.publisherAsync(true).publisherAwaitAck(true));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    long before = cluster.lastSequence();
    for (int i = 1; i <= 10; i++) {
      try (Connection connection = a.connect();
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        statement.execute("INSERT INTO t VALUES(" + i + ")");
        connection.commit();
        assertThat((Throwable) connection.getWarnings()).isNull();
        assertThat(cluster.lastSequence()).isEqualTo(before + i);
      }
    }
  }

  private TestNode awaitingAcknowledgements(Gate gate) throws Exception {
    TestNode node =
        cluster.node(
            "a",
            options ->
                options
                    .publisherAsync(true)
                    .publisherAwaitAck(true)
                    .relayStarted(false)
                    .publisherTimeout(Duration.ofSeconds(50))
                    .pragmas(java.util.Map.of("busy_timeout", "50000"))
                    .streamWrapper(stream -> new GatedStream(stream, gate)));
    node.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    Eventually.holds(() -> assertThat(node.engine().status().state()).isEqualTo(State.RUNNING));
    return node;
  }

  private static SQLWarning insert(TestNode node) throws SQLException {
    try (Connection connection = node.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("INSERT INTO t VALUES(1)");
      connection.commit();
      return connection.getWarnings();
    }
  }

  @Test
  void aCommitWhoseAcknowledgementIsLostReturnsWhenItsMessageComesBack() throws Exception {
    Gate gate = new Gate();
    TestNode a = awaitingAcknowledgements(gate);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<SQLWarning> commit = thread.submit(() -> insert(a));
      Eventually.holds(() -> assertThat(backlog(a).transactions()).isOne());
      gate.failNextPublish(Fault.ACK_LOST);
      assertThatThrownBy(() -> a.engine().sendNext()).isInstanceOf(PublishInDoubtException.class);
      assertThat((Throwable) commit.get(20, TimeUnit.SECONDS)).isNull();
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void whoWaitsForTheOutboxIsToldWhenReplicationHalts() throws Exception {
    TestNode a = awaitingAcknowledgements(new Gate());
    FutureTask<SQLWarning> commit = new FutureTask<>(() -> insert(a));
    FutureTask<Void> change =
        new FutureTask<>(
            () -> {
              a.run("ALTER TABLE t ADD COLUMN v");
              return null;
            });
    for (FutureTask<?> task : List.of(commit, change)) {
      Thread thread = new Thread(task);
      thread.setDaemon(true);
      thread.start();
      Eventually.holds(() -> assertThat(backlog(a).transactions()).isOne());
      Eventually.holds(() -> assertThat(thread.getState()).isEqualTo(Thread.State.TIMED_WAITING));
    }
    cluster.publish("{\"changes\":[{\"operation\"");
    assertThat((Throwable) commit.get(20, TimeUnit.SECONDS))
        .hasMessageContainingAll("Committed on node a", "has halted", "cannot be read");
    assertThatThrownBy(() -> change.get(20, TimeUnit.SECONDS))
        .hasCauseInstanceOf(SQLException.class)
        .hasMessageContainingAll("has halted", "cannot be read");
  }

  @Test
  @DisplayName("D31: the server is away, and commits await its acknowledgement")
  void aCommitThatAwaitsTheAcknowledgementInVainReturnsWithAWarning() throws Exception {
    AtomicInteger notAcknowledged = new AtomicInteger();
    try (TcpProxy proxy = TcpProxy.to(NATS.server().port())) {
      TestNode a =
          cluster.node(
              "a",
              proxy.url(),
              options ->
                  options
                      .publisherAsync(true)
                      .publisherAwaitAck(true)
                      .publisherTimeout(Duration.ofMillis(300))
                      .listener(
                          new EngineListener() {
                            @Override
                            public void notAcknowledged() {
                              notAcknowledged.incrementAndGet();
                            }
                          }));
      cluster.node("b").run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
      a.awaitSequence(cluster.lastSequence());
      proxy.refuse();
      try (Connection connection = a.connect();
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        statement.execute("INSERT INTO t VALUES(1)");
        long start = System.nanoTime();
        connection.commit();
        assertThat(Duration.ofNanos(System.nanoTime() - start))
            .isGreaterThanOrEqualTo(Duration.ofMillis(300));
        SQLWarning warning = connection.getWarnings();
        assertThat((Throwable) warning)
            .hasMessageContainingAll("Committed on node a", "did not acknowledge", "300 ms");
        assertThat(warning.getSQLState()).isEqualTo("01000");
      }
      assertThat(notAcknowledged).hasValue(1);
      assertThat(a.query("SELECT * FROM t")).containsExactly("1");
      proxy.pass();
      awaitSent(a);
      cluster.converge();
    }
  }

  @Test
  void aChangeOfTheSchemaGetsThroughWhileThreadsWriteWithoutAPause() throws Exception {
    TestNode a =
        cluster.node(
            "a",
            options ->
                options.publisherAsync(true).pragmas(java.util.Map.of("busy_timeout", "20000")));
    TestNode b = cluster.node("b");
    a.run("CREATE TABLE t(thread, i)");
    AtomicBoolean enough = new AtomicBoolean();
    AtomicInteger written = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> writers = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        String insert = "INSERT INTO t(thread, i) VALUES(" + thread + ", ";
        writers.add(
            threads.submit(
                () -> {
                  try (Connection connection = a.connect();
                      Statement statement = connection.createStatement()) {
                    for (int i = 0; !enough.get(); i++) {
                      statement.execute(insert + i + ")");
                      written.incrementAndGet();
                    }
                  }
                  return null;
                }));
      }
      for (int i = 0; i < 3; i++) {
        int before = written.get();
        Eventually.holds(() -> assertThat(written.get()).isGreaterThan(before + 20));
        a.run("ALTER TABLE t ADD COLUMN c" + i + " DEFAULT " + i);
      }
      enough.set(true);
      for (Future<?> writer : writers) {
        writer.get();
      }
    } finally {
      enough.set(true);
      threads.shutdownNow();
    }
    awaitSent(a);
    cluster.converge();
    assertThat(b.one("SELECT count(*) FROM t")).isEqualTo(Integer.toString(written.get()));
    assertThat(b.one("SELECT count(*) FROM t WHERE c0 = 0 AND c1 = 1 AND c2 = 2"))
        .isEqualTo(Integer.toString(written.get()));
  }

  @Test
  void aChangeOfTheSchemaWaitsUntilNothingIsPending() throws Exception {
    TestNode a =
        cluster.node(
            "a",
            options ->
                options
                    .publisherAsync(true)
                    .relayStarted(false)
                    .pragmas(java.util.Map.of("busy_timeout", "200")));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)", "INSERT INTO t VALUES(1)");
    long before = cluster.lastSequence();
    assertThatThrownBy(() -> a.run("ALTER TABLE t ADD COLUMN v"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("not applied at its place");
    assertThatThrownBy(() -> a.transaction("INSERT INTO t VALUES(2)", "CREATE TABLE u(a)"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));
    assertThat(cluster.lastSequence()).isEqualTo(before);
    a.run("INSERT INTO t VALUES(3)"); // nobody is held off any more
    send(a);
    a.run("ALTER TABLE t ADD COLUMN v");
    cluster.node("b");
    cluster.converge();
    assertThat(a.query("SELECT * FROM t")).containsExactly("1|null", "3|null");
  }

  @Test
  void aSynchronousNodeSendsWhatItLeftBehindBeforeItWrites() throws Exception {
    TestNode a = waiting("a", new Gate());
    TestNode b = cluster.node("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    a.run("INSERT INTO t VALUES(1, 'left')", "INSERT INTO t VALUES(2, 'left')");
    b.awaitSame(a);
    a.close();
    b.run("INSERT INTO t VALUES(1, 'meanwhile')");
    TestNode again = cluster.node("a", UnaryOperator.identity());
    long before = cluster.lastSequence();
    again.run("UPDATE t SET v = 'new' WHERE id = 2");
    assertThat(backlog(again)).isEqualTo(Backlog.EMPTY);
    assertThat(again.query("SELECT * FROM t ORDER BY id")).containsExactly("1|left", "2|new");
    b.awaitSame(again);
    assertThat(b.query("SELECT * FROM t ORDER BY id")).containsExactly("1|left", "2|new");
    assertThat(before).isLessThanOrEqualTo(cluster.lastSequence());
  }

  @Test
  void whatIsPendingIsNotLeftBehindByANodeThatCannotSendIt() throws Exception {
    TestNode a = waiting("a", new Gate());
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    a.run("INSERT INTO t VALUES(1)");
    a.close();
    for (UnaryOperator<HaSqliteOptions.Builder> off :
        List.<UnaryOperator<HaSqliteOptions.Builder>>of(
            options -> options.publisherEnabled(false),
            options -> options.subscriberEnabled(false))) {
      assertThatThrownBy(() -> cluster.node("a", off))
          .isInstanceOf(StartRefusedException.class)
          .hasMessageContainingAll("1 transactions", "not sent", "node a");
    }
    a.open();
    send(a);
    assertThat(a.query("SELECT * FROM t")).containsExactly("1");
    TestNode b = cluster.node("b", options -> options.subscriberEnabled(true));
    b.awaitSequence(cluster.lastSequence());
    assertThat(b.query("SELECT * FROM t")).containsExactly("1");
  }

  @Test
  void aFirstWriteLeavesAPositionBehindWithWhichTheNodeStartsAgain() throws Exception {
    Gate gate = new Gate();
    TestNode a =
        cluster.node(
            "a",
            options ->
                options
                    .publisherAsync(true)
                    .relayStarted(false)
                    .ddlSync(false)
                    .streamWrapper(stream -> new GatedStream(stream, gate)));
    gate.close(0);
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)", "INSERT INTO t VALUES(1)");
    cluster.node("b").run("CREATE TABLE u(a)");
    a.close();
    gate.open(Long.MAX_VALUE);
    a.open(); // with tables and without a position the file would be refused
    assertThat(backlog(a).transactions()).isEqualTo(1);
    assertThat(a.query("SELECT * FROM t")).containsExactly("1");
    send(a);
    a.awaitSequence(cluster.lastSequence());
    assertThat(backlog(a)).isEqualTo(Backlog.EMPTY);
  }

  @Test
  void placesInTheOutboxGoOnAfterARestart() throws Exception {
    Gate gate = new Gate();
    TestNode a = waiting("a", gate);
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    for (int i = 1; i <= 3; i++) {
      a.run("INSERT INTO t VALUES(" + i + ")");
      if (i == 1) {
        send(a);
        a.awaitSequence(cluster.lastSequence());
      }
    }
    a.restart();
    a.run("INSERT INTO t VALUES(4)");
    assertThat(a.query("SELECT place FROM ha_outbox ORDER BY place"))
        .containsExactly("2", "3", "4");
    send(a);
    cluster.node("b");
    cluster.converge();
  }

  @Test
  @DisplayName("A quiet node sends again after a transaction that was open for long")
  void aLongTransactionThatWroteNothingStopsNoSending() throws Exception {
    SettableClock clock = new SettableClock();
    TestNode a =
        cluster.node(
            "a",
            options ->
                options.publisherAsync(true).publisherTimeout(Duration.ofSeconds(1)).clock(clock));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, x)");
    awaitSent(a);
    Eventually.holds(() -> assertThat(a.engine().status().state()).isEqualTo(State.RUNNING));
    try (Connection connection = a.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("INSERT INTO t VALUES(1, 'never')");
      clock.advance(Duration.ofMinutes(2)); // the position is to be moved over other databases
      Eventually.holds(() -> assertThat(a.engine().status().state()).isEqualTo(State.RETRYING));
      connection.rollback();
    }
    a.run("INSERT INTO t VALUES(2, 'sent')");
    awaitSent(a);
    assertThat(a.engine().status().state()).isEqualTo(State.RUNNING);
  }

  @Test
  @DisplayName("What was sent before another node's file became the database is sent again")
  void whatWasSentAndIsNotInTheRestoredStateIsSentAgain() throws Exception {
    TestNode b = cluster.node("b");
    b.run("CREATE TABLE t(id INTEGER PRIMARY KEY, x)");
    Gate gate = new Gate();
    TestNode a = waiting("a", gate);
    a.awaitSame(b);
    forgetMessageIdsAfter(Duration.ofSeconds(1));
    sendUnread(a, gate);
    b.close();
    beginAnew();
    a.engine().snapshotter().restore(); // as a node that finds messages expired does
    gate.open(Long.MAX_VALUE);
    Eventually.holds(
        () -> {
          assertThat(a.query("SELECT x FROM t ORDER BY id")).containsExactly("a", "c");
          assertThat(a.engine().status().state()).isEqualTo(State.RUNNING);
        });
    Eventually.holds(
        () -> {
          try {
            a.engine().sendNext();
          } catch (StreamException e) {
            assertThat(e).hasMessageContaining("sent again");
          }
          assertThat(backlog(a)).isEqualTo(Backlog.EMPTY);
        });
    b.open();
    cluster.converge();
    assertThat(b.query("SELECT x FROM t ORDER BY id")).containsExactly("a", "c");
  }

  /** The node does not learn that its message is in the stream. */
  private void sendUnread(TestNode node, Gate gate) throws Exception {
    Eventually.holds(() -> assertThat(node.engine().status().state()).isEqualTo(State.RUNNING));
    gate.close(cluster.lastSequence());
    node.run("INSERT INTO t VALUES(1, 'a')");
    gate.failNextPublish(Fault.ACK_LOST);
    assertThatThrownBy(() -> node.engine().sendNext()).isInstanceOf(PublishInDoubtException.class);
  }

  private void beginAnew() throws Exception {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("c.db"));
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, x)");
      statement.execute("INSERT INTO t VALUES(3, 'c')");
    }
    cluster.node("c", options -> options.bootstrap(BootstrapPolicy.LOCAL));
  }

  @Test
  @DisplayName(
      "What is in the stream before another node's file is replaced by it, in one batch too")
  void whatIsInTheStreamBeforeAnotherFileIsReplacedByIt() throws Exception {
    TestNode b = cluster.node("b");
    b.run("CREATE TABLE t(id INTEGER PRIMARY KEY, x)");
    Gate gate = new Gate();
    TestNode a = waiting("a", gate);
    a.awaitSame(b);
    sendUnread(a, gate);
    beginAnew();
    long seed = cluster.lastSequence();
    gate.open(Long.MAX_VALUE);
    a.awaitSequence(seed);
    assertThat(backlog(a)).isEqualTo(Backlog.EMPTY);
    assertThat(a.query("SELECT x FROM t")).containsExactly("c");
    a.run("INSERT INTO t VALUES(4, 'later')");
    send(a);
    cluster.converge();
  }

  private void forgetMessageIdsAfter(Duration window) throws Exception {
    JetStreamManagement management = cluster.client().jetStreamManagement();
    management.updateStream(
        StreamConfiguration.builder(management.getStreamInfo(cluster.stream()).getConfiguration())
            .duplicateWindow(window)
            .build());
  }
}
