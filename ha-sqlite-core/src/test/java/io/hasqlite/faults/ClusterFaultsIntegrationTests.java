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
 * Real nodes and servers under faults for three minutes, half of the time on one server and half on
 * a cluster of three. {@code -Dfaults.minutes=N} makes it longer, {@code -Dfaults.seed=N} repeats
 * its choices (though not its timing). The seed, and the table of what happened, are printed.
 */
@EnabledOnOs(OS.LINUX) // signals, and prlimit
class ClusterFaultsIntegrationTests {

  private static final int[] SERVERS = {1, 3};

  private static final int FAULTS_MIN = 40;
  private static final int EACH_FAULT_MIN = 2;

  @TempDir Path folder;

  @Test
  @DisplayName("Nothing acknowledged is lost or doubled, and nodes are equal, whatever fails")
  void nothingIsLostWhateverFails() throws Exception {
    long seed = Long.getLong("faults.seed", new Random().nextInt(1_000_000));
    Duration minutes = Duration.ofMinutes(Long.getLong("faults.minutes", 3));
    System.out.println("To repeat this: -Dfaults.seed=" + seed);
    FaultTable table = new FaultTable();
    for (int servers : SERVERS) {
      try (FaultRun run =
          new FaultRun(
              folder.resolve(servers + "-servers"),
              servers,
              seed + servers,
              minutes.dividedBy(SERVERS.length),
              FAULTS_MIN / SERVERS.length,
              EACH_FAULT_MIN / SERVERS.length,
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
    assertThat(table.total()).as("%s", table).isGreaterThanOrEqualTo(FAULTS_MIN);
    for (Fault fault : Fault.values()) {
      assertThat(table.count(fault))
          .as("%s\n%s", fault, table)
          .isGreaterThanOrEqualTo(EACH_FAULT_MIN);
    }
    assertThat(table.acknowledged()).isGreaterThan(100);
  }
}
