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

  @Test
  void aForeignKeyMayChangeTheRowThatIsBeingUpdated() throws Exception {
    try (TestNode a = TestNode.start(folder, "a", NATS.url(), o -> o.databaseName("self"));
        TestNode b = TestNode.start(folder, "b", NATS.url(), o -> o.databaseName("self"))) {
      a.run(
          "CREATE TABLE t(k UNIQUE, p REFERENCES t(k) ON UPDATE CASCADE, v)",
          "CREATE TABLE w(k TEXT PRIMARY KEY, p REFERENCES w(k) ON UPDATE CASCADE, v) WITHOUT"
              + " ROWID",
          "INSERT INTO t VALUES(1, 1, 'x')",
          "INSERT INTO w VALUES('a', 'a', 'x')",
          "UPDATE t SET k = 2, v = 'y'",
          "UPDATE w SET k = 'b', v = 'y'");
      b.awaitSame(a);
      assertThat(a.query("SELECT * FROM t UNION ALL SELECT * FROM w"))
          .containsExactly("2|2|y", "b|b|y");
      assertThat(b.query("SELECT * FROM t UNION ALL SELECT * FROM w"))
          .containsExactly("2|2|y", "b|b|y");
    }
  }

  @Test
  void aTriggerThatCannotBeCompiledDoesNotStopChangesThatDoNotFireIt() throws Exception {
    try (TestNode a = TestNode.start(folder, "a", NATS.url(), o -> o.databaseName("broken"));
        TestNode b = TestNode.start(folder, "b", NATS.url(), o -> o.databaseName("broken"))) {
      a.run(
          "CREATE TABLE t(id INTEGER PRIMARY KEY, v UNIQUE)",
          "CREATE TABLE gone(id INTEGER PRIMARY KEY)",
          "CREATE TRIGGER lost AFTER DELETE ON t BEGIN INSERT INTO gone VALUES(old.id); END",
          "CREATE TRIGGER sound AFTER UPDATE ON t BEGIN INSERT INTO t VALUES(old.id + 10, 0); END",
          "INSERT INTO t VALUES(1, 1), (2, 2)",
          "DROP TABLE gone",
          "UPDATE t SET v = 3 WHERE id = 1");
      b.awaitSame(a);
      assertThat(b.query("SELECT * FROM t ORDER BY id")).containsExactly("1|3", "2|2", "11|0");
      assertThat(b.query("SELECT name FROM sqlite_schema WHERE type = 'trigger' ORDER BY name"))
          .containsExactly("lost", "sound");
    }
  }

  @Test
  void aCascadeFromADisplacedRowMayTakeTheUpdatedRowItself() throws Exception {
    try (TestNode a = TestNode.start(folder, "a", NATS.url(), o -> o.databaseName("cascade"));
        TestNode b = TestNode.start(folder, "b", NATS.url(), o -> o.databaseName("cascade"))) {
      a.run(
          "CREATE TABLE t(k INTEGER PRIMARY KEY, p REFERENCES t(k) ON DELETE CASCADE)",
          "CREATE TRIGGER any AFTER UPDATE ON t BEGIN SELECT 1; END",
          "INSERT INTO t VALUES(1, NULL), (2, 1)",
          "UPDATE OR REPLACE t SET k = 1 WHERE k = 2");
      b.awaitSame(a);
      assertThat(a.query("SELECT * FROM t")).isEmpty();
      assertThat(b.query("SELECT * FROM t")).isEmpty();
    }
  }
}
