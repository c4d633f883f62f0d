package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.sql.SqlStatement;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A database of the real world, with foreign keys and indexes, loaded while others write. */
class ChinookIntegrationTests {

  private static final int ROWS = 15_607;
  private static final int ROWS_PER_TRANSACTION = 200;
  private static final List<String> TABLES =
      List.of(
          "Album",
          "Artist",
          "Customer",
          "Employee",
          "Genre",
          "Invoice",
          "InvoiceLine",
          "MediaType",
          "Playlist",
          "PlaylistTrack",
          "Track");

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  @Test
  @Timeout(120)
  @DisplayName("Chinook is loaded on one node while two others insert and update")
  void allNodesHaveChinookAndWhatTheOthersWrote() throws Exception {
    try (TestCluster cluster = new TestCluster(folder, NATS.url())) {
      TestNode one = cluster.node("one");
      one.run(
          "CREATE TABLE Visit(Id INTEGER PRIMARY KEY, Node TEXT NOT NULL, Count INTEGER)",
          "CREATE TABLE Busiest(Node TEXT NOT NULL PRIMARY KEY, Count INTEGER) WITHOUT ROWID");
      TestNode two = cluster.node("two");
      TestNode three = cluster.node("three");
      AtomicBoolean loaded = new AtomicBoolean();
      ExecutorService threads = Executors.newFixedThreadPool(2);
      try {
        Future<Integer> visitsOfTwo = threads.submit(() -> visit(two, 1_000_000, loaded));
        Future<Integer> visitsOfThree = threads.submit(() -> visit(three, 2_000_000, loaded));
        try {
          load(one);
        } finally {
          loaded.set(true);
        }
        int visits =
            visitsOfTwo.get(30, TimeUnit.SECONDS) + visitsOfThree.get(30, TimeUnit.SECONDS);
        cluster.converge();
        assertThat(three.one("SELECT count(*) FROM Visit")).isEqualTo(String.valueOf(visits));
        assertThat(visits).isGreaterThan(20);
      } finally {
        threads.shutdownNow();
      }
      for (TestNode node : List.of(one, two, three)) {
        assertThat(rows(node)).isEqualTo(ROWS);
        assertThat(node.query("PRAGMA foreign_key_check")).isEmpty();
        assertThat(node.query("PRAGMA integrity_check")).containsExactly("ok");
        assertThat(node.one("SELECT sum(UnitPrice * Quantity) FROM InvoiceLine"))
            .isEqualTo(one.one("SELECT sum(UnitPrice * Quantity) FROM InvoiceLine"));
      }
    }
  }

  private static long rows(TestNode node) throws SQLException {
    long rows = 0;
    for (String table : TABLES) {
      rows += Long.parseLong(String.valueOf(node.one("SELECT count(*) FROM " + table)));
    }
    return rows;
  }

  private static void load(TestNode node) throws SQLException, IOException {
    try (Connection connection = node.connect();
        Statement statement = connection.createStatement()) {
      for (SqlStatement next : SqlStatement.scanAll(script())) {
        if (next.isDdl()) {
          statement.execute(next.text());
        } else {
          for (String insert : pieces(next.text())) {
            statement.execute(insert);
          }
        }
      }
    }
  }

  /** Cuts an INSERT of thousands of rows, one in a line, into transactions of some hundred. */
  private static List<String> pieces(String insert) {
    String[] lines = insert.split("\\R");
    List<String> pieces = new ArrayList<>();
    for (int from = 1; from < lines.length; from += ROWS_PER_TRANSACTION) {
      int to = Math.min(lines.length, from + ROWS_PER_TRANSACTION);
      String rows = String.join("\n", List.of(lines).subList(from, to));
      pieces.add(lines[0] + "\n" + rows.replaceAll("[,;]$", ""));
    }
    return pieces;
  }

  private static String script() throws IOException {
    String name = "/chinook/Chinook_Sqlite_AutoIncrementPKs.sql";
    try (InputStream in = ChinookIntegrationTests.class.getResourceAsStream(name)) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }
  }

  /** Writes rows of its own, and one that both nodes write. */
  private static int visit(TestNode node, int firstId, AtomicBoolean done) throws SQLException {
    String name = String.valueOf(node.file().getFileName());
    int visits = 0;
    while (!done.get()) {
      List<String> statements = new ArrayList<>();
      statements.add(
          "INSERT INTO Visit VALUES(" + (firstId + visits) + ", '" + name + "', " + visits + ")");
      statements.add(
          "INSERT INTO Busiest VALUES('any', 1) ON CONFLICT DO UPDATE SET Count = Count + 1");
      statements.add("UPDATE Visit SET Count = Count + 1 WHERE Node = '" + name + "'");
      node.transaction(statements.toArray(String[]::new));
      visits++;
    }
    return visits;
  }
}
