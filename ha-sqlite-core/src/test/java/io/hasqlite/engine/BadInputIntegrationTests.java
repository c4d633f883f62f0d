package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.HaSqliteException;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.server.EmbeddedServerOptions;
import io.hasqlite.sqlite.SqliteFile.UnusableFileException;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TcpProxy;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNatsServer;
import io.hasqlite.testing.TestNode;
import io.nats.client.api.StreamConfiguration;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files, ports, tables and messages that cannot be used: each is said, and nothing is lost. */
@Timeout(60)
class BadInputIntegrationTests {

  private static final int MEGABYTE = 1024 * 1024;

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

  private static HaSqlite open(Path path) {
    return HaSqlite.open(HaSqliteOptions.builder(path).nodeName("a").build());
  }

  private static void assertUnusable(Path path, String... sentence) {
    assertThatThrownBy(() -> open(path).close())
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining(path.toString())
        .hasMessageContainingAll(sentence);
  }

  private static void plain(Path path, String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  @Test
  @DisplayName("Bad input: the embedded server's port is in use")
  void aPortInUseIsSaid() throws Exception {
    Path file = folder.resolve("a.db");
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      HaSqliteOptions options =
          HaSqliteOptions.builder(file)
              .nodeName("a")
              .embeddedServer(
                  EmbeddedServerOptions.builder()
                      .port(other.getLocalPort())
                      .storeDir(folder.resolve("nats"))
                      .build())
              .build();
      assertThatThrownBy(() -> HaSqlite.open(options))
          .isInstanceOf(HaSqliteException.class)
          .hasMessageContainingAll(String.valueOf(other.getLocalPort()), "port", "in use");
    }
    open(file).close(); // nothing of the failed start holds the file
  }

  @Test
  @DisplayName("Bad input: the database path is a directory, or in a folder that is not there")
  void aPathThatCannotBeAFileIsSaid() throws Exception {
    assertUnusable(Files.createDirectory(folder.resolve("dir.db")), "is a directory");
    assertUnusable(folder.resolve("missing/a.db"), "does not exist");
    assertThat(folder.resolve("missing")).doesNotExist();
  }

  @Test
  @DisplayName("Bad input: a file that is no database, or a damaged one")
  void aFileThatIsNoDatabaseIsSaidAndLeftAlone() throws Exception {
    Path text = Files.writeString(folder.resolve("text.db"), "not a database".repeat(1000));
    assertUnusable(text, "cannot be opened as a SQLite database");
    assertThat(text).hasContent("not a database".repeat(1000));
    Path damaged = folder.resolve("damaged.db");
    plain(damaged, "CREATE TABLE t(v)", "INSERT INTO t VALUES(1)");
    byte[] bytes = Files.readAllBytes(damaged);
    java.util.Arrays.fill(bytes, 100, 4096, (byte) 7); // the page with the schema
    Files.write(damaged, bytes);
    assertUnusable(damaged, "cannot be opened as a SQLite database");
  }

  @Test
  @DisplayName("Bad input: a database that is not UTF-8")
  void aDatabaseInUtf16IsRefused() throws Exception {
    Path file = folder.resolve("utf16.db");
    plain(file, "PRAGMA encoding = 'UTF-16le'", "CREATE TABLE t(v)");
    assertUnusable(file, "UTF-16le", "only UTF-8");
  }

  @Test
  @DisplayName("Bad input: a second engine on the same file")
  void aSecondEngineOnTheSameFileIsRefused() throws Exception {
    Path file = folder.resolve("a.db");
    try (HaSqlite first = open(file)) {
      assertUnusable(file, "in use by another instance");
      assertThat(first.status().state()).isEqualTo(State.STANDALONE);
    }
    open(file).close();
  }

  @Test
  @DisplayName("Bad input: a second engine on the same file, through links")
  void aSecondEngineOnTheSameFileThroughLinksIsRefused() throws Exception {
    Path file = Files.createDirectory(folder.resolve("data")).resolve("a.db");
    Path link = Files.createSymbolicLink(folder.resolve("b.db"), Path.of("data/a.db"));
    Path linkedFolder = Files.createSymbolicLink(folder.resolve("linked"), Path.of("data"));
    try (HaSqlite first = open(link)) { // the file is not there yet: SQLite makes it
      assertThat(file).exists();
      assertThat(first.path()).isEqualTo(file.toRealPath());
      for (Path other : List.of(file, link, linkedFolder.resolve("a.db"))) {
        assertThatThrownBy(() -> open(other).close())
            .isInstanceOf(UnusableFileException.class)
            .hasMessageContaining("in use by another instance");
        assertThat(Databases.find(other)).containsSame(first);
      }
    }
    assertThat(link).isSymbolicLink();
    Path circle = folder.resolve("circle.db");
    Files.createSymbolicLink(circle, circle);
    assertUnusable(circle, "lead in a circle");
  }

