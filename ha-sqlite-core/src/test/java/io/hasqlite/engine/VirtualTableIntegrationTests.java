package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class VirtualTableIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;
  private TestNode a;
  private TestNode b;

  @BeforeEach
  void start() {
    NATS.restartEmpty();
    a = TestNode.start(folder, "a", NATS.url());
    b = TestNode.start(folder, "b", NATS.url());
  }

  @AfterEach
  void stop() {
    a.close();
    b.close();
  }

  @Test
  @DisplayName("D21: an FTS5 index kept by triggers is right on every node")
  void triggersThatKeepAnIndexFireOnApply() throws Exception {
    a.run(
        "CREATE TABLE doc(id INTEGER PRIMARY KEY, txt)",
        "CREATE TABLE audit(what)",
        "CREATE VIRTUAL TABLE search USING fts5(txt, content=doc, content_rowid=id)",
        "CREATE TRIGGER doc_ai AFTER INSERT ON doc BEGIN INSERT INTO search(rowid, txt)"
            + " VALUES(new.id, new.txt); END",
        "CREATE TRIGGER doc_ad AFTER DELETE ON doc BEGIN INSERT INTO search(search, rowid, txt)"
            + " VALUES('delete', old.id, old.txt); END",
        "CREATE TRIGGER doc_au AFTER UPDATE ON doc BEGIN INSERT INTO search(search, rowid, txt)"
            + " VALUES('delete', old.id, old.txt); INSERT INTO search(rowid, txt) VALUES(new.id,"
            + " new.txt); END",
        "CREATE TRIGGER doc_log AFTER INSERT ON doc BEGIN INSERT INTO audit VALUES(new.txt); END",
        "INSERT INTO doc VALUES(1, 'red fox'), (2, 'blue fox')");
    b.awaitSame(a);
    b.run("UPDATE doc SET txt = 'green bird' WHERE id = 2", "INSERT INTO doc VALUES(3, 'red hen')");
    a.awaitSame(b);
    a.run("DELETE FROM doc WHERE id = 1");
    b.awaitSame(a);
    for (TestNode node : new TestNode[] {a, b}) {
      assertThat(node.query("SELECT rowid FROM search WHERE search MATCH 'red'"))
          .containsExactly("3");
      assertThat(node.query("SELECT rowid FROM search WHERE search MATCH 'bird'"))
          .containsExactly("2");
      assertThat(node.query("SELECT what FROM audit ORDER BY rowid"))
          .containsExactly("red fox", "blue fox", "red hen");
      node.run("INSERT INTO search(search, rank) VALUES('integrity-check', 1)");
    }
  }

  @Test
  void directWritesTravelAsStatementsWithTheirArguments() throws Exception {
    a.run(
        "CREATE VIRTUAL TABLE search USING fts5(title, body)",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    try (Connection connection = a.connect()) {
      connection.setAutoCommit(false);
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO search(title, body) VALUES(?, ?)")) {
        insert.setString(1, "first");
        insert.setString(2, "the quick brown fox");
        insert.executeUpdate();
        insert.setString(1, "second");
        insert.setString(2, "the lazy dog");
        insert.executeUpdate();
      }
      connection.createStatement().execute("INSERT INTO t VALUES(1, 'with it')");
      connection.commit();
    }
    b.awaitSame(a);
    b.run("UPDATE search SET body = 'a sleeping cat' WHERE title = 'second'");
    a.awaitSame(b);
    a.run("DELETE FROM search WHERE search MATCH 'fox'");
    b.awaitSame(a);
    for (TestNode node : new TestNode[] {a, b}) {
      assertThat(node.query("SELECT rowid, title, body FROM search"))
          .containsExactly("2|second|a sleeping cat");
      assertThat(node.query("SELECT * FROM t")).containsExactly("1|with it");
      node.run("INSERT INTO search(search) VALUES('integrity-check')");
    }
  }

  @Test
  void whatWouldDifferOnAnotherNodeIsRefused() throws SQLException {
    a.run("CREATE VIRTUAL TABLE search USING fts5(body)");
    for (String sql :
        new String[] {
          "INSERT INTO search VALUES(random())",
          "INSERT INTO search VALUES(datetime('now'))",
          "INSERT INTO search SELECT subject FROM ha_stats"
        }) {
      assertThatThrownBy(() -> a.run(sql))
          .as(sql)
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("bind");
    }
    assertThat(a.query("SELECT * FROM search")).isEmpty();
  }

  @Test
  void aTriggerThatWritesBothKindsOfTablesIsRefused() throws SQLException {
    a.run(
        "CREATE TABLE doc(id INTEGER PRIMARY KEY, txt)",
        "CREATE TABLE audit(what)",
        "CREATE VIRTUAL TABLE search USING fts5(txt)",
        "CREATE TRIGGER both AFTER INSERT ON doc BEGIN INSERT INTO search(rowid, txt)"
            + " VALUES(new.id, new.txt); INSERT INTO audit VALUES(new.txt); END");
    assertThatThrownBy(() -> a.run("INSERT INTO doc VALUES(1, 'x')"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("both");
  }
}
