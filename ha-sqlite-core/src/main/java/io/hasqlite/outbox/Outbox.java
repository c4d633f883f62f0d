package io.hasqlite.outbox;

import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.Waiting;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.outbox.RecentTransactions.Recent;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The outbox of a database: transactions that are committed in the file and pending, which means
 * that their place in the stream is not counted here yet. They are written in the application's own
 * transaction and removed in the one that counts their message, so that a crash neither loses nor
 * invents one. Each has the changes as they are published (its payload) and, once it was redone on
 * top of other nodes' transactions, what that changed in the file (its effects).
 *
 * <p>All methods with a session are for the holder of the write lock, in its transaction, except
 * for reading with a session of one's own. What is known in memory ({@link #backlog}, {@link
 * #awaitEmpty}) is that of the last commit.
 */
public final class Outbox {

  /** No transaction needs one large array, however many rows it changes. */
  static final int PIECE_BYTES_MAX = 1 << 20;

  /** A transaction of more pieces is read piece by piece. */
  private static final int PIECES_IN_MEMORY_MAX = 4;

  private static final String SELECT =
      "SELECT place, node, process_id, n, base_seq, bytes FROM main.ha_outbox";
  private static final String AFTER = SELECT + " WHERE place > ? ORDER BY place, piece";
  private static final String BEFORE = SELECT + " WHERE place < ? ORDER BY place DESC, piece DESC";

  private final ChangeSetCodec codec;
  private final Clock clock;
  private final @Nullable PayloadFile file;
  private final RecentTransactions recent = new RecentTransactions();
  private final Waiting waiting = new Waiting();
  private final Waiting sending = new Waiting(); // apart, so that no commit wakes who waits for it
  private final AtomicInteger emptyAwaited = new AtomicInteger();

  private long lastPlace; // guarded by the write lock
  private boolean present; // guarded by the write lock

  // What was done since the last commit; guarded by the write lock.
  private long addedTransactions;
  private long addedBytes;
  private @Nullable Recent added; // a transaction of SQLite adds one at most
  private long removedPlace;
  private @Nullable Instant oldest;

  private volatile Backlog backlog = Backlog.EMPTY;
  private volatile int holders; // written in changes that wake who waits
  private volatile int loads;
  private volatile long sentUpTo; // likewise
  private volatile long removedUpTo;
  private long purgedUpTo; // for the thread that purges

  /** Creates the outbox of one database; {@link #load} must be called before anything else. */
  public Outbox(ChangeSetCodec codec, Clock clock) {
    this(codec, clock, null);
  }

  /**
   * Creates an outbox whose payloads lie in a file of their own.
   *
   * @param file takes the payloads of what is added; null for the database itself
   */
  public Outbox(ChangeSetCodec codec, Clock clock, @Nullable PayloadFile file) {
    this.codec = codec;
    this.clock = clock;
    this.file = file;
  }

  /** Returns an outbox for a copy of the database; it is not loaded. */
  public Outbox ofCopy() {
    return new Outbox(codec, clock, file);
  }

  /** Learns what is pending in the file. To be called at the start and after the file's restore. */
  public void load(SqliteSession session) throws SQLException {
    present =
        session.one("SELECT 1 FROM main.sqlite_schema WHERE type='table' AND name='ha_outbox'")
            != null;
    forget();
    loads++;
    long lastInFile = present ? session.number("SELECT max(place) FROM main.ha_outbox") : 0;
    lastPlace = Math.max(lastPlace, lastInFile);
    recent.clear(lastInFile);
    if (!present) {
      publish(Backlog.EMPTY);
      return;
    }
    publish(
        new Backlog(
            session.number("SELECT count(*) FROM main.ha_outbox WHERE piece = 0"),
            session.number("SELECT sum(bytes) FROM main.ha_outbox"),
            oldest(session)));
  }

