package io.hasqlite.testing;

import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.HaSqliteOptions;
import io.hasqlite.stream.nats.NatsConnectionOptions;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** An engine with a file of its own, and short ways to use it. */
public final class TestNode implements AutoCloseable {

  private final Path file;
  private final HaSqliteOptions options;
  private HaSqlite engine;

  private TestNode(Path file, HaSqliteOptions options) {
    this.file = file;
    this.options = options;
    this.engine = HaSqlite.open(options);
  }

  /** Starts a node of the database "test" on a server. */
  public static TestNode start(
      Path folder, String name, String url, UnaryOperator<HaSqliteOptions.Builder> changes) {
    Path file = folder.resolve(name + ".db");
    HaSqliteOptions.Builder builder =
        HaSqliteOptions.builder(file)
            .nodeName(name)
            .databaseName("test")
            .startupTimeout(Duration.ofSeconds(20))
            .nats(NatsConnectionOptions.servers(url).build());
    return new TestNode(file, changes.apply(builder).build());
  }

  /** Starts a node with nothing special. */
  public static TestNode start(Path folder, String name, String url) {
    return start(folder, name, url, UnaryOperator.identity());
  }

  /** Closes the engine and opens it again on the same file. */
  public void restart() {
    engine.close();
    open();
  }

  /** Opens the engine again after it was closed. */
  public void open() {
    engine = HaSqlite.open(options);
  }

  /** Returns the engine. */
  public HaSqlite engine() {
    return engine;
  }

  /** Returns the database file. */
  public Path file() {
    return file;
  }

  /** Opens a connection. */
  public Connection connect() throws SQLException {
    return engine.dataSource().getConnection();
  }

  /** Runs statements in auto-commit mode, each for itself. */
  public void run(String... statements) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** Runs statements in one transaction. */
  public void transaction(String... statements) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (String sql : statements) {
        statement.execute(sql);
      }
      connection.commit();
    }
  }

  /** Returns the rows of a query, each as its values' texts joined by '|'; NULL is "null". */
  public List<String> query(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> result = new ArrayList<>();
      int columns = rows.getMetaData().getColumnCount();
      while (rows.next()) {
        StringBuilder row = new StringBuilder();
        for (int i = 1; i <= columns; i++) {
          row.append(i == 1 ? "" : "|").append(rows.getString(i));
        }
        result.add(row.toString());
      }
      return result;
    }
  }

  /** Returns the only value of a query. */
  public @Nullable String one(String sql) throws SQLException {
    List<String> rows = query(sql);
    return rows.isEmpty() ? null : rows.get(0);
  }

  /** Returns all that the application has in the database, bit for bit. */
  public Map<String, List<String>> content() throws SQLException {
    try (Connection connection = connect()) {
      return Content.of(connection);
    }
  }

  /** Returns what was recorded of conflicts, as kind and table. */
  public List<String> conflicts() throws SQLException {
    return query("SELECT kind, tab FROM ha_conflicts ORDER BY id");
  }

  /** Waits until this node has counted what another one has. */
  public TestNode awaitSame(TestNode other) throws InterruptedException {
    return awaitSequence(other.engine.status().position());
  }

  /** Waits until this node has counted a sequence. */
  public TestNode awaitSequence(long sequence) throws InterruptedException {
    if (!engine.await(sequence, Duration.ofSeconds(20))) {
      throw new AssertionError("Node did not reach " + sequence + " in time: " + engine.status());
    }
    return this;
  }

  @Override
  public void close() {
    engine.close();
  }
}
