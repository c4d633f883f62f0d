package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class HaSqliteIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  @Test
  void whatOneNodeWritesIsReadOnTheOther() throws Exception {
    try (TestNode a = TestNode.start(folder, "a", NATS.url());
        TestNode b = TestNode.start(folder, "b", NATS.url())) {
      a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      a.run("INSERT INTO t VALUES(1, 'one'), (2, 'two')");
      a.transaction("UPDATE t SET v = 'uno' WHERE id = 1", "DELETE FROM t WHERE id = 2");
      b.awaitSame(a);
      assertThat(b.query("SELECT * FROM t")).containsExactly("1|uno");
      b.run("INSERT INTO t VALUES(3, 'three')");
      a.awaitSame(b);
      assertThat(a.query("SELECT * FROM t ORDER BY id")).containsExactly("1|uno", "3|three");
    }
  }

  @Test
  void dropIfExistsIsReplicatedAlsoWhereItDroppedNothingBefore() throws Exception {
    try (TestNode a = TestNode.start(folder, "a", NATS.url(), o -> o.databaseName("drop"));
        TestNode b = TestNode.start(folder, "b", NATS.url(), o -> o.databaseName("drop"));
        Connection connection = a.connect();
        Statement statement = connection.createStatement()) {
      a.run("CREATE TABLE kept(id INTEGER PRIMARY KEY)");
      b.awaitSame(a);
      statement.execute("DROP TABLE IF EXISTS t");
      b.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
      a.awaitSame(b);
      statement.execute("DROP TABLE IF EXISTS t");
      b.awaitSame(a);
      assertThat(b.query("SELECT name FROM pragma_table_list WHERE name IN ('t', 'kept')"))
          .containsExactly("kept");
    }
  }

  @Test
  void reindexAndAnalyzeReachTheEnginesOwnTables() throws Exception {
    try (TestNode a = TestNode.start(folder, "a", NATS.url(), o -> o.databaseName("reindex"))) {
      a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v UNIQUE)", "INSERT INTO t VALUES(1, 2)");
      a.run("REINDEX", "ANALYZE", "INSERT INTO t VALUES(2, 3)");
      assertThat(a.query("SELECT * FROM t ORDER BY id")).containsExactly("1|2", "2|3");
    }
  }
}
