package io.hasqlite.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.RowIdentity;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.apply.PendingWork;
import io.hasqlite.capture.CaptureOptions;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.outbox.Outbox;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.stream.Beginning;
import io.hasqlite.stream.SnapshotStamp;
import io.hasqlite.stream.SnapshotStore;
import io.hasqlite.stream.StoredSnapshot;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotterTests {

  @TempDir Path folder;

  @Test
  @DisplayName("D35: the store fails in a way that nobody foresaw; the next interval tries again")
  void noFailureEndsTheThread() throws Exception {
    Clock clock = Clock.systemUTC();
    ChangeSetCodec codec = new ChangeSetCodec();
    Outbox outbox = new Outbox(codec, clock);
    ControlTables controlTables = new ControlTables("s.test", clock);
    CountDownLatch claims = new CountDownLatch(2);
    SnapshotStore store =
        new FailingStore() {
          @Override
          public boolean claim(String duty, Duration duration) {
            claims.countDown();
            throw new IllegalStateException("not foreseen");
          }
        };
    try (Snapshotter snapshotter =
        new Snapshotter(
            "test",
            SqliteFile.open(folder.resolve("a.db"), Map.of(), List.of()),
            Set.of(),
            store,
            controlTables,
            new PendingWork(
                new CaptureOptions(RowIdentity.PK, Set.of(), true),
                controlTables,
                codec,
                clock,
                outbox),
            () -> null,
            () -> {},
            Duration.ofMillis(10),
            new SnapshotListener() {})) {
      snapshotter.start();
      assertThat(claims.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  private abstract static class FailingStore implements SnapshotStore {

    @Override
    public Optional<StoredSnapshot> latest() {
      return Optional.empty();
    }

    @Override
    public boolean put(InputStream content, SnapshotStamp stamp) {
      throw new AssertionError("Nothing was claimed");
    }

    @Override
    public boolean restamp(StoredSnapshot latest, SnapshotStamp stamp) {
      throw new AssertionError("Nothing was claimed");
    }

    @Override
    public Optional<Beginning> beginning() {
      return Optional.empty();
    }

    @Override
    public Beginning begin(Beginning wanted) {
      throw new AssertionError("Nothing was claimed");
    }

    @Override
    public Optional<StoredSnapshot> get(OutputStream target) {
      return Optional.empty();
    }
  }
}
