package io.hasqlite.engine;

import io.hasqlite.NodeId;
import io.hasqlite.WriteToken;
import io.hasqlite.apply.AppliedPosition;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.outbox.Outbox;
import io.hasqlite.outbox.PendingTransaction;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Gives out and waits for what clients have seen. Safe for use by several threads. */
final class WriteTokens {

  private final NodeId node;
  private final LocalDatabase database;
  private final Outbox outbox;
  private final AppliedPosition position;
  private final ControlTables controlTables;
  private final Supplier<String> streamCreated;
  private final LongSupplier lastPublished;
  private final boolean asynchronous;

  /**
   * Creates it.
   *
   * @param lastPublished the last sequence that this node's commits got, which may not be applied
   *     here yet
   * @param asynchronous whether transactions are committed before they have a place in the stream
   */
  WriteTokens(
      NodeId node,
      LocalDatabase database,
      Outbox outbox,
      AppliedPosition position,
      ControlTables controlTables,
      Supplier<String> streamCreated,
      LongSupplier lastPublished,
      boolean asynchronous) {
    this.node = node;
    this.database = database;
    this.outbox = outbox;
    this.position = position;
    this.controlTables = controlTables;
    this.streamCreated = streamCreated;
    this.lastPublished = lastPublished;
    this.asynchronous = asynchronous;
  }

  /** Returns a token for what this node shows now and has committed. */
  WriteToken current() throws SQLException {
    long sequence = Math.max(position.get().sequence(), lastPublished.getAsLong());
    List<WriteToken.Pending> pending = List.of();
    if (asynchronous || !outbox.isEmpty()) {
      // In one view of the file: in memory a transaction leaves the outbox before it is counted.
      try (SqliteSession session = database.openSession()) {
        session.execute("BEGIN");
        pending = lastPending(session);
        sequence = Math.max(sequence, counted(session));
        session.execute("COMMIT");
      }
    }
    return new WriteToken(WriteToken.stream(streamCreated.get()), sequence, pending);
  }

  private List<WriteToken.Pending> lastPending(SqliteSession session) throws SQLException {
    List<WriteToken.Pending> last = new ArrayList<>();
    for (PendingTransaction pending : outbox.before(session, Long.MAX_VALUE, 1)) {
      last.add(new WriteToken.Pending(pending.origin(), pending.number()));
    }
    return last;
  }

  private long counted(SqliteSession session) throws SQLException {
    ControlTables.Stored stored = controlTables.read(session);
    return stored == null ? 0 : stored.position().sequence();
  }

  /**
   * Waits until this node shows what a token says.
   *
   * @param stop true to give up
   * @return false if it does not in time
   */
  boolean await(WriteToken token, Duration timeout, BooleanSupplier stop)
      throws InterruptedException, SQLException {
    long end = System.nanoTime() + timeout.toNanos();
    if (!isOfThisStream(token)
        || !position.await(token.sequence(), timeout, stop)
        || !isOfThisStream(token)) {
      return false;
    }
    List<WriteToken.Pending> left =
        token.pending().stream().filter(one -> !one.origin().node().equals(node)).toList();
    if (left.isEmpty()) {
      return true; // what is pending here is visible here
    }
    try (SqliteSession session = database.openSession()) {
      while (true) {
        long counted = position.get().sequence();
        if (areApplied(session, left)) {
          return true;
        }
        Duration rest = Duration.ofNanos(end - System.nanoTime());
        if (rest.isNegative() || !position.await(counted + 1, rest, stop)) {
          return false;
        }
      }
    }
  }

  /** A sequence of another stream says nothing here, and waiting does not change that. */
  private boolean isOfThisStream(WriteToken token) {
    String here = WriteToken.stream(streamCreated.get());
    return token.stream().isEmpty() || here.isEmpty() || here.equals(token.stream());
  }

  private boolean areApplied(SqliteSession session, List<WriteToken.Pending> transactions)
      throws SQLException {
    if (!controlTables.isPresent(session)) {
      return false;
    }
    for (WriteToken.Pending one : transactions) {
      if (controlTables.mark(session, one.origin()) < one.number()) {
        return false;
      }
    }
    return true;
  }
}
