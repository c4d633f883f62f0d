package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
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
import org.slf4j.LoggerFactory;

/** What is left when a database is closed. */
@Timeout(60)
class ShutdownIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = NatsServerExtension.shared();

  private static final Duration SHORT = Duration.ofMillis(300);
  private static final String ENDLESS =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";

  @TempDir Path folder;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @SuppressWarnings("NullAway.Init")
  private TestCluster cluster;

  @BeforeEach
  void prepare() {
    cluster = new TestCluster(folder, NATS.url());
  }

  @AfterEach
  void stop() throws Exception {
    threads.shutdownNow();
    cluster.close();
  }

  @Test
  @DisplayName("Shutdown: after a clean close the file stands alone")
  void theFileStandsAlone() throws Exception {
    TestNode a = cluster.node("a");
    TestNode b = cluster.node("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'own')");
    b.awaitSame(a).run("INSERT INTO t VALUES(2, 'applied')");
    a.awaitSame(b);
    assertThat(beside(a)).contains("a.db-wal");
    a.close();
    a.close();
    assertThat(beside(a)).isEmpty();
    assertThat(idsOfACopy(a)).containsExactly(1, 2);
    assertThatThrownBy(a::connect)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08003"));
  }

  @Test
  @DisplayName("Shutdown: the application still has connections, one of them writing")
  void whatTheApplicationHasOpenIsRolledBack() throws Exception {
    TestNode a = cluster.node("a", options -> options.publisherTimeout(SHORT));
    TestNode b = cluster.node("b");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'x')");
    Connection idle = a.connect();
    Connection reading = a.connect();
    Connection writing = a.connect();
    ResultSet rows = reading.createStatement().executeQuery("SELECT id FROM t UNION SELECT 7");
    assertThat(rows.next()).isTrue();
    writing.setAutoCommit(false);
    Statement statement = writing.createStatement();
    statement.execute("INSERT INTO t VALUES(2, 'open')");
    Future<?> endless = threads.submit(() -> readForEver(a));

    CompletableFuture.runAsync(a.engine()::close, threads).get(20, TimeUnit.SECONDS);

    assertThatThrownBy(() -> endless.get(20, TimeUnit.SECONDS))
        .rootCause()
        .isInstanceOf(SQLException.class);
    assertThat(beside(a)).isEmpty();
    assertThat(idsOfACopy(a)).containsExactly(1);
    for (Connection connection : List.of(idle, reading, writing)) {
      assertThat(connection.isClosed()).isTrue();
      assertThat(connection.isValid(1)).isFalse();
      connection.close();
    }
    assertThatThrownBy(idle::createStatement)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08003"));
    assertThatThrownBy(() -> statement.execute("INSERT INTO t VALUES(3, 'late')"))
        .isInstanceOf(SQLException.class);
    assertThatThrownBy(rows::next).isInstanceOf(SQLException.class);
    a.restart(); // nothing of the file is still held
    a.run("INSERT INTO t VALUES(4, 'again')");
    cluster.converge();
    assertThat(b.query("SELECT id FROM t")).containsExactly("1", "4");
  }

  private static Object readForEver(TestNode node) throws SQLException {
    try (Connection connection = node.connect();
        Statement statement = connection.createStatement()) {
      return statement.executeQuery(ENDLESS);
    }
  }

  @Test
  @DisplayName("Shutdown: this thread has left its own transaction open")
  void aTransactionOfTheThreadThatClosesIsNotWaitedFor() throws Exception {
    TestNode a = cluster.node("a", options -> options.publisherTimeout(Duration.ofMinutes(5)));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    Connection writing = a.connect();
    writing.setAutoCommit(false);
    writing.createStatement().execute("INSERT INTO t VALUES(1, 'open')");
    a.close();
    assertThat(writing.isClosed()).isTrue();
    assertThat(idsOfACopy(a)).isEmpty();
  }

  @Test
  @DisplayName("Shutdown: a commit is under way")
  void aCommitUnderWayIsWaitedFor() throws Exception {
    CountDownLatch publishing = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    TestNode b = cluster.node("b");
    b.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    TestNode a =
        cluster.node(
            "a", options -> options.streamWrapper(stream -> slow(stream, publishing, goOn)));
    a.awaitSame(b);
    Future<?> commit =
        threads.submit(
            () -> {
              a.run("INSERT INTO t VALUES(1, 'under way')");
              return true;
            });
    assertThat(publishing.await(20, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<Void> closing = CompletableFuture.runAsync(a.engine()::close, threads);
    awaitRefusal(a); // it is being closed
    assertThat(closing).isNotDone();
    goOn.countDown();
    commit.get(20, TimeUnit.SECONDS);
    closing.get(20, TimeUnit.SECONDS);
    assertThat(beside(a)).isEmpty();
    assertThat(idsOfACopy(a)).containsExactly(1);
    b.awaitSequence(cluster.lastSequence());
    assertThat(b.query("SELECT v FROM t")).containsExactly("under way");
  }

  @Test
  @DisplayName("Shutdown: a transaction is under way, and ends within the limit")
  void aTransactionUnderWayMayEnd() throws Exception {
    TestNode a = cluster.node("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    CompletableFuture<Void> closing;
    try (Connection writing = threads.submit(a::connect).get();
        Statement statement = writing.createStatement()) {
      writing.setAutoCommit(false);
      threads.submit(() -> statement.execute("INSERT INTO t VALUES(1, 'first')")).get();
      // On a thread of its own: one that used the transaction would not wait for itself.
      closing =
          CompletableFuture.runAsync(a.engine()::close, command -> new Thread(command).start());
      awaitRefusal(a); // it is being closed
      statement.execute("INSERT INTO t VALUES(2, 'last')");
      writing.commit();
    }
    closing.get(20, TimeUnit.SECONDS);
    assertThat(idsOfACopy(a)).containsExactly(1, 2);
    assertThat(cluster.lastSequence()).isEqualTo(2);
  }

  private static void awaitRefusal(TestNode node) {
    while (true) {
      try (Connection connection = node.connect()) {
        assertThat(connection.isClosed()).isFalse();
      } catch (SQLException e) {
        assertThat(e.getSQLState()).isEqualTo("08003");
        return;
      }
      Thread.onSpinWait();
    }
  }

  /** A stream whose publisher waits. */
  private static ChangeStream slow(
      ChangeStream stream, CountDownLatch publishing, CountDownLatch goOn) {
    return (ChangeStream)
        Proxy.newProxyInstance(
            ChangeStream.class.getClassLoader(),
            new Class<?>[] {ChangeStream.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("publish")) {
                publishing.countDown();
                goOn.await();
              }
              try {
                return method.invoke(stream, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  @DisplayName("Shutdown: another program has the file open")
  void aFileThatIsOpenElsewhereIsSaid() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(SqliteFile.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      TestNode a = cluster.node("a");
      a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'x')");
      try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + a.file());
          Statement statement = other.createStatement()) {
        statement.executeQuery("SELECT count(*) FROM t").close();
        a.close();
        assertThat(log.list)
            .anyMatch(event -> event.getFormattedMessage().contains("another program has it open"));
        assertThat(idsOfACopy(a)).containsExactly(1); // all of it is in the file even so
      }
      assertThat(beside(a)).isEmpty();
    } finally {
      logger.detachAppender(log);
    }
  }

  private static List<String> beside(TestNode node) throws Exception {
    try (java.util.stream.Stream<Path> files = Files.list(node.file().getParent())) {
      String name = node.file().getFileName().toString();
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.startsWith(name) && !file.equals(name))
          .filter(file -> !file.endsWith("-ha-lock"))
          .sorted()
          .toList();
    }
  }

  private List<Integer> idsOfACopy(TestNode node) throws Exception {
    Path copy = Files.copy(node.file(), folder.resolve("copy.db"));
    List<Integer> ids = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + copy);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT id FROM t ORDER BY id")) {
      while (rows.next()) {
        ids.add(rows.getInt(1));
      }
    }
    return ids;
  }
}