  /**
   * Compares the outbox with the file of its payloads, at the start of the engine: what was written
   * there and not committed here is deleted.
   *
   * @throws SQLException if the payload of a pending transaction is not there
   */
  public void checkFile(SqliteSession session) throws SQLException {
    if (present) {
      try (ResultSet row =
          session
              .prepared(
                  "SELECT place, piece, process_id, n FROM main.ha_outbox WHERE payload IS NULL")
              .executeQuery()) {
        while (row.next()) {
          if (file == null
              || !file.holds(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4))) {
            throw new SQLException(
                "Transaction "
                    + row.getLong(4)
                    + " is committed here and not sent yet, but what it changed is not in "
                    + (file == null ? "the database" : file.path())
                    + ". Set ha.sqlite.publisher.outbox-dir to the folder that it was written to,"
                    + " and see that the file there is the one that belongs to this database");
          }
        }
      }
    }
    if (file != null && isDurable(session)) {
      long first = present ? session.number("SELECT min(place) FROM main.ha_outbox") : 0;
      file.keep(first, lastPlace);
    }
  }

  /**
   * Deletes payloads of their own file that are of no use any more. Not those of transactions that
   * a power failure could bring back into the outbox. For one thread, with a session of its own.
   */
  public void purge(SqliteSession session) throws SQLException {
    long upTo = removedUpTo;
    if (file != null && upTo > purgedUpTo && isDurable(session)) {
      file.keep(upTo + 1, Long.MAX_VALUE);
      purgedUpTo = upTo;
    }
  }

  /** With synchronous=NORMAL, commits are durable once the WAL is in the database file. */
  private static boolean isDurable(SqliteSession session) throws SQLException {
    try (ResultSet row = session.prepared("PRAGMA main.wal_checkpoint(PASSIVE)").executeQuery()) {
      return row.next() && row.getInt(1) == 0 && row.getInt(2) == row.getInt(3);
    }
  }

  private void create(SqliteSession session) throws SQLException {
    if (present) {
      return;
    }
    // Without rowids: what is written at a commit must not change last_insert_rowid().
    session.execute(
        "CREATE TABLE IF NOT EXISTS main.ha_outbox(place INTEGER NOT NULL, piece INTEGER NOT NULL,"
            + " node TEXT NOT NULL, process_id INTEGER NOT NULL, n INTEGER NOT NULL, base_seq"
            + " INTEGER NOT NULL, written_ms INTEGER NOT NULL, bytes INTEGER NOT NULL, payload BLOB,"
            + " PRIMARY KEY(place, piece)) WITHOUT ROWID");
    session.execute(
        "CREATE TABLE IF NOT EXISTS main.ha_outbox_effects(place INTEGER NOT NULL, piece INTEGER"
            + " NOT NULL, effects BLOB NOT NULL, PRIMARY KEY(place, piece)) WITHOUT ROWID");
  }

  /**
   * Adds a transaction behind all others. Its changes are its effects, too, until it is redone.
   *
   * @return its place
   */
  public long add(
      SqliteSession session, Origin origin, long number, long baseSequence, List<Change> changes)
      throws SQLException {
    create(session);
    long place = ++lastPlace;
    Instant now = clock.instant();
    int[] piece = {0};
    byte[][] last = {null};
    long before = addedBytes;
    if (file != null) {
      file.rollback(); // of a transaction that failed in the middle
    }
    codec.encodePieces(
        changes,
        PIECE_BYTES_MAX,
        payload -> {
          last[0] = payload;
          if (file != null) {
            file.write(place, piece[0], origin, number, payload);
          }
          session.update(
              "INSERT INTO main.ha_outbox VALUES(?,?,?,?,?,?,?,?,?)",
              place,
              piece[0]++,
              origin.node().value(),
              origin.processId(),
              number,
              baseSequence,
              now.toEpochMilli(),
              payload.length,
              file == null ? payload : null);
          addedBytes += payload.length;
        });
    if (file != null) {
      file.commit();
    }
    addedTransactions++;
    PendingTransaction transaction =
        new PendingTransaction(place, origin, number, baseSequence, addedBytes - before);
    boolean known = file == null && hasOnePiece(transaction);
    added = new Recent(transaction, known ? last[0] : null, known ? changes.size() : 0);
    Instant first = backlog.oldest();
    oldest = first != null ? first : now;
    return place;
  }

  /** Copies a pending transaction of another file's outbox to its place there, effects left out. */
  public void copy(SqliteSession session, SqliteSession from, PendingTransaction transaction)
      throws SQLException {
    create(session);
    PreparedStatement select =
        from.prepared(
            "SELECT place, piece, node, process_id, n, base_seq, written_ms, bytes, payload FROM"
                + " main.ha_outbox WHERE place = ? ORDER BY piece");
    select.setLong(1, transaction.place());
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        session.update(
            "INSERT INTO main.ha_outbox VALUES(?,?,?,?,?,?,?,?,?)",
            row.getLong(1),
            row.getLong(2),
            row.getString(3),
            row.getLong(4),
            row.getLong(5),
            row.getLong(6),
            row.getLong(7),
            row.getLong(8),
            row.getBytes(9));
      }
    }
  }

  /** Drops the outbox's tables, because the database is to be another node's. */
  public void drop(SqliteSession session) throws SQLException {
    session.execute("DROP TABLE IF EXISTS main.ha_outbox");
    session.execute("DROP TABLE IF EXISTS main.ha_outbox_effects");
  }

  /** Returns pending transactions after a place, oldest first. */
  public List<PendingTransaction> after(SqliteSession session, long place, int max)
      throws SQLException {
    return select(session, AFTER, place, max, Long.MAX_VALUE);
  }

  /**
   * Returns pending transactions after a place, oldest first, as the last commit left them. The
   * file is read only where memory may lack some; so this is not for a session whose open
   * transaction has added or removed any.
   *
   * @param bytesMax none comes after the one that goes beyond so many bytes
   */
  public List<PendingTransaction> committedAfter(
      SqliteSession session, long place, int max, long bytesMax) throws SQLException {
    List<PendingTransaction> known = recent.after(place, max, bytesMax);
    return known != null ? known : select(session, AFTER, place, max, bytesMax);
  }

  /** Returns pending transactions before a place, youngest first. */
  public List<PendingTransaction> before(SqliteSession session, long place, int max)
      throws SQLException {
    return select(session, BEFORE, place, max, Long.MAX_VALUE);
  }

  /** Reads no more than asked for: each row that is found by its key is read as a whole. */
  private List<PendingTransaction> select(
      SqliteSession session, String sql, long place, int max, long bytesMax) throws SQLException {
    List<PendingTransaction> found = new ArrayList<>();
    if (!isPresent(session)) {
      return found;
    }
    PreparedStatement select = session.prepared(sql);
    select.setLong(1, place);
    long foundBytes = 0;
    PendingTransaction last = null; // its pieces are read one after the other
    try (ResultSet piece = select.executeQuery()) {
      while (piece.next()) {
        if (last != null && last.place() == piece.getLong(1)) {
          last = last.withMoreBytes(piece.getLong(6));
          continue;
        }
        if (last != null) {
          found.add(last);
          foundBytes += last.bytes();
        }
        if (found.size() == max || foundBytes > bytesMax) {
          return found;
        }
        last = pending(piece);
      }
    }
    if (last != null) {
      found.add(last);
    }
    return found;
  }

  private static PendingTransaction pending(ResultSet piece) throws SQLException {
    return new PendingTransaction(
        piece.getLong(1),
        new Origin(new NodeId(piece.getString(2)), piece.getLong(3)),
        piece.getLong(4),
        piece.getLong(5),
        piece.getLong(6));
  }

  /**
   * Tells whether from a place on a transaction of an origin is pending whose number is not above
   * another one.
   */
  public boolean holdsUpTo(SqliteSession session, long place, Origin origin, long number)
      throws SQLException {
    return session.one(
            "SELECT 1 FROM main.ha_outbox WHERE place >= ? AND node = ? AND process_id = ? AND n"
                + " <= ? LIMIT 1",
            place,
            origin.node().value(),
            origin.processId(),
            number)
        != null;
  }

  private boolean isPresent(SqliteSession session) throws SQLException {
    return present
        || session.one("SELECT 1 FROM main.sqlite_schema WHERE type='table' AND name='ha_outbox'")
            != null;
  }

  /**
   * Returns a transaction's changes as they are published. Those of a large one are read whenever
   * they are iterated; that fails once the transaction was removed.
   */
  public List<Change> payload(SqliteSession session, PendingTransaction transaction)
      throws SQLException {
    return changes(Pieces.payload(codec, session, transaction, file));
  }

  /** A larger one may have a single piece, too, but is not kept in memory. */
  private static boolean hasOnePiece(PendingTransaction transaction) {
    return transaction.bytes() <= PIECE_BYTES_MAX;
  }

  /**
   * Like {@link #payload}, but the changes are decoded only where they are looked at: to publish
   * them is to copy them.
   */
  public List<Change> encodedPayload(SqliteSession session, PendingTransaction transaction)
      throws SQLException {
    if (!hasOnePiece(transaction)) {
      return payload(session, transaction);
    }
    Recent known = recent.withPayload(transaction);
    if (known != null && known.payload() != null) {
      return codec.lazyPiece(known.payload(), known.changes());
    }
    return codec.lazyPiece(Pieces.onlyPayload(codec, session, transaction, file));
  }

  /** Tells whether a transaction was done again, so that its effects may not be its payload. */
  public boolean isRedone(SqliteSession session, PendingTransaction transaction)
      throws SQLException {
    return Pieces.effects(codec, session, transaction).count() > 0;
  }

  /** Returns what a transaction changed in this file when it was last done; like the payload. */
  public List<Change> effects(SqliteSession session, PendingTransaction transaction)
      throws SQLException {
    return changes(effectPieces(session, transaction));
  }

  private static List<Change> changes(Pieces pieces) throws SQLException {
    return pieces.count() <= PIECES_IN_MEMORY_MAX ? pieces.all() : pieces.asLargeChanges();
  }

  private Pieces effectPieces(SqliteSession session, PendingTransaction transaction)
      throws SQLException {
    Pieces effects = Pieces.effects(codec, session, transaction);
    return effects.count() > 0 ? effects : Pieces.payload(codec, session, transaction, file);
  }

  /** Takes a change. */
  public interface ChangeConsumer {
    /** Takes the next change. */
    void accept(Change change) throws SQLException;
  }

  /** Hands over what a transaction changed in this file, the last change first. */
  public void effectsBackwards(
      SqliteSession session, PendingTransaction transaction, ChangeConsumer consumer)
      throws SQLException {
    Pieces pieces = effectPieces(session, transaction);
    for (long piece = pieces.count() - 1; piece >= 0; piece--) {
      List<Change> changes = pieces.piece(piece);
      for (int i = changes.size() - 1; i >= 0; i--) {
        consumer.accept(changes.get(i));
      }
    }
  }

  /**
   * Adds to what a transaction changed when it was redone; to be called at least once, even where
   * it changed nothing.
   */
  public void addEffects(
      SqliteSession session, PendingTransaction transaction, List<Change> effects)
      throws SQLException {
    long[] piece = {Pieces.effects(codec, session, transaction).count()};
    codec.encodePieces(
        effects,
        PIECE_BYTES_MAX,
        bytes ->
            session.update(
                "INSERT INTO main.ha_outbox_effects VALUES(?,?,?)",
                transaction.place(),
                piece[0]++,
                bytes));
  }

  /** Forgets what a transaction changed, because it is done again. */
  public void dropEffects(SqliteSession session, PendingTransaction transaction)
      throws SQLException {
    session.update("DELETE FROM main.ha_outbox_effects WHERE place = ?", transaction.place());
  }

  /**
   * Removes the oldest transactions, because their messages are counted in the same transaction.
   *
   * @param removed all that is pending up to the last one of them
   */
  public void remove(SqliteSession session, List<PendingTransaction> removed) throws SQLException {
    if (removed.isEmpty()) {
      return;
    }
    for (PendingTransaction each : removed) {
      addedBytes -= each.bytes();
    }
    addedTransactions -= removed.size();
    removedPlace = removed.get(removed.size() - 1).place();
    session.update("DELETE FROM main.ha_outbox_effects WHERE place <= ?", removedPlace);
    session.update("DELETE FROM main.ha_outbox WHERE place <= ?", removedPlace);
    oldest = oldest(session);
  }

  private static @Nullable Instant oldest(SqliteSession session) throws SQLException {
    Object written = session.one("SELECT written_ms FROM main.ha_outbox ORDER BY place LIMIT 1");
    return written instanceof Number number ? Instant.ofEpochMilli(number.longValue()) : null;
  }

  /** Tells that what was done since the last commit is committed. Under the write lock. */
  public void committed() {
    if (added == null && removedPlace == 0) {
      return;
    }
    present = true;
    if (added != null) {
      recent.add(added);
    }
    recent.remove(removedPlace);
    removedUpTo = Math.max(removedUpTo, removedPlace);
    sent(removedPlace); // it came back, whatever became of the answer
    Backlog before = backlog;
    long transactions = before.transactions() + addedTransactions;
    publish(
        transactions == 0
            ? Backlog.EMPTY
            : new Backlog(transactions, before.bytes() + addedBytes, oldest));
    forget();
  }

  /**
   * Tells that a transaction begins that will use the outbox: what an earlier one did that was
   * rolled back is forgotten. Under the write lock.
   */
  public void begun() {
    if (added != null || removedPlace != 0) {
      recent.clear(lastPlace); // whether that was committed after all, the file knows
    }
    forget();
  }

  private void forget() {
    addedTransactions = 0;
    addedBytes = 0;
    added = null;
    removedPlace = 0;
    oldest = null;
  }

  private void publish(Backlog now) {
    waiting.change(() -> backlog = now);
  }

  /** Returns how often the outbox was loaded: each time its content may have become another. */
  public int loads() {
    return loads;
  }

  /** Wakes all who wait, because what they wait for may never come. */
  public void wakeUp() {
    waiting.wakeUp();
    sending.wakeUp();
  }

  /** Returns what is pending. Never blocks. */
  public Backlog backlog() {
    return backlog;
  }

  /** Tells whether nothing is pending. Never blocks. */
  public boolean isEmpty() {
    return backlog.transactions() == 0;
  }

  /**
   * Waits until nothing is pending.
   *
   * @param stop asked whenever the wait is woken: true to give up
   * @return false if it did not come to that in time
   */
  public boolean awaitEmpty(Duration timeout, BooleanSupplier stop) throws InterruptedException {
    emptyAwaited.incrementAndGet();
    try {
      return waiting.await(this::isEmpty, timeout, stop);
    } finally {
      emptyAwaited.decrementAndGet();
    }
  }

  /** Tells whether anybody waits until nothing is pending. Never blocks. */
  public boolean isEmptyAwaited() {
    return emptyAwaited.get() > 0;
  }

  /** Tells that the stream has all transactions up to a place. */
  public void sent(long place) {
    if (place > sentUpTo) {
      sending.change(() -> sentUpTo = Math.max(sentUpTo, place));
    }
  }

  /**
   * Waits until the stream has a transaction.
   *
   * @param stop asked whenever the wait is woken: true to give up
   * @return false if it was not in time
   */
  public boolean awaitSent(long place, Duration timeout, BooleanSupplier stop)
      throws InterruptedException {
    return sending.await(() -> sentUpTo >= place, timeout, stop);
  }

  /**
   * Holds off transactions that would add to the outbox, or lets them go on: who needs it empty
   * would never see it so while others write.
   */
  public void holdOthers(boolean hold) {
    waiting.change(() -> holders += hold ? 1 : -1);
  }

  /** Waits while transactions are held off; see {@link #awaitEmpty}. */
  public boolean awaitTurn(Duration timeout, BooleanSupplier stop) throws InterruptedException {
    return holders == 0 || waiting.await(() -> holders == 0, timeout, stop);
  }
}
