package io.hasqlite.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.Position;
import io.hasqlite.RowIdentity;
import io.hasqlite.capture.CaptureOptions;
import io.hasqlite.capture.TriggerCapture;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.Operation;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.outbox.Outbox;
import io.hasqlite.outbox.PendingTransaction;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.WriteLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is pending on this node while one batch of the stream is applied. */
class RebaseTests {

  private static final Origin MINE = new Origin(new NodeId("a"), 2);
  private static final Origin MINE_BEFORE = new Origin(new NodeId("a"), 1);
  private static final Origin OTHERS = new Origin(new NodeId("b"), 1);

  private static final int PIECE_BYTES_MAX = 1 << 20; // of the outbox

  @TempDir Path folder;

  private final ChangeSetCodec codec = new ChangeSetCodec();
  private final Outbox outbox = new Outbox(codec, Clock.systemUTC());
  private final List<Long> redone = new ArrayList<>();
  private SqliteSession session;
  private SqliteSession writer;
  private Applier applier;
  private long sequence;

  @BeforeEach
  void open() throws SQLException {
    SqliteFile file = SqliteFile.open(folder.resolve("a.db"), Map.of(), List.of());
    session = file.openSession();
    session.execute("PRAGMA foreign_keys=OFF");
    writer = file.openSession();
    writer.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    outbox.load(session);
    applier =
        new Applier(
            TriggerCapture.ofApply(
                session, new CaptureOptions(RowIdentity.PK, Set.of(), true), Clock.systemUTC()),
            new WriteLock(),
            Duration.ofSeconds(5),
            new ControlTables("test", Clock.systemUTC()),
            outbox,
            new AppliedPosition(Position.NONE),
            () -> "now",
            null,
            ReadView.of(session),
            new ApplyListener() {
              @Override
              public void rebased(long transactions) {
                redone.add(transactions);
              }
            });
  }

  @AfterEach
  void close() throws SQLException {
    session.close();
    writer.close();
  }

  private static Change insert(long id, @Nullable Object v) {
    return Change.insert("t", List.of("id", "v"), List.of("id"), id, Arrays.asList(id, v), 0);
  }

  private static Change update(long id, @Nullable Object old, @Nullable Object v) {
    return new Change(
        Operation.UPDATE,
        "t",
        List.of("id", "v"),
        List.of("id"),
        id,
        id,
        Arrays.asList(id, old),
        Arrays.asList(id, v),
        null,
        List.of(),
        0);
  }

  /** Writes rows and leaves them pending. */
  private void pending(Origin origin, long number, Change... changes) throws SQLException {
    writer.execute("BEGIN IMMEDIATE");
    for (Change change : changes) {
      if (change.operation() == Operation.DELETE) {
        writer.update("DELETE FROM t WHERE id = ?", change.oldValues().get(0));
        continue;
      }
      writer.update(
          "INSERT INTO t VALUES(?1, ?2) ON CONFLICT DO UPDATE SET v = ?2",
          change.newValues().get(0),
          change.newValues().get(1));
    }
    outbox.begun();
    outbox.add(writer, origin, number, sequence, List.of(changes));
    writer.execute("COMMIT");
    outbox.committed();
  }

  private IncomingMessage message(Origin origin, long number, Change... changes) {
    return new IncomingMessage(
        ++sequence,
        new ChangeSet(
            origin, "a.db", 0, List.of(new Transaction(number, 0, List.of(changes))), Set.of()));
  }

  /** A message of this node that came back, as it is known there. */
  private IncomingMessage encoded(long number, byte[] piece) {
    return new IncomingMessage(
        ++sequence,
        new ChangeSet(
            MINE,
            "a.db",
            0,
            List.of(new Transaction(number, 0, codec.lazyPiece(piece))),
            Set.of()));
  }

  private byte[] piece(Change... changes) throws SQLException {
    List<byte[]> pieces = new ArrayList<>();
    codec.encodePieces(List.of(changes), PIECE_BYTES_MAX, pieces::add);
    return pieces.get(0);
  }

