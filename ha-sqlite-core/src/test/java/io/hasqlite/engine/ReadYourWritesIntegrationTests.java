package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.WriteToken;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TcpProxy;
import io.hasqlite.testing.TestNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReadYourWritesIntegrationTests {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final int WRITES = 40;

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  @Test
  @DisplayName("A client that goes from node to node reads stale rows, but with a token never")
  void withATokenNoReadIsStale() throws Exception {
    try (TcpProxy slow = TcpProxy.to(URI.create(NATS.url()).getPort());
        TestNode a = TestNode.start(folder, "a", NATS.url(), o -> o.databaseName("slow"));
        TestNode b = TestNode.start(folder, "b", slow.url(), o -> o.databaseName("slow"))) {
      a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
      b.awaitSame(a);
      slow.slow(Duration.ofMillis(20));
      int stale = 0;
      for (int i = 1; i <= WRITES; i++) {
        a.run("INSERT INTO t VALUES(" + i + ")");
        WriteToken token = a.engine().writeToken();
        if (!String.valueOf(i).equals(b.one("SELECT count(*) FROM t"))) {
          stale++;
        }
        assertThat(b.engine().await(token, LONG)).isTrue();
        assertThat(b.one("SELECT count(*) FROM t")).isEqualTo(String.valueOf(i));
      }
      assertThat(stale).isPositive();
    }
  }

  @Test
  @DisplayName("A wait ends with its time, and goes on as soon as the node is level")
  void aWaitIsBounded() throws Exception {
    try (TestNode a = TestNode.start(folder, "a", NATS.url(), o -> o.databaseName("bounded"));
        TestNode b = TestNode.start(folder, "b", NATS.url(), o -> o.databaseName("bounded"))) {
      a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
      b.awaitSame(a);
      b.engine().pause();
      a.run("INSERT INTO t VALUES(1)");
      WriteToken token = a.engine().writeToken();

      assertThat(b.engine().await(token, SHORT)).isFalse();
      assertThat(b.query("SELECT id FROM t")).isEmpty();

      CompletableFuture<List<String>> reading =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  assertThat(b.engine().await(token, LONG)).isTrue();
                  return b.query("SELECT id FROM t");
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      b.engine().resume();
      assertThat(reading.get(20, TimeUnit.SECONDS)).containsExactly("1");
    }
  }

  @Test
  @DisplayName("What an asynchronous node has not published yet is awaited, too")
  void whatHasNoPlaceYetIsAwaited() throws Exception {
    try (TestNode a =
            TestNode.start(
                folder,
                "a",
                NATS.url(),
                o -> o.databaseName("async").publisherAsync(true).relayStarted(false));
        TestNode b = TestNode.start(folder, "b", NATS.url(), o -> o.databaseName("async"))) {
      a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
      a.run("INSERT INTO t VALUES(1)", "INSERT INTO t VALUES(2)");
      WriteToken token = WriteToken.parse(a.engine().writeToken().toString());
      assertThat(token.pending()).hasSize(1);

      assertThat(a.engine().await(token, Duration.ZERO)).isTrue();
      b.run("CREATE TABLE other(id INTEGER PRIMARY KEY)");
      assertThat(b.engine().await(token, SHORT)).isFalse();
      Eventually.holds(
          () -> assertThat(a.engine().status().state()).isEqualTo(ReplicationStatus.State.RUNNING));
      while (a.engine().sendNext()) {
        // one message after the other
      }
      assertThat(b.engine().await(token, LONG)).isTrue();
      assertThat(b.query("SELECT id FROM t ORDER BY id")).containsExactly("1", "2");

      a.awaitSame(b);
      Eventually.holds(() -> assertThat(a.engine().writeToken().pending()).isEmpty());
      assertThat(a.engine().writeToken().sequence()).isGreaterThan(token.sequence());
    }
  }

  @Test
  void aTokenOfAStreamThatIsNoMoreIsNotWaitedFor() throws Exception {
    try (TestNode a = TestNode.start(folder, "a", NATS.url(), o -> o.databaseName("gone"))) {
      a.run("CREATE TABLE t(id INTEGER PRIMARY KEY)");
      WriteToken other = new WriteToken("0", 1, List.of());

      assertThat(a.engine().await(other, LONG)).isFalse();
      assertThat(other.and(a.engine().writeToken())).isEqualTo(a.engine().writeToken());
    }
  }

  @Test
  void aCloseEndsTheWait() throws Exception {
    TestNode a = TestNode.start(folder, "a", NATS.url(), o -> o.databaseName("close"));
    WriteToken never = new WriteToken("", Long.MAX_VALUE, List.of());
    CompletableFuture<Boolean> waiting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return a.engine().await(never, Duration.ofMinutes(1));
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    a.close();
    assertThat(waiting.get(20, TimeUnit.SECONDS)).isFalse();
  }

  @Test
  void withoutReplicationThereIsNothingToWaitFor() throws Exception {
    try (HaSqlite alone = HaSqlite.open(HaSqliteOptions.builder(folder.resolve("x.db")).build())) {
      assertThat(alone.writeToken()).isEqualTo(WriteToken.NONE);
      assertThat(alone.await(WriteToken.NONE, LONG)).isTrue();
      assertThat(alone.await(new WriteToken("", 1, List.of()), LONG)).isFalse();
    }
  }
}