  @Test
  @DisplayName("Bad input: a second process on the same file")
  void aSecondProcessOnTheSameFileIsRefused() throws Exception {
    Path file = folder.resolve("a.db");
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                LockHolder.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader out = other.inputReader()) {
      assertThat(out.readLine()).isEqualTo("locked");
      assertUnusable(file, "in use by another instance");
    } finally {
      other.destroyForcibly().waitFor();
    }
    open(file).close(); // the lock of a process that was killed is free
  }

  /** Another process: holds the lock until it is killed. */
  static final class LockHolder {

    private LockHolder() {}

    public static void main(String[] args) throws IOException {
      Path lock = Path.of(args[0] + "-ha-lock");
      try (FileChannel channel =
          FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        channel.lock();
        System.out.println("locked");
        System.in.read();
      }
    }
  }

  @Test
  @DisplayName("Bad input: a table whose columns hide the rowid and that has no usable key")
  void aTableWithoutAnyIdentityIsRefusedWhenItIsWritten() throws Exception {
    TestNode a = cluster.node("a");
    a.run("CREATE TABLE t(rowid TEXT, oid TEXT, _rowid_ TEXT)", "CREATE TABLE u(v)");
    assertThatThrownBy(() -> a.run("INSERT INTO t VALUES('a', 'b', 'c')"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42000"))
        .hasMessageContainingAll("\"t\" cannot be replicated", "PRIMARY KEY", "exclude");
    a.run("INSERT INTO u VALUES(1)");
    assertThat(a.query("SELECT * FROM t")).isEmpty();
    assertThat(a.engine().status().problem()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not JSON",
        "",
        "[]",
        "{\"changes\":[{\"operation\":\"MERGE\",\"table\":\"t\"}]}",
        "{\"requires\":[\"telepathy\"],\"changes\":[]}",
        "{\"changes\":[{\"operation\":\"INSERT\",\"table\":\"t\",\"columns\":[\"a\"]}]}",
        "{\"changes\":[{\"operation\":\"UPDATE\",\"table\":\"t\",\"columns\":[\"id\"],"
            + "\"new_values\":[1]}]}",
        "{\"changes\":[{\"database\":\"temp\",\"operation\":\"DELETE\",\"table\":\"t\","
            + "\"columns\":[\"id\"],\"old_values\":[1]}]}",
        "{\"node\":\"x\",\"txs\":[{\"n\":1,\"changes\":5}],\"changes\":[]}",
        "{\"node\":\"x\",\"txs\":[{\"n\":-1,\"changes\":0}],\"changes\":[]}",
      })
  @DisplayName("Bad input: a message that cannot be read, or asks for what this version cannot do")
  void aMessageThatCannotBeReadHalts(String message) throws Exception {
    TestNode a = cluster.node("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 'kept')");
    long sequence = cluster.publish(message);
    assertHalted(a, "sequence " + sequence);
    assertThat(a.engine().status().position()).isEqualTo(sequence - 1);
    assertThat(a.engine().status().problem()).contains("node");
  }

  private static void assertHalted(TestNode node, String... problem) throws Exception {
    Eventually.holds(() -> assertThat(node.engine().status().state()).isEqualTo(State.HALTED));
    assertThat(node.engine().status().problem()).contains(problem);
    assertThatThrownBy(() -> node.run("INSERT INTO t VALUES(99, 'refused')"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("55000"));
    assertThat(node.query("SELECT id FROM t WHERE id = 1")).containsExactly("1");
    assertThat(node.query("SELECT id FROM t WHERE id = 99")).isEmpty();
  }

  @Test
  @DisplayName("Bad input: messages and transactions of 20 MB")
  void largeMessages() throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("large.conf"),
            "listen: 127.0.0.1:-1\nmax_payload: 33554432\njetstream { store_dir: \""
                + folder.resolve("js")
                + "\" }\n");
    try (TestNatsServer server = TestNatsServer.start(options -> options.configFile(config));
        TestCluster large = new TestCluster(folder, server.url())) {
      TestNode a = large.node("large-a");
      TestNode b = large.node("large-b");
      a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      a.run("INSERT INTO t VALUES(1, hex(randomblob(" + 10 * MEGABYTE + ")))");
      large.publish("{\"later\":\"" + "x".repeat(20 * MEGABYTE) + "\"}");
      large.converge();
      assertThat(b.query("SELECT id, length(v) FROM t")).containsExactly("1|" + 20 * MEGABYTE);
      large.publish("x".repeat(20 * MEGABYTE).getBytes(StandardCharsets.UTF_8));
      assertHalted(a, "cannot be read");
      assertHalted(b, "cannot be read");
      assertThat(a.engine().status().problem()).hasSizeLessThan(2000);
    }
  }

  @Test
  @DisplayName("Bad input: local rows without a position in the stream")
  void localRowsWithoutAPositionAreRefused() throws Exception {
    cluster.node("b").run("CREATE TABLE theirs(id INTEGER PRIMARY KEY)");
    plain(folder.resolve("a.db"), "CREATE TABLE mine(v)", "INSERT INTO mine VALUES(1)");
    assertThatThrownBy(() -> cluster.node("a"))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContainingAll("a.db", "no position", "bootstrap");
    try (HaSqlite standalone = open(folder.resolve("a.db"));
        Connection connection = standalone.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeQuery("SELECT v FROM mine").getInt(1)).isEqualTo(1);
    }
  }

  private void makeStreamThatForgets(int messagesMax) throws Exception {
    cluster
        .client()
        .jetStreamManagement()
        .addStream(
            StreamConfiguration.builder()
                .name(cluster.stream())
                .subjects(cluster.stream(), cluster.stream() + ".>")
                .maxMessages(messagesMax)
                .build());
  }

  private static void write(TestNode node, int rows) throws SQLException {
    for (int i = 0; i < rows; i++) {
      node.run("INSERT INTO t(v) VALUES(" + i + ")");
    }
  }

  @Test
  @DisplayName("Bad input: the stream does not reach back to a node's position, at its start")
  void aNodeThatWasAwayTooLongIsRefused() throws Exception {
    makeStreamThatForgets(3);
    TestNode a = cluster.node("a", options -> options.snapshotterEnabled(false));
    TestNode b = cluster.node("b", options -> options.snapshotterEnabled(false));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    write(a, 1);
    cluster.converge();
    b.close();
    write(a, 10);
    assertThatThrownBy(b::restart)
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContainingAll("Node b", "b.db", "Messages 3 to 9", "expired", "bootstrap=local");
    assertThatThrownBy(() -> cluster.node("new"))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContainingAll("Node new", "1 to 9 are gone", "bootstrap=local");
    write(a, 1); // the others go on
  }

  @Test
  @DisplayName("Bad input: messages expire while a running node is cut off")
  void aRunningNodeThatIsCutOffTooLongHalts() throws Exception {
    makeStreamThatForgets(3);
    TestNode a = cluster.node("a");
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    write(a, 1);
    try (TcpProxy proxy = TcpProxy.to(NATS.server().port())) {
      TestNode b = cluster.node("b", proxy.url(), options -> options);
      proxy.refuse();
      write(a, 10);
      proxy.pass();
      assertHalted(b, "expired", "Messages 3 to 9");
      b.close();
    }
  }

  @Test
  @DisplayName("Bad input: messages expire under a node that follows, but too slowly")
  void aNodeThatMissesMessagesBetweenTwoBatchesHalts() throws Exception {
    makeStreamThatForgets(10);
    TestNode a = cluster.node("a", options -> options.publisherTimeout(Duration.ofSeconds(20)));
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, '')");
    try (Connection connection = a.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("UPDATE t SET v = v"); // a applies nothing as long as this is open
      byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 2_500; i++) { // more than a node takes in advance
        cluster.client().publish(cluster.subject(), empty);
      }
      cluster.publish(empty);
      connection.rollback();
    }
    assertHalted(a, "expired");
    assertThat(a.engine().status().position()).isLessThan(cluster.lastSequence() - 10);
  }
}
