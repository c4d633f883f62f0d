package io.hasqlite.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.NodeId;
import io.hasqlite.RowIdentity;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.apply.PendingWork;
import io.hasqlite.capture.CaptureOptions;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.outbox.Outbox;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.testing.InMemorySnapshotStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifierTests {

  @TempDir Path folder;

  @Test
  void aFailureDoesNotEndComparisons() throws Exception {
    CountDownLatch asked = new CountDownLatch(3);
    CaptureOptions options = new CaptureOptions(RowIdentity.PK, Set.of(), true);
    ControlTables controlTables = new ControlTables("test", Clock.systemUTC());
    ChangeSetCodec codec = new ChangeSetCodec();
    Verifier.Settings settings =
        new Verifier.Settings(
            "test",
            new NodeId("a"),
            options,
            Duration.ofMillis(20),
            () -> true,
            new PendingWork(
                options,
                controlTables,
                codec,
                Clock.systemUTC(),
                new Outbox(codec, Clock.systemUTC())),
            () -> 1);
    try (Verifier verifier =
        new Verifier(
            settings,
            SqliteFile.open(folder.resolve("a.db"), Map.of(), List.of()),
            controlTables,
            new InMemorySnapshotStore(),
            change -> {
              asked.countDown();
              throw new IllegalStateException("this is no SQLException");
            })) {
      verifier.start();
      assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }
}
