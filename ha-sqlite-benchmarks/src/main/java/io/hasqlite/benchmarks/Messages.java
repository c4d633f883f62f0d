package io.hasqlite.benchmarks;

import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.Transaction;
import java.util.List;
import java.util.Set;

/** Messages as the engine writes them, for those who publish without it. */
final class Messages {

  private static final List<String> COLUMNS =
      List.of("id", "customer", "product", "amount", "price");
  private static final long TIME = 1_763_836_801_123_456_789L;
  private static final ChangeSetCodec CODEC = new ChangeSetCodec();

  private Messages() {}

  static byte[] ofInsert() {
    return ofInsert(1_000, 1_000);
  }

  /** Returns the message of a transaction that inserts one row. */
  static byte[] ofInsert(long id, long number) {
    Change change =
        Change.insert(
            "orders",
            COLUMNS,
            List.of("id"),
            id,
            List.of(
                id, Orders.customer(id), Orders.product(id), Orders.amount(id), Orders.price(id)),
            TIME);
    return CODEC.encode(
        new ChangeSet(
            new Origin(new NodeId(FloorFile.NODE), FloorFile.PROCESS),
            "bench.db",
            TIME,
            List.of(new Transaction(number, number, List.of(change))),
            Set.of()));
  }
}