  private List<String> rows() throws SQLException {
    List<String> rows = new ArrayList<>();
    try (var row =
        writer.prepared("SELECT id || '|' || substr(v, 1, 8) FROM t ORDER BY id").executeQuery()) {
      while (row.next()) {
        rows.add(row.getString(1));
      }
    }
    return rows;
  }

  private List<Long> pendingNumbers() throws SQLException {
    return outbox.after(writer, 0, 100).stream().map(PendingTransaction::number).toList();
  }

  @Test
  void whatWasConfirmedEarlierInTheBatchIsNotUndone() throws SQLException {
    pending(MINE, 1, insert(1, "mine"), insert(5, "kept"));
    pending(MINE, 2, update(1, "mine", "newer"));
    applier.apply(
        List.of(
            message(MINE, 1, insert(1, "mine"), insert(5, "kept")),
            message(OTHERS, 1, update(1, "mine", "other"))));
    assertThat(rows()).containsExactly("1|newer", "5|kept");
    assertThat(pendingNumbers()).containsExactly(2L);
    assertThat(redone).containsExactly(1L);
    applier.apply(List.of(message(MINE, 2, update(1, "mine", "newer"))));
    assertThat(rows()).containsExactly("1|newer", "5|kept");
    assertThat(outbox.isEmpty()).isTrue();
  }

  @Test
  void whatIsKnownByItsBytesIsCountedWithoutDecodingIt() throws SQLException {
    pending(MINE, 1, insert(1, "mine"), insert(2, "mine"));
    applier.apply(List.of(encoded(1, "[{},{}]".getBytes(StandardCharsets.UTF_8))));
    assertThat(rows()).containsExactly("1|mine", "2|mine");
    assertThat(outbox.isEmpty()).isTrue();
  }

  @Test
  void whatIsKnownByItsBytesIsDecodedWhereItWasUndone() throws SQLException {
    writer.execute("INSERT INTO t VALUES(1, 'old')");
    pending(MINE, 1, update(1, "old", "mine"), insert(2, "mine"));
    applier.apply(
        List.of(
            message(OTHERS, 1, update(1, "old", "other")),
            encoded(1, piece(update(1, "old", "mine"), insert(2, "mine"))),
            message(OTHERS, 2, update(2, "mine", "later"))));
    assertThat(rows()).containsExactly("1|mine", "2|later");
    assertThat(outbox.isEmpty()).isTrue();
  }

  @Test
  void whatIsUndoneWhenItsMessageComesIsAppliedAtItsPlace() throws SQLException {
    writer.execute("INSERT INTO t VALUES(1, 'old')");
    pending(MINE, 1, update(1, "old", "mine"), insert(2, "mine"));
    applier.apply(
        List.of(
            message(OTHERS, 1, update(1, "old", "other")),
            message(MINE, 1, update(1, "old", "mine"), insert(2, "mine")),
            message(OTHERS, 2, update(2, "mine", "later"))));
    assertThat(rows()).containsExactly("1|mine", "2|later");
    assertThat(outbox.isEmpty()).isTrue();
    assertThat(writer.number("SELECT count(*) FROM ha_outbox_effects")).isZero();
  }

  @Test
  void aTransactionOfAnEarlierLifeWithTheSameNumberIsNotTheOneThatWaits() throws SQLException {
    pending(MINE, 1, insert(1, "now"));
    applier.apply(List.of(message(MINE_BEFORE, 1, insert(9, "before"))));
    assertThat(rows()).containsExactly("1|now", "9|before");
    assertThat(pendingNumbers()).containsExactly(1L);
    applier.apply(List.of(message(MINE, 1, insert(1, "now"))));
    assertThat(outbox.isEmpty()).isTrue();
  }

  @Test
  void aTransactionThatWasInDoubtIsNotTheOneThatWaits() throws SQLException {
    pending(MINE, 2, insert(1, "pending"));
    applier.apply(List.of(message(MINE, 1, insert(9, "rolled back here, stored there"))));
    assertThat(rows()).containsExactly("1|pending", "9|rolled b");
    assertThat(pendingNumbers()).containsExactly(2L);
  }

