package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.hasqlite.HaSqliteException;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetInterceptor;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.server.EmbeddedServerOptions;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.subscribe.StreamSubscriber;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.SettableClock;
import io.hasqlite.testing.TcpProxy;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
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

/** What must stand still, be refused or be said rather than do harm. */
@Timeout(60)
class SafetyIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private TestCluster cluster;

  @BeforeEach
  void prepare() {
    cluster = new TestCluster(folder, NATS.url());
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  private static String status(TestNode node) {
    return node.engine().status().toString();
  }

  private static void assertHalted(TestNode node, String... problem) throws Exception {
    Eventually.holds(
        () -> assertThat(node.engine().status().state()).as(status(node)).isEqualTo(State.HALTED));
    assertThat(node.engine().status().problem()).contains(problem);
    assertThatThrownBy(() -> node.run("INSERT INTO t VALUES(99, 'refused')"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("55000"))
        .hasMessageContaining("halted");
    assertThat(node.query("SELECT count(*) FROM t WHERE id = 99")).containsExactly("0");
  }

  private static String insert(int id) {
    return """
        {"node":"go","process_id":1,"filename":"x","timestamp_ns":1,"changes":[{"database":"main",
        "table":"t","columns":["id","v"],"operation":"INSERT","new_rowid":%1$d,
        "new_values":[%1$d,"go"],"pk_columns":["id"]}]}"""
        .formatted(id);
  }

  @Test
  @DisplayName("D23: a message that is not readable")
  void anUnreadableMessageHaltsVisiblyBetweenWhatCameBeforeAndAfter() throws Exception {
    TestNode a = cluster.node("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    long bad;
    try (Connection connection = a.connect();
        Statement statement = connection.createStatement()) {
      // While a writer is open nothing is applied, so that all three come in one batch.
      connection.setAutoCommit(false);
      statement.execute("UPDATE t SET v = v");
      cluster.publish(insert(1));
      bad = cluster.publish("{\"changes\":[{\"operation\"");
      cluster.publish(insert(3));
      connection.rollback();
      assertHalted(a, "sequence " + bad, "cannot be read");
      assertThat(a.engine().status().position()).isEqualTo(bad - 1);
    }
    assertThat(a.query("SELECT id FROM t")).containsExactly("1");
    assertThat(a.engine().status().streamLastSequence()).isGreaterThanOrEqualTo(bad);
    a.restart();
    assertHalted(a, "cannot be read");
    assertThat(a.query("SELECT id FROM t")).containsExactly("1");
  }

  @Test
  @DisplayName("D25: a database is quiet while others fill the stream")
  void thePositionOfAQuietDatabaseMovesOn() throws Exception {
    SettableClock clock = new SettableClock();
    TestNode a = cluster.node("a", options -> options.clock(clock));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'x')");
    long own = cluster.lastSequence();
    for (int i = 0; i < 5; i++) {
      cluster.client().jetStream().publish(cluster.stream() + ".another", new byte[10]);
    }
    Eventually.holds(() -> assertThat(a.engine().status().lag()).isZero());
    clock.advance(Duration.ofMinutes(2));
    Eventually.holds(() -> assertThat(a.engine().status().position()).isEqualTo(own + 5));
    a.run("INSERT INTO t VALUES(2, 'after')");
    assertThat(a.engine().status().position()).isEqualTo(own + 6);
    a.restart();
    assertThat(a.query("SELECT id FROM t")).containsExactly("1", "2");
    TestNode b = cluster.node("b");
    cluster.converge();
    assertThat(b.query("SELECT id FROM t")).containsExactly("1", "2");
  }

  @Test
  @DisplayName("D25: other databases fill a stream that keeps few messages, faster than by minutes")
  void aQuietDatabaseIsNotTakenForOneThatMissedSomething() throws Exception {
    int kept = 20;
    cluster
        .client()
        .jetStreamManagement()
        .addStream(
            StreamConfiguration.builder()
                .name(cluster.stream())
                .subjects(cluster.stream(), cluster.stream() + ".>")
                .maxMessages(kept)
                .build());
    SettableClock clock = new SettableClock();
    TestNode a = cluster.node("a", options -> options.snapshotterEnabled(false).clock(clock));
    TestNode b = cluster.node("b", options -> options.snapshotterEnabled(false));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'x')");
    cluster.converge();
    for (int round = 0; round < 4; round++) { // more than the stream keeps, within a minute
      for (int i = 0; i <= kept / 2; i++) {
        cluster.client().jetStream().publish(cluster.stream() + ".another", new byte[10]);
      }
      long end =
          cluster
              .client()
              .jetStreamManagement()
              .getStreamInfo(cluster.stream())
              .getStreamState()
              .getLastSequence();
      a.awaitSequence(end);
      b.awaitSequence(end);
    }
    b.run("INSERT INTO t VALUES(2, 'after')");
    cluster.converge();
    assertThat(a.engine().status().problem()).isNull();
    long other =
        cluster.client().jetStream().publish(cluster.stream() + ".another", null).getSeqno();
    Eventually.holds(
        () ->
            assertThat(a.engine().subscriber().deliveredInfo().orElseThrow().deliveredSequence())
                .isEqualTo(other));
    clock.advance(Duration.ofSeconds(8));
    Eventually.holds(() -> assertThat(a.engine().status().lag()).isZero());
    assertThat(a.engine().status().position()).isLessThan(other);
    a.restart(); // what the file says is new enough, too
    assertThat(a.query("SELECT id FROM t")).containsExactly("1", "2");
  }

  @Test
  @DisplayName("D25: a message comes at the moment when a quiet database's position moves on")
  void aMessageThatComesWhileThePositionMovesOnIsNotSteppedOver() throws Exception {
    SettableClock clock = new SettableClock();
    AtomicBoolean armed = new AtomicBoolean();
    TestNode b = cluster.node("b");
    b.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    TestNode a =
        cluster.node(
            "a",
            options ->
                options
                    .clock(clock)
                    .streamWrapper(
                        stream ->
                            afterLastSequence(
                                stream,
                                () -> {
                                  if (armed.compareAndSet(true, false)) {
                                    b.run("INSERT INTO t VALUES(1)");
                                  }
                                })));
    a.awaitSame(b);
    cluster.client().jetStream().publish(cluster.stream() + ".another", new byte[10]);
    armed.set(true);
    clock.advance(Duration.ofMinutes(2));
    Eventually.holds(() -> assertThat(b.query("SELECT id FROM t")).containsExactly("1"));
    a.awaitSame(b);
    assertThat(a.query("SELECT id FROM t")).containsExactly("1");
  }

  private interface Action {
    void run() throws Exception;
  }

  /** A stream with something that happens right after it was asked for its last message. */
  private static ChangeStream afterLastSequence(ChangeStream stream, Action action) {
    return (ChangeStream)
        Proxy.newProxyInstance(
            ChangeStream.class.getClassLoader(),
            new Class<?>[] {ChangeStream.class},
            (proxy, method, arguments) -> {
              try {
                Object result = method.invoke(stream, arguments);
                if (method.getName().equals("lastSequence")) {
                  action.run();
                }
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  @DisplayName("D26: two databases whose long names end in the same 32 characters")
  void databasesThatWouldShareASubjectAreRefused() {
    String end = "-of-the-same-application-in-production";
    cluster.node("a", options -> options.databaseName("orders" + end));
    assertThatThrownBy(() -> cluster.node("b", options -> options.databaseName("users" + end)))
        .isInstanceOf(HaSqliteException.class)
        .hasMessageContainingAll("orders" + end, "users" + end, "last 32 characters", "cdc-id");
  }

  @Test
  @DisplayName("D26: two nodes whose long names end in the same 32 characters")
  void nodesThatWouldShareAConsumerAreRefused() {
    String end = "-of-the-same-application-in-production";
    cluster.node("first" + end);
    assertThatThrownBy(() -> cluster.node("second" + end))
        .isInstanceOf(HaSqliteException.class)
        .hasMessageContainingAll("first" + end, "second" + end, "last 32", "node-name");
  }

  @Test
  @DisplayName("D26: two live nodes with one name")
  void aSecondLiveNodeOfTheSameNameIsRefused() throws Exception {
    TestNode first = cluster.node("a");
    assertThatThrownBy(() -> cluster.node("another-file", options -> options.nodeName("a")))
        .isInstanceOf(HaSqliteException.class)
        .hasMessageContainingAll("Node a", "another live process", "ha.sqlite.node-name");
    first.run("CREATE TABLE t(id INTEGER PRIMARY KEY)"); // and the first one goes on
    assertThat(first.engine().status().state()).isEqualTo(State.RUNNING);
  }

  @Test
  @DisplayName("D31: the server is gone at commit")
  void aCommitWithoutServerFailsInTimeAndLeavesNothingBehind() throws Exception {
    TestNode a = cluster.node("a", options -> options.publisherTimeout(Duration.ofSeconds(1)));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'before')");
    try (Connection connection = a.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("INSERT INTO t VALUES(2, 'lost')");
      NATS.kill();
      long start = System.nanoTime();
      assertThatThrownBy(connection::commit)
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isIn("08006", "08007"))
          .hasMessageContaining("\"a.db\"");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
      assertThat(a.query("SELECT id FROM t")).containsExactly("1");
      connection.setAutoCommit(true);
      assertThatThrownBy(() -> statement.execute("INSERT INTO t VALUES(3, 'refused')"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08006"))
          .hasMessageContaining("Nothing was committed");
      Eventually.holds(() -> assertThat(a.engine().status().state()).isEqualTo(State.DISCONNECTED));
      assertThat(a.engine().status().problem()).isNotBlank();
      NATS.restart();
      Eventually.holds(() -> assertThat(a.engine().status().state()).isEqualTo(State.RUNNING));
      statement.execute("INSERT INTO t VALUES(4, 'after')");
    }
    TestNode b = cluster.node("b");
    cluster.converge();
    assertThat(b.query("SELECT id FROM t")).contains("1", "4").doesNotContain("3");
  }

  @Test
  @DisplayName("D31: the server accepts everything and says nothing")
  void aSilentServerFailsTheCommitWithinTheTimeout() throws Exception {
    try (TcpProxy proxy = TcpProxy.to(NATS.server().port())) {
      Duration timeout = Duration.ofSeconds(1);
      TestNode a = cluster.node("a", proxy.url(), options -> options.publisherTimeout(timeout));
      a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      proxy.holdAnswers();
      long start = System.nanoTime();
      assertThatThrownBy(() -> a.run("INSERT INTO t VALUES(1, 'in doubt')"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08007"));
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(timeout, timeout.multipliedBy(4));
      assertThat(a.query("SELECT * FROM t")).isEmpty();
      proxy.pass();
      cluster.converge();
      assertThat(a.query("SELECT id FROM t")).containsExactly("1");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM t",
        "SELECT load_extension('/tmp/x')",
        "ATTACH '/tmp/ha-sqlite-attached.db' AS x",
        "VACUUM INTO '/tmp/ha-sqlite-copy.db'",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA writable_schema = ON",
        "DROP TABLE ha_stats",
        "DROP TABLE \"HA_MARKS\"",
        "CREATE TRIGGER x AFTER INSERT ON t BEGIN UPDATE ha_stats SET received_seq = 0; END",
        "CREATE TRIGGER x AFTER INSERT ON ha_stats BEGIN DELETE FROM t; END",
        "CREATE INDEX i ON ha_conflicts(at)",
        "ALTER TABLE t RENAME TO ha_mine",
        "DROP TABLE sqlite_sequence",
        "DROP TABLE t; DELETE FROM t",
        "CREATE TEMP TABLE x(a)",
        "COMMIT",
        "not SQL at all",
      })
  @DisplayName("D37: SQL from the network that is not DDL on users' objects")
  void foreignSqlHaltsBeforeItRuns(String sql) throws Exception {
    TestNode a = cluster.node("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'x')");
    cluster.publish(
        "{\"changes\":[{\"operation\":\"SQL\",\"command\":\""
            + sql.replace("\"", "\\\"")
            + "\"}]}");
    assertHalted(a, "refused", "publish to the stream");
    assertThat(a.query("SELECT * FROM t")).containsExactly("1|x");
  }

  @Test
  @DisplayName("D37: a change to ha_stats, ha_marks or sqlite_sequence from the network")
  void foreignChangesOfTheEnginesTablesHalt() throws Exception {
    for (String table : List.of("ha_stats", "HA_Marks", "ha_anything", "sqlite_sequence")) {
      try (TestCluster own = new TestCluster(folder, NATS.url())) {
        TestNode node = own.node(table);
        node.run("CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, v)");
        own.publish(
            """
            {"changes":[{"database":"main","table":"%s","columns":["subject"],
            "operation":"INSERT","new_values":["x"],"new_rowid":1}]}"""
                .formatted(table));
        assertHalted(node, table, "engine's or SQLite's own");
      }
    }
  }

  @Test
  @DisplayName("D37: the embedded server is not reachable from outside without credentials")
  void anEmbeddedServerForOthersNeedsAPassword() throws Exception {
    EmbeddedServerOptions.Builder server =
        EmbeddedServerOptions.builder().host("0.0.0.0").port(0).storeDir(folder.resolve("nats"));
    assertThatThrownBy(server::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("0.0.0.0", "username", "password");
    int port = freePort();
    HaSqliteOptions options =
        HaSqliteOptions.builder(folder.resolve("embedded.db"))
            .nodeName("a")
            .embeddedServer(server.port(port).username("app").password("secret").build())
            .build();
    try (HaSqlite engine = HaSqlite.open(options)) {
      Eventually.holds(() -> assertThat(engine.status().state()).isEqualTo(State.RUNNING));
      Options anonymous =
          new Options.Builder().server("nats://127.0.0.1:" + port).maxReconnects(0).build();
      assertThatThrownBy(() -> Nats.connect(anonymous).close()).isInstanceOf(IOException.class);
    }
  }

  private static int freePort() throws IOException {
    try (java.net.ServerSocket socket = new java.net.ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  @DisplayName("D38: a node with default settings joins a stream with another max-age")
  void theSettingsOfAnExistingStreamStay() throws Exception {
    Duration maxAge = Duration.ofHours(1);
    cluster
        .client()
        .jetStreamManagement()
        .addStream(
            StreamConfiguration.builder()
                .name(cluster.stream())
                .subjects(cluster.stream(), cluster.stream() + ".>")
                .storageType(StorageType.Memory)
                .maxAge(maxAge)
                .maxMessages(100_000)
                .build());
    TestNode a = cluster.node("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    StreamConfiguration now =
        cluster.client().jetStreamManagement().getStreamInfo(cluster.stream()).getConfiguration();
    assertThat(now.getMaxAge()).isEqualTo(maxAge);
    assertThat(now.getMaxMsgs()).isEqualTo(100_000);
    assertThat(now.getStorageType()).isEqualTo(StorageType.Memory);
    assertThat(a.engine().status().notices())
        .anyMatch(notice -> notice.contains("max-age PT1H"))
        .anyMatch(notice -> notice.contains("at most 100000 messages"))
        .anyMatch(notice -> notice.contains("storage"));
  }

  @Test
  @DisplayName("D40: ten connections, thirty threads, read-modify-write in transactions")
  void readModifyWriteThroughAPoolLosesNothing() throws Exception {
    TestNode a = cluster.node("a", patient());
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, n)", "INSERT INTO t VALUES(1, 0)");
    TestNode b = cluster.node("b");
    try (HikariDataSource pool = pool(a)) {
      increment(pool, 1, 30, 20, 20);
    }
    cluster.converge();
    assertThat(b.query("SELECT n FROM t")).containsExactly("600");
  }

  @Test
  @DisplayName("D40: the same on two nodes at once, each on its own row")
  void readModifyWriteOnTwoNodesLosesNothingOfItsOwnRows() throws Exception {
    TestNode a = cluster.node("a", patient());
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, n)", "INSERT INTO t VALUES(1, 0), (2, 0)");
    TestNode b = cluster.node("b", patient());
    ExecutorService both = Executors.newFixedThreadPool(2);
    try (HikariDataSource onA = pool(a);
        HikariDataSource onB = pool(b)) {
      List<Future<?>> results =
          List.of(
              both.submit(() -> increment(onA, 1, 15, 10, 30)),
              both.submit(() -> increment(onB, 2, 15, 10, 30)));
      for (Future<?> result : results) {
        result.get(40, TimeUnit.SECONDS);
      }
    } finally {
      both.shutdownNow();
    }
    cluster.converge();
    assertThat(b.query("SELECT id, n FROM t ORDER BY id")).containsExactly("1|150", "2|150");
  }

  private static UnaryOperator<HaSqliteOptions.Builder> patient() {
    return options ->
        options
            .pragmas(java.util.Map.of("busy_timeout", "30000"))
            .publisherTimeout(Duration.ofSeconds(30));
  }

  private static HikariDataSource pool(TestNode node) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(node.engine().dataSource());
    config.setMaximumPoolSize(10);
    return new HikariDataSource(config);
  }

  private static Void increment(
      HikariDataSource pool, int id, int threads, int rounds, int timeoutSeconds) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> results = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        results.add(
            executor.submit(
                () -> {
                  for (int k = 0; k < rounds; k++) {
                    increment(pool, id);
                  }
                  return null;
                }));
      }
      for (Future<?> result : results) {
        result.get(timeoutSeconds, TimeUnit.SECONDS);
      }
      return null;
    } finally {
      executor.shutdownNow();
    }
  }

  private static void increment(HikariDataSource pool, int id) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      try {
        long before;
        try (ResultSet row = statement.executeQuery("SELECT n FROM t WHERE id = " + id)) {
          row.next();
          before = row.getLong(1);
        }
        statement.executeUpdate("UPDATE t SET n = " + (before + 1) + " WHERE id = " + id);
        connection.commit();
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      }
    }
  }

  @Test
  @DisplayName("D40: readers never wait for writers")
  void readersDoNotWaitForAnOpenWriter() throws Exception {
    TestNode a = cluster.node("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)", "INSERT INTO t VALUES(1)");
    try (Connection writer = a.connect();
        Statement statement = writer.createStatement();
        Connection reader = a.connect()) {
      writer.setAutoCommit(false);
      statement.execute("INSERT INTO t VALUES(2)");
      reader.setReadOnly(true);
      reader.setAutoCommit(false);
      try (Statement reading = reader.createStatement();
          ResultSet row = reading.executeQuery("SELECT count(*) FROM t")) {
        assertThat(row.getInt(1)).isEqualTo(1);
      }
      assertThat(a.one("SELECT count(*) FROM t")).isEqualTo("1");
      writer.rollback();
    }
  }

  @Test
  @DisplayName("D42: the database path is wrong by a letter")
  void aNewDatabaseIsSaid() {
    Logger logger = (Logger) LoggerFactory.getLogger(SqliteFile.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      TestNode a = cluster.node("ap");
      a.restart();
    } finally {
      logger.detachAppender(log);
    }
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsOnlyOnce("Created a new database at " + folder.resolve("ap.db"));
  }

  @Test
  @DisplayName("D43: replication is dead: status and lag say so and go on moving")
  void statusAndLagShowThatTheServerIsAway() throws Exception {
    SettableClock clock = new SettableClock();
    TestNode a = cluster.node("a", options -> options.clock(clock));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    Eventually.holds(() -> assertThat(a.engine().status().lag()).isZero());
    assertThat(a.engine().status().problem()).isNull();
    NATS.kill();
    Eventually.holds(() -> assertThat(a.engine().status().state()).isEqualTo(State.DISCONNECTED));
    assertThat(a.engine().status().problem()).isNotBlank();
    clock.advance(Duration.ofMinutes(5));
    assertThat(a.engine().status().lag()).isGreaterThanOrEqualTo(Duration.ofMinutes(5));
    clock.advance(Duration.ofMinutes(5));
    assertThat(a.engine().status().lag()).isGreaterThanOrEqualTo(Duration.ofMinutes(10));
    NATS.restart();
    Eventually.holds(
        () -> {
          assertThat(a.engine().status().state()).isEqualTo(State.RUNNING);
          assertThat(a.engine().status().lag()).isZero();
          assertThat(a.engine().status().problem()).isNull();
        });
  }

  @Test
  @DisplayName("D43: each outage is said, not only the first, and ends as fast")
  void eachOutageIsSaid() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(StreamSubscriber.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.list = new CopyOnWriteArrayList<>();
    log.start();
    logger.addAppender(log);
    try (TcpProxy proxy = TcpProxy.to(NATS.server().port())) {
      TestNode a = cluster.node("a", proxy.url(), options -> options);
      TestNode b = cluster.node("b");
      b.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
      for (int outage = 1; outage <= 3; outage++) {
        a.awaitSame(b);
        proxy.cut();
        long said = outage;
        Eventually.holds(
            () ->
                assertThat(log.list)
                    .filteredOn(event -> event.getMessage().contains("does not follow"))
                    .hasSize((int) said));
        b.run("INSERT INTO t VALUES(" + outage + ")");
      }
    } finally {
      logger.detachAppender(log);
    }
  }

  @Test
  @DisplayName("D43: a halt shows in lag, too, and goes on growing")
  void statusAndLagShowAHalt() throws Exception {
    SettableClock clock = new SettableClock();
    TestNode a = cluster.node("a", options -> options.clock(clock));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    long bad = cluster.publish("nonsense");
    assertHalted(a, "sequence " + bad);
    clock.advance(Duration.ofMinutes(5));
    ReplicationStatus status = a.engine().status();
    assertThat(status.lag()).isGreaterThanOrEqualTo(Duration.ofMinutes(5));
    assertThat(status.lagMessages()).isEqualTo(1);
    assertThat(status.streamLastSequence()).isEqualTo(bad);
    assertThat(status.position()).isEqualTo(bad - 1);
  }

  @Test
  @DisplayName("D43: an error kills the subscriber's thread")
  void anErrorInAnInterceptorHaltsVisibly() throws Exception {
    TestNode a = cluster.node("a", options -> options.interceptor(failing()));
    TestNode b = cluster.node("b");
    b.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    a.awaitSame(b);
    b.run("INSERT INTO t VALUES(1, 'boom')");
    assertHalted(a, "out of order");
    assertThat(a.query("SELECT * FROM t")).isEmpty();
  }

  private static ChangeSetInterceptor failing() {
    return new ChangeSetInterceptor() {
      @Override
      public Optional<ChangeSet> before(ChangeSet changeSet, Connection connection) {
        if (changeSet.toString().contains("boom")) {
          throw new StackOverflowError("out of order");
        }
        return Optional.of(changeSet);
      }
    };
  }
}
