package io.hasqlite.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.Operation;
import io.hasqlite.changeset.RawText;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ChangedRowsTests {

  private static final long PUBLISHED_NS = 1_700_000_000_123_000_000L;

  private final ChangedRows rows = new ChangedRows();

  private static IncomingMessage message(long sequence) {
    return new IncomingMessage(
        sequence,
        new ChangeSet(new Origin(new NodeId("n"), 1), "", PUBLISHED_NS, List.of(), Set.of()));
  }

  private static Change change(
      Operation operation, String table, List<String> keys, Object oldKey, Object newKey) {
    return new Change(
        operation,
        table,
        List.of("id", "x"),
        keys,
        operation == Operation.INSERT ? null : 5L,
        operation == Operation.DELETE ? null : 6L,
        operation == Operation.INSERT ? null : Arrays.asList(oldKey, "x"),
        operation == Operation.DELETE ? null : Arrays.asList(newKey, "y"),
        null,
        List.of(),
        0);
  }

  private static Change insert(String table, Object key) {
    return change(Operation.INSERT, table, List.of("id"), null, key);
  }

  @Test
  void keysAreThoseBeforeAndAfter() {
    rows.row(change(Operation.UPDATE, "t", List.of("id"), 1L, 1L));
    rows.row(change(Operation.UPDATE, "t", List.of("id"), 2L, 3L));
    rows.row(change(Operation.DELETE, "t", List.of("id"), 4L, null));
    rows.row(change(Operation.UPDATE, "r", List.of(), 1L, 1L));
    rows.end(message(7));

    AppliedChanges changes = rows.take().get(0);
    assertThat(changes.sequence()).isEqualTo(7);
    assertThat(changes.publishedAt()).isEqualTo(Instant.ofEpochSecond(1_700_000_000L, 123_000_000));
    assertThat(changes.schemaChanged()).isFalse();
    assertThat(changes.tables())
        .containsExactly(
            new ChangedTable(
                "t",
                3,
                List.of(Map.of("id", 1L), Map.of("id", 2L), Map.of("id", 3L), Map.of("id", 4L)),
                true),
            new ChangedTable("r", 1, List.of(Map.of("rowid", 5L), Map.of("rowid", 6L)), true));
    assertThat(rows.take()).isEmpty();
  }

  @Test
  @DisplayName("Of a message a thousand keys are known, and of other tables in it none after that")
  void keysOfAMessageAreLimited() {
    for (long i = 0; i < 1_000; i++) {
      rows.row(insert("t", i));
      rows.row(insert("t", i));
    }
    rows.row(insert("t", 0L));
    assertThat(changed(1).get(0).allKeys()).isFalse();

    for (long i = 0; i < 999; i++) {
      rows.row(insert("t", i));
    }
    rows.row(insert("u", 1L));
    assertThat(changed(2)).extracting(ChangedTable::allKeys).containsExactly(true, true);
  }

  private List<ChangedTable> changed(long sequence) {
    rows.end(message(sequence));
    List<AppliedChanges> taken = rows.take();
    return taken.get(taken.size() - 1).tables();
  }

  @Test
  @DisplayName("Of a batch ten thousand keys are known; the next batch begins anew")
  void keysOfABatchAreLimited() {
    for (int message = 1; message <= 12; message++) {
      for (long i = 0; i < 900; i++) {
        rows.row(insert("t", i));
      }
      rows.end(message(message));
    }
    List<AppliedChanges> batch = rows.take();
    assertThat(batch).hasSize(12);
    assertThat(batch.subList(0, 11)).allMatch(c -> c.tables().get(0).allKeys());
    assertThat(batch.get(11).tables().get(0).allKeys()).isFalse();
    assertThat(batch.stream().mapToInt(c -> c.tables().get(0).keys().size()).sum())
        .isEqualTo(10_000);

    rows.row(insert("t", 1L));
    assertThat(changed(13).get(0).allKeys()).isTrue();
  }

  @Test
  void longKeysAreNotHeld() {
    rows.row(insert("t", "x".repeat(1_001)));
    rows.row(insert("u", new byte[1_001]));
    rows.row(insert("v", "x".repeat(1_000)));
    rows.row(insert("w", new RawText(new byte[] {1})));

    assertThat(changed(1))
        .extracting(ChangedTable::allKeys)
        .containsExactly(false, false, true, true);
  }

  @Test
  @DisplayName("What is undone is not told: neither a message nor a batch")
  void undoneChangesAreForgotten() {
    rows.row(insert("t", 1L));
    rows.schema();
    rows.discard();
    rows.end(message(1));
    assertThat(rows.take()).isEmpty();

    rows.row(insert("t", 1L));
    rows.end(message(2));
    rows.row(insert("t", 1L));
    rows.redone("u");
    rows.forget();
    rows.row(insert("v", 1L));
    assertThat(changed(3)).extracting(ChangedTable::name).containsExactly("v");
  }

  @Test
  @DisplayName(
      "Tables of transactions that were done again are told with the last message, without keys")
  void redoneTables() {
    rows.row(insert("a", 1L));
    rows.end(message(1));
    rows.row(insert("b", 1L));
    rows.row(insert("c", 1L));
    rows.end(message(2));
    rows.redone("b");
    rows.redone("d");
    rows.redone("d");

    List<AppliedChanges> batch = rows.take();
    assertThat(batch.get(0).tables()).extracting(ChangedTable::name).containsExactly("a");
    assertThat(batch.get(1).tables())
        .extracting(ChangedTable::name, ChangedTable::allKeys)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("b", false),
            org.assertj.core.groups.Tuple.tuple("c", true),
            org.assertj.core.groups.Tuple.tuple("d", false));
  }

  @Test
  void displacedRowMakesTheKeysIncomplete() {
    rows.row(insert("t", 1L));
    rows.displaced("t");

    assertThat(changed(1).get(0).allKeys()).isFalse();
  }

  @Test
  void schemaAloneIsTold() {
    rows.schema();
    rows.end(message(1));

    AppliedChanges changes = rows.take().get(0);
    assertThat(changes.schemaChanged()).isTrue();
    assertThat(changes.tables()).isEmpty();
  }
}
