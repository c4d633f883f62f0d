package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import io.hasqlite.verify.DatabaseDigest;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a digest sees, and what it does not. */
@Timeout(60)
class DigestIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private static final List<String> TABLES =
      List.of(
          "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
          "CREATE TABLE bare(v)",
          "CREATE TABLE k(a TEXT, b, v, PRIMARY KEY(a, b)) WITHOUT ROWID",
          "CREATE TABLE n(name TEXT NOT NULL PRIMARY KEY, v)",
          "CREATE TABLE local(v)",
          "INSERT INTO t VALUES(1, 'one'), (2, NULL), (3, 3), (4, x'34'), (5, 5.0), (6, '')",
          "INSERT INTO bare(rowid, v) VALUES(1, 'x'), (2, 'y')",
          "INSERT INTO k VALUES('a', 1, 'x'), ('b', 2, 'y')",
          "INSERT INTO n VALUES('a', 1), ('b', 2), ('c', 3)");

  private Path first;
  private Path second;

  @BeforeEach
  void makeTwoFiles() throws SQLException {
    first = folder.resolve("first.db");
    second = folder.resolve("second.db");
    plain(first, TABLES.toArray(String[]::new));
    plain(second, TABLES.toArray(String[]::new));
  }

  private static void plain(Path file, String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static DatabaseDigest digest(Path file) throws SQLException {
    HaSqliteOptions options =
        HaSqliteOptions.builder(file)
            .nodeName("a")
            .databaseName("test")
            .excludedTables(Set.of("LOCAL"))
            .build();
    try (HaSqlite engine = HaSqlite.open(options)) {
      return engine.digest();
    }
  }

  private List<String> differences() throws SQLException {
    return digest(first).differences(digest(second));
  }

  @Test
  @DisplayName("Equal rows in another order have equal digests")
  void theOrderOfRowsDoesNotMatter() throws Exception {
    plain(
        second,
        "DELETE FROM t",
        "INSERT INTO t VALUES(6, ''), (5, 5.0), (4, x'34'), (3, 3), (2, NULL), (1, 'one')",
        "DELETE FROM n",
        "INSERT INTO n VALUES('b', 2), ('c', 3), ('a', 1)",
        "INSERT INTO local VALUES('of this node')",
        "CREATE INDEX mine ON Local(v)",
        "ANALYZE");
    assertThat(differences()).isEmpty();
    assertThat(digest(first).tables()).extracting("name").doesNotContain("local");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "UPDATE t SET v = 'onf' WHERE id = 1| t",
        "UPDATE t SET v = '' WHERE id = 2| t",
        "UPDATE t SET v = 3.0 WHERE id = 3| t",
        "UPDATE t SET v = '3' WHERE id = 3| t",
        "UPDATE t SET v = '4' WHERE id = 4| t",
        "UPDATE t SET v = CAST(x'C3' AS TEXT) WHERE id = 1| t",
        "UPDATE t SET v = 5 WHERE id = 5| t",
        "UPDATE t SET v = x'' WHERE id = 6| t",
        "UPDATE t SET id = 7 WHERE id = 6| t",
        "DELETE FROM t WHERE id = 2| t",
        "UPDATE bare SET rowid = 3 WHERE rowid = 2| bare",
        "UPDATE bare SET v = CASE rowid WHEN 1 THEN 'y' ELSE 'x' END| bare",
        "INSERT INTO bare VALUES('x')| bare",
        "UPDATE k SET v = CASE a WHEN 'a' THEN 'y' ELSE 'x' END| k",
        "CREATE INDEX i ON t(v)| sqlite_schema",
        "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END| sqlite_schema",
      })
  @DisplayName("Every change of a value, its type, a key, a rowid or the schema is seen")
  void everyDifferenceIsSeen(String sql, String table) throws Exception {
    plain(second, sql);
    assertThat(differences()).containsExactly(table);
  }

  @Test
  @DisplayName("Nodes of one position have the same digest, at that position")
  void nodesHaveTheSameDigest() throws Exception {
    try (TestCluster cluster = new TestCluster(folder, NATS.url())) {
      TestNode a = cluster.node("a");
      TestNode b = cluster.node("b");
      a.run(TABLES.toArray(String[]::new));
      b.awaitSame(a).run("UPDATE t SET v = v || '!'", "INSERT INTO bare VALUES(1.5)");
      cluster.converge();
      DatabaseDigest digest = a.engine().digest();
      assertThat(b.engine().digest()).isEqualTo(digest);
      assertThat(digest.sequence()).isEqualTo(cluster.lastSequence());
      Eventually.holds(() -> assertThat(a.engine().status().problem()).isNull());
    }
  }
}
