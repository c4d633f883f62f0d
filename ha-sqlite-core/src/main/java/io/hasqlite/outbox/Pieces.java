package io.hasqlite.outbox;

import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.LargeChanges;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The pieces in which the outbox has the changes of a transaction, numbered from 0. */
final class Pieces {

  private final ChangeSetCodec codec;
  private final SqliteSession session;
  private final PendingTransaction transaction;
  private final @Nullable PayloadFile file;
  private final String select;
  private final long count;

  private Pieces(
      ChangeSetCodec codec,
      SqliteSession session,
      PendingTransaction transaction,
      @Nullable PayloadFile file,
      String table,
      String column,
      long count) {
    this.codec = codec;
    this.session = session;
    this.transaction = transaction;
    this.file = file;
    this.select = "SELECT " + column + " FROM main." + table + " WHERE place = ? AND piece = ?";
    this.count = count;
  }

  private static Pieces of(
      ChangeSetCodec codec,
      SqliteSession session,
      PendingTransaction transaction,
      @Nullable PayloadFile file,
      String table,
      String column)
      throws SQLException {
    long count =
        session.number(
            "SELECT count(*) FROM main." + table + " WHERE place = ?", transaction.place());
    return new Pieces(codec, session, transaction, file, table, column, count);
  }

  static Pieces payload(
      ChangeSetCodec codec,
      SqliteSession session,
      PendingTransaction transaction,
      @Nullable PayloadFile file)
      throws SQLException {
    return of(codec, session, transaction, file, "ha_outbox", "payload");
  }

  static Pieces effects(ChangeSetCodec codec, SqliteSession session, PendingTransaction transaction)
      throws SQLException {
    return of(codec, session, transaction, null, "ha_outbox_effects", "effects");
  }

  private long place() {
    return transaction.place();
  }

  /** Returns how many there were when this was created. */
  long count() {
    return count;
  }

  /** Returns the payload of a transaction that has one piece, encoded. */
  static byte[] onlyPayload(
      ChangeSetCodec codec,
      SqliteSession session,
      PendingTransaction transaction,
      @Nullable PayloadFile file)
      throws SQLException {
    return new Pieces(codec, session, transaction, file, "ha_outbox", "payload", 1).bytes(0);
  }

  /** Reads a piece. */
  List<Change> piece(long number) throws SQLException {
    return codec.decodePiece(bytes(number));
  }

  private byte[] bytes(long number) throws SQLException {
    Object piece = session.one(select, place(), number);
    if (piece == null && file != null) {
      piece = file.read(place(), number);
    }
    if (piece instanceof byte[] bytes) {
      return bytes;
    }
    throw new SQLException(
        "Transaction "
            + transaction.number()
            + " of "
            + transaction.origin()
            + " is not in the outbox any more, at least not its piece "
            + number);
  }

  /** Reads all. */
  List<Change> all() throws SQLException {
    List<Change> changes = new ArrayList<>();
    for (long piece = 0; piece < count; piece++) {
      changes.addAll(piece(piece));
    }
    return changes;
  }

  /** Returns the changes such that one piece at a time is in memory. */
  LargeChanges asLargeChanges() {
    return new LargeChanges() {
      @Override
      protected Iterator<Change> read() {
        return new PieceByPiece();
      }
    };
  }

  private final class PieceByPiece implements Iterator<Change> {

    private long next;
    private Iterator<Change> changes = Collections.emptyIterator();

    @Override
    public boolean hasNext() {
      while (!changes.hasNext() && next < count) {
        try {
          changes = piece(next++).iterator();
        } catch (SQLException e) {
          throw new LargeChanges.ReadFailedException(
              "The outbox could not be read: " + e.getMessage(), e);
        }
      }
      return changes.hasNext();
    }

    @Override
    public Change next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return changes.next();
    }
  }
}
