package io.hasqlite.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.FaultPoint;
import io.hasqlite.testing.Eventually;
import io.hasqlite.testing.FileContent;
import io.hasqlite.testing.NatsServerExtension;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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
  private static Node victim;

  @BeforeAll
  static void start() throws Exception {
    witness = newNode("witness");
    victim = newNode("victim");
    witness.start();
    ok(witness, "setup");
    victim.start();
  }

  private static Node newNode(String name) {
    return new Node(folder, name, List.of(NATS.server()), text -> {}, UNCAUGHT::add);
  }

  @AfterAll
  static void stop() throws Exception {
    try (Node one = witness;
        Node other = victim) {
      one.stop();
      other.stop();
    }
    assertThat(UNCAUGHT).isEmpty();
  }

  private static String ok(Node node, String request) throws Exception {
    Answer answer = node.ask(request).get();
    assertThat(answer.isOk()).as("%s of %s: %s", request, node.name(), answer).isTrue();
    return answer.text();
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsLostOrDoubledByADeathAt(FaultPoint point) throws Exception {
    String before = point + "-before";
    String during = point + "-during";
    String after = point + "-after";
    ok(victim, "insert " + before);
    ok(victim, "insert " + before + "-deleted");
    awaitEqual();
    boolean reached =
        switch (point) {
          case PUBLISHED, COMMITTED -> diesOn(point, victim, "insert " + during);
          case APPLYING, APPLIED -> diesOn(point, witness, "insert " + during);
          case SNAPSHOT_COPIED, SNAPSHOT_STORED -> {
            ok(witness, "snapshot");
            ok(witness, "insert " + during);
            awaitEqual();
            boolean died = diesOn(point, victim, "snapshot");
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
    awaitEqual();
    assertThat(FileContent.of(victim.file()))
        .filteredOn(line -> line.startsWith("entries: '" + point + "-"))
        .extracting(line -> line.replaceAll("entries: '([^']*)'.*", "$1"))
        .containsExactlyInAnyOrder(before, during, after);
  }

  /** Has the victim die at a point, on what a node is asked for. */
  private static boolean diesOn(FaultPoint point, Node asked, String request) throws Exception {
    ok(victim, "dieAt " + point);
    Answer answer = asked.ask(request).get();
    assertThat(answer.outcome())
        .as("%s", answer)
        .isEqualTo(asked == victim ? Answer.Outcome.IN_DOUBT : Answer.Outcome.OK);
    return victim.diedAtFaultPoint();
  }

  private static void awaitEqual() throws Exception {
    Eventually.holds(
        () -> {
          long position = Objects.requireNonNull(witness.status()).position();
          assertThat(victim.status()).isNotNull();
          assertThat(Objects.requireNonNull(victim.status()).position()).isEqualTo(position);
        });
    assertThat(FileContent.of(victim.file())).isEqualTo(FileContent.of(witness.file()));
  }
}
