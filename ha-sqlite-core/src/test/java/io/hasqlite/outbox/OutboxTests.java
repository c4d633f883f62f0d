package io.hasqlite.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.sqlite.SqliteSession;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the outbox knows in memory is what its file holds. */
class OutboxTests {

  private static final Origin ORIGIN = new Origin(new NodeId("a"), 1);
  private static final int MEGABYTE = 1 << 20;
  private static final int MEMORY_TRANSACTIONS_MAX = 10_000;
  private static final int MEMORY_MEGABYTES_MAX = 8;

  @TempDir Path folder;

  private final ChangeSetCodec codec = new ChangeSetCodec();
  private Outbox outbox = new Outbox(codec, Clock.systemUTC());
  private SqliteSession session;
  private SqliteSession reader;
  private long number;

  @BeforeEach
  void open() throws SQLException {
    SqliteFile file = SqliteFile.open(folder.resolve("a.db"), Map.of(), List.of());
    session = file.openSession();
    reader = file.openSession();
    outbox.load(session);
  }

  @AfterEach
  void close() throws SQLException {
    session.close();
    reader.close();
  }

  private static List<Change> rows(int count, int length) {
    List<Change> rows = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      String value = "x".repeat(length);
      rows.add(Change.insert("t", List.of("a"), List.of("a"), i, List.of(value), 0));
    }
    return rows;
  }

  private void write(List<Change> changes, boolean commit) throws SQLException {
    session.execute("BEGIN IMMEDIATE");
    outbox.begun();
    outbox.add(session, ORIGIN, ++number, number / 2, changes);
    end(commit);
  }

  private void remove(int count, boolean commit) throws SQLException {
    session.execute("BEGIN IMMEDIATE");
    outbox.begun();
    outbox.remove(session, outbox.after(session, 0, count));
    end(commit);
  }

  private void end(boolean commit) throws SQLException {
    if (commit) {
      session.execute("COMMIT");
      outbox.committed();
    } else {
      session.execute("ROLLBACK");
    }
  }

  private static List<PendingTransaction> first(
      List<PendingTransaction> all, long place, int max, long bytesMax) {
    List<PendingTransaction> first = new ArrayList<>();
    long bytes = 0;
    for (PendingTransaction next : all) {
      if (next.place() > place && first.size() < max && bytes <= bytesMax) {
        first.add(next);
        bytes += next.bytes();
      }
    }
    return first;
  }

  private void assertMemoryIsTheFile() throws SQLException {
    List<PendingTransaction> all = outbox.after(reader, 0, Integer.MAX_VALUE);
    long last = all.isEmpty() ? 0 : all.get(all.size() - 1).place();
    for (long place = Math.max(0, last - 20); place <= last; place++) {
      for (int max : new int[] {1, 3, Integer.MAX_VALUE}) {
        for (long bytesMax : new long[] {0, 100, 2 * MEGABYTE, Long.MAX_VALUE}) {
          assertThat(outbox.committedAfter(reader, place, max, bytesMax))
              .isEqualTo(first(all, place, max, bytesMax));
        }
      }
    }
    assertThat(outbox.committedAfter(reader, 0, Integer.MAX_VALUE, Long.MAX_VALUE)).isEqualTo(all);
    if (!all.isEmpty()) {
      assertPayloadIsInTheFile(all.get(0));
      assertPayloadIsInTheFile(all.get(all.size() - 1));
    }
  }

  private void assertPayloadIsInTheFile(PendingTransaction transaction) throws SQLException {
    List<Change> payload = outbox.payload(reader, transaction);
    List<Change> known = outbox.encodedPayload(reader, transaction);
    assertThat(known.size()).isEqualTo(payload.size());
    assertThat(known.equals(payload)).isTrue(); // a description of a difference would be large
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void whateverIsDone(long seed) throws SQLException {
    Random random = new Random(seed);
    for (int step = 0; step < 60; step++) {
      boolean commit = random.nextInt(5) > 0;
      switch (random.nextInt(12)) {
        case 0 -> outbox.load(session);
        case 1 -> {
          outbox = new Outbox(codec, Clock.systemUTC()); // a restart
          outbox.load(session);
        }
        case 2, 3, 4 -> remove(1 + random.nextInt(4), commit);
        case 5 -> write(rows(3, MEGABYTE), commit); // three pieces
        case 6 -> write(rows(1, MEGABYTE - 1_000), commit);
        case 7 -> write(List.of(), commit);
        default -> write(rows(1 + random.nextInt(3), random.nextInt(100)), commit);
      }
      assertMemoryIsTheFile();
    }
  }

  /** A copy of the database has an outbox that is not loaded. */
  @Test
  void whatWasNotLoadedIsRead() throws SQLException {
    write(rows(1, 10), true);
    outbox = outbox.ofCopy();
    assertThat(outbox.committedAfter(reader, 0, 10, Long.MAX_VALUE)).hasSize(1);
  }

  @Test
  void whatAnOpenTransactionDoesDoesNotCount() throws SQLException {
    write(rows(1, 10), true);
    write(rows(1, 10), true);
    session.execute("BEGIN IMMEDIATE");
    outbox.begun();
    outbox.remove(session, outbox.after(session, 0, 1));
    outbox.add(session, ORIGIN, ++number, 0, rows(1, 10));
    assertMemoryIsTheFile();
    end(true);
    assertMemoryIsTheFile();
  }

  /** COMMIT worked, but what came after it failed. */
  @Test
  void whatMayBeCommittedIsLookedForInTheFile() throws SQLException {
    write(rows(1, 10), true);
    session.execute("BEGIN IMMEDIATE");
    outbox.begun();
    outbox.add(session, ORIGIN, ++number, 0, rows(1, 10));
    session.execute("COMMIT");
    write(rows(1, 10), true);
    assertThat(outbox.committedAfter(reader, 0, 10, Long.MAX_VALUE)).hasSize(3);
    assertMemoryIsTheFile();

    session.execute("BEGIN IMMEDIATE");
    outbox.begun();
    outbox.remove(session, outbox.after(session, 0, 1));
    session.execute("COMMIT");
    write(rows(1, 10), true);
    assertThat(outbox.committedAfter(reader, 0, 10, Long.MAX_VALUE)).hasSize(3);
    assertMemoryIsTheFile();
  }

  @Test
  void memoryServesAgainOnceTheFileIsEmpty() throws SQLException {
    write(rows(1, 10), true);
    remove(1, true);
    outbox.load(session);
    outbox.drop(session);
    assertThat(outbox.committedAfter(reader, 0, 10, Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void moreTransactionsThanMemoryTakesAreInTheFile() throws SQLException {
    session.execute("PRAGMA synchronous=OFF");
    for (int i = 0; i < MEMORY_TRANSACTIONS_MAX + 10; i++) {
      write(List.of(), true);
    }
    assertMemoryIsTheFile();
    assertNotInMemory(9);
    remove(9, true);
    assertMemoryIsTheFile();
    remove(1, true);
    assertMemoryIsTheFile();
    outbox.drop(session); // what is read now is read from memory
    assertThat(outbox.committedAfter(reader, 0, Integer.MAX_VALUE, Long.MAX_VALUE))
        .hasSize(MEMORY_TRANSACTIONS_MAX);
  }

  @Test
  void morePayloadThanMemoryTakesIsInTheFile() throws SQLException {
    for (int i = 0; i < MEMORY_MEGABYTES_MAX + 1; i++) {
      write(rows(1, MEGABYTE - 1_000), true);
    }
    assertMemoryIsTheFile();
    assertNotInMemory(0);
    remove(2, true);
    assertMemoryIsTheFile();
    outbox.drop(session);
    List<PendingTransaction> known = outbox.committedAfter(reader, 0, 100, Long.MAX_VALUE);
    assertThat(known).hasSize(MEMORY_MEGABYTES_MAX - 1);
    for (PendingTransaction each : known) {
      assertThat(outbox.encodedPayload(reader, each)).hasSize(1);
    }
  }

  @Test
  void whatIsInMemoryIsNotRead() throws SQLException {
    write(rows(2, 10), true);
    outbox.drop(session);
    List<PendingTransaction> known = outbox.committedAfter(reader, 0, 10, Long.MAX_VALUE);
    assertThat(known).hasSize(1);
    assertThat(outbox.encodedPayload(reader, known.get(0))).hasSize(2);
  }

  private void assertNotInMemory(long place) throws SQLException {
    reader.execute("BEGIN");
    reader.execute("ALTER TABLE ha_outbox RENAME TO elsewhere");
    assertThatThrownBy(() -> outbox.committedAfter(reader, place, 1, 0))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("ha_outbox");
    reader.execute("ROLLBACK");
  }

  /** Its places may be any: those of a file that was restored. */
  @Test
  void whatARestoredFileHoldsIsRead() throws SQLException {
    write(rows(1, 10), true);
    write(rows(1, 10), true);
    session.execute("CREATE TEMP TABLE saved AS SELECT * FROM ha_outbox");
    remove(2, true);
    session.execute("INSERT INTO ha_outbox SELECT * FROM saved");
    outbox.load(session);
    assertThat(outbox.committedAfter(reader, 0, 10, Long.MAX_VALUE)).hasSize(2);
    assertMemoryIsTheFile();
  }

  private Transaction encoded(PendingTransaction pending) throws SQLException {
    return new Transaction(
        pending.number(), pending.baseSequence(), outbox.encodedPayload(session, pending));
  }

  @Test
  void theRelayGetsBytesThatNobodyDecoded() throws SQLException {
    write(rows(2, 10), true);
    PendingTransaction only = outbox.after(session, 0, 1).get(0);
    assertThat(encoded(only).isEncoded()).isTrue();
    outbox.load(session);
    assertThat(encoded(only).isEncoded()).isTrue();
  }
}
