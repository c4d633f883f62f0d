package io.hasqlite.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.FaultPoint;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.FileContent;
import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TcpProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node dies at each of the named points, once; nothing is lost then, and nothing doubled. */
@Timeout(300)
class FaultPointIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir static Path folder;
  private static final List<String> UNCAUGHT = Collections.synchronizedList(new ArrayList<>());
  private static Node witness;
  private static Node sync;
  private static Node async;

  @BeforeAll
  static void start() throws Exception {
    witness = newNode("witness", false);
    sync = newNode("sync", false);
    async = newNode("async", true);
    witness.start();
    ok(witness, "setup");
    sync.start();
    async.start();
  }

  private static Node newNode(String name, boolean isAsync) {
    return new Node(folder, name, isAsync, List.of(NATS.server()), text -> {}, UNCAUGHT::add);
  }

  @AfterAll
  static void stop() throws Exception {
    try (Node one = witness;
        Node two = sync;
        Node three = async) {
      one.stop();
      two.stop();
      three.stop();
    }
    assertThat(UNCAUGHT).isEmpty();
  }

  private static String ok(Node node, String request) throws Exception {
    Answer answer = node.ask(request).get();
    assertThat(answer.isOk()).as("%s of %s: %s", request, node.name(), answer).isTrue();
    return answer.text();
  }

  @Test
  @DisplayName("D29: the clock steps back while transactions wait in the outbox")
  void theClockSteppingBackChangesNoOrder() throws Exception {
    async.network().forEach(TcpProxy::refuse);
    ok(async, "count 1");
    ok(async, "raise 1 0");
    async.moveClock(Duration.ofHours(-5));
    ok(async, "raise 1 1");
    assertThat(Objects.requireNonNull(async.status()).backlog()).isEqualTo(3);
    async.kill();
    async.moveClock(Duration.ofHours(-9));
    async.healNetwork();
    async.start();
    ok(async, "raise 1 2");
    awaitEqual(async);
    assertThat(FileContent.of(witness.file())).contains("counters: 1|3");
    assertThat(async.moveClock(Duration.ZERO)).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsLostOrDoubledByADeathAt(FaultPoint point) throws Exception {
    Node victim =
        switch (point) {
          case OUTBOX_WRITTEN, COMMITTED, RELAYED -> async;
          default -> sync;
        };
    String before = point + "-before";
    String during = point + "-during";
    String after = point + "-after";
    ok(victim, "insert " + before);
    ok(victim, "insert " + before + "-deleted");
    awaitEqual(victim);
    boolean reached =
        switch (point) {
          case PUBLISHED, OUTBOX_WRITTEN, COMMITTED ->
              diesOn(point, victim, victim, "insert " + during);
          case RELAYED -> diesOnRelay(victim, "insert " + during);
          case APPLYING, APPLIED -> diesOn(point, victim, witness, "insert " + during);
          case SNAPSHOT_COPIED, SNAPSHOT_STORED -> {
            ok(witness, "snapshot");
            ok(witness, "insert " + during);
            awaitEqual(victim);
            boolean died = diesOn(point, victim, victim, "snapshot");
            assertThat(ok(witness, "latest")).contains("StoredSnapshot");
            yield died;
          }
          case RESTORING -> {
            ok(witness, "insert " + during);
            ok(witness, "snapshot");
            victim.kill();
            victim.deleteFiles();
            yield victim.startDyingAt(point);
          }
        };
    assertThat(reached).isTrue();
    // What comes after it would be overwritten if something took effect a second time.
    ok(witness, "delete " + before + "-deleted");
    victim.start();
    victim.awaitRunning();
    ok(victim, "insert " + after);
    awaitEqual(victim);
    List<String> expected = new ArrayList<>(List.of(before, after));
    if (point != FaultPoint.OUTBOX_WRITTEN) {
      expected.add(during);
    }
    assertThat(FileContent.of(victim.file()))
        .filteredOn(line -> line.startsWith("entries: '" + point + "-"))
        .extracting(line -> line.replaceAll("entries: '([^']*)'.*", "$1"))
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  /** Has the victim die at a point, on what a node is asked for. */
  private static boolean diesOn(FaultPoint point, Node victim, Node asked, String request)
      throws Exception {
    ok(victim, "dieAt " + point);
    Answer answer = asked.ask(request).get();
    assertThat(answer.outcome())
        .as("%s", answer)
        .isEqualTo(asked == victim ? Answer.Outcome.IN_DOUBT : Answer.Outcome.OK);
    return victim.diedAtFaultPoint();
  }

  /** The relay may be faster than the answer of the commit. */
  private static boolean diesOnRelay(Node victim, String request) throws Exception {
    ok(victim, "dieAt " + FaultPoint.RELAYED);
    assertThat(victim.ask(request).get().outcome()).isNotEqualTo(Answer.Outcome.REFUSED);
    return victim.diedAtFaultPoint();
  }

  private static void awaitEqual(Node victim) throws Exception {
    Eventually.holds(
        () -> {
          long position = Objects.requireNonNull(witness.status()).position();
          NodeStatus status = Objects.requireNonNull(victim.status());
          assertThat(status.backlog()).isZero();
          assertThat(status.position()).isEqualTo(position);
        });
    assertThat(FileContent.of(victim.file())).isEqualTo(FileContent.of(witness.file()));
  }
}
