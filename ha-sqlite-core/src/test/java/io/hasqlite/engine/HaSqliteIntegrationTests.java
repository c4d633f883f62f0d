package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestNode;
import java.nio.file.Path;
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
}
