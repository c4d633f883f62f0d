package io.hasqlite.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real nodes and servers under faults, half of the time on one server and half on a cluster of
 * three. {@code -Dfaults.minutes=N} makes it longer, {@code -Dfaults.seed=N} repeats its choices
 * (though not its timing). The seed, and the table of what happened, are printed.
 */
@EnabledOnOs(OS.LINUX) // signals, and prlimit
class ClusterFaultsIntegrationTests {

  /** In a run; one on a cluster of three servers as well makes both sums double. */
  private static final int FAULTS_MIN = 20;

  private static final int EACH_FAULT_MIN = 1;

  @TempDir Path folder;

  @Test
  @DisplayName("Nothing acknowledged is lost or doubled, and nodes are equal, whatever fails")
  void nothingIsLostWhateverFails() throws Exception {
    long seed = Long.getLong("faults.seed", new Random().nextInt(1_000_000));
    Duration minutes = Duration.ofMinutes(Long.getLong("faults.minutes", 3));
    boolean all = System.getProperty("faults.minutes") != null;
    int[] clusters = all ? new int[] {1, 3} : new int[] {1};
    System.out.println("To repeat this: -Dfaults.seed=" + seed);
    FaultTable table = new FaultTable();
    for (int servers : clusters) {
      try (FaultRun run =
          new FaultRun(
              folder.resolve(servers + "-servers"),
              servers,
              seed + servers,
              minutes.dividedBy(2),
              FAULTS_MIN,
              EACH_FAULT_MIN,
              table)) {
        run.run();
        assertThat(table.wrong())
            .as("-Dfaults.seed=%d\n%s", seed, table.wrong().isEmpty() ? "" : run.describe())
            .isEmpty();
      } catch (AssertionError e) {
        throw new AssertionError("-Dfaults.seed=" + seed + ": " + e.getMessage(), e);
      }
    }
    System.out.println(table);
    assertThat(table.total()).as("%s", table).isGreaterThanOrEqualTo(FAULTS_MIN * clusters.length);
    // A short run may have no opportunity for one of them.
    for (Fault fault : all ? Fault.values() : new Fault[0]) {
      assertThat(table.count(fault))
          .as("%s\n%s", fault, table)
          .isGreaterThanOrEqualTo(EACH_FAULT_MIN * clusters.length);
    }
    assertThat(table.acknowledged()).isGreaterThan(100);
  }
}
