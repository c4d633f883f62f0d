package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TcpProxy;
import io.hasqlite.testing.TestNode;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SharedConnectionIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  @Test
  @DisplayName("Two databases of a node share one connection, which the last one closes")
  void twoDatabasesOfANodeShareOneConnection() throws Exception {
    try (TcpProxy proxy = TcpProxy.to(URI.create(NATS.url()).getPort());
        TestNode other = start("other", "orders", NATS.url())) {
      TestNode orders = start("node", "orders", proxy.url());
      TestNode users = start("node", "users", proxy.url());
      try (orders) {
        try (users) {
          users.run("CREATE TABLE t(id INTEGER PRIMARY KEY)", "INSERT INTO t VALUES(1)");
          orders.run("CREATE TABLE t(id INTEGER PRIMARY KEY)", "INSERT INTO t VALUES(2)");
          assertThat(proxy.connections()).isEqualTo(1);
        }
        users.close();
        orders.run("INSERT INTO t VALUES(3)");
        other.run("INSERT INTO t VALUES(4)");
        orders.awaitSame(other);
        assertThat(orders.query("SELECT id FROM t ORDER BY id")).containsExactly("2", "3", "4");
        assertThat(proxy.connections()).isEqualTo(1);
      }
      Eventually.holds(() -> assertThat(proxy.connections()).isZero());
    }
  }

  @Test
  @DisplayName("Two nodes in one process have a connection each")
  void twoNodesHaveAConnectionEach() throws Exception {
    try (TcpProxy proxy = TcpProxy.to(URI.create(NATS.url()).getPort());
        TestNode a = start("a", "names", proxy.url());
        TestNode b = start("b", "names", proxy.url())) {
      a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
      b.awaitSame(a);
      assertThat(proxy.connections()).isEqualTo(2);
    }
  }

  private TestNode start(String node, String database, String url) throws Exception {
    Path place = Files.createDirectories(folder.resolve(database));
    return TestNode.start(place, node, url, options -> options.databaseName(database));
  }
}