  @Test
  void aLaterNumberInTheStreamThanTheOldestThatWaitsHalts() throws SQLException {
    pending(MINE, 1, insert(1, "first"));
    pending(MINE, 2, insert(2, "second"));
    assertThatThrownBy(() -> applier.apply(List.of(message(MINE, 2, insert(2, "second")))))
        .hasMessageContaining("although an earlier one of the same origin is not");
    assertThat(rows()).containsExactly("1|first", "2|second");
    assertThat(pendingNumbers()).containsExactly(1L, 2L);
  }

  @Test
  void aTransactionOfSeveralPiecesIsUndoneAndDoneAgainInItsOrder() throws SQLException {
    String large = "x".repeat(PIECE_BYTES_MAX);
    Change[] changes = {
      insert(1, "one     " + large),
      update(1, "one     " + large, "two     " + large),
      Change.delete("t", List.of("id", "v"), List.of("id"), 1L, List.of(1L, "two     " + large), 0),
      insert(2, "three   ")
    };
    pending(MINE, 1, changes);
    assertThat(writer.number("SELECT count(*) FROM ha_outbox")).isGreaterThan(1);
    assertThat(writer.number("SELECT max(length(payload)) FROM ha_outbox"))
        .isLessThan(3L * PIECE_BYTES_MAX);
    for (int i = 1; i <= 2; i++) { // undone by what it published, then by what it did
      applier.apply(List.of(message(OTHERS, i, insert(1, "other " + i))));
      assertThat(rows()).containsExactly("2|three   ");
      assertThat(redone).hasSize(i);
    }
    assertThat(writer.number("SELECT count(*) FROM ha_outbox_effects")).isGreaterThan(1);
    applier.apply(List.of(message(MINE, 1, changes)));
    assertThat(rows()).containsExactly("2|three   ");
    assertThat(writer.number("SELECT count(*) FROM ha_outbox")).isZero();
    assertThat(writer.number("SELECT count(*) FROM ha_outbox_effects")).isZero();
  }

  @Test
  void aPendingRowThatIsNotAsItWasLeftHalts() throws SQLException {
    pending(MINE, 1, insert(1, "mine"));
    applier.apply(List.of(message(OTHERS, 1, insert(1, "other"))));
    writer.execute("DELETE FROM t"); // by another program
    assertThatThrownBy(() -> applier.apply(List.of(message(OTHERS, 2, insert(1, "later")))))
        .hasMessageContaining("cannot be undone, 0 rows were changed instead of one");
    assertThat(pendingNumbers()).containsExactly(1L);
  }

  @Test
  void othersThatTouchNothingPendingAreAppliedWithoutUndoingIt() throws SQLException {
    pending(MINE, 1, insert(1, "mine"));
    applier.apply(List.of(message(OTHERS, 1, insert(2, "other"))));
    assertThat(rows()).containsExactly("1|mine", "2|other");
    assertThat(redone).isEmpty();
  }

  @Test
  void numbersThatAreOneKeyOverlap() throws SQLException {
    writer.execute("CREATE TABLE u(k UNIQUE)");
    Change mine = Change.insert("u", List.of("k"), List.of(), 1L, List.of(1L), 0);
    writer.execute("BEGIN IMMEDIATE");
    writer.execute("INSERT INTO u(rowid, k) VALUES(1, 1)");
    outbox.begun();
    outbox.add(writer, MINE, 1, 0, List.of(mine));
    writer.execute("COMMIT");
    outbox.committed();
    applier.apply(
        List.of(
            message(OTHERS, 1, Change.insert("u", List.of("k"), List.of(), 2L, List.of(1.0), 0))));
    assertThat(redone).containsExactly(1L);
    assertThat(writer.one("SELECT rowid || '|' || k FROM u")).isEqualTo("1|1");
  }
}
