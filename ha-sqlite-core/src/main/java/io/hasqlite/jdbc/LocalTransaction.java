package io.hasqlite.jdbc;

import io.hasqlite.capture.Capture;
import io.hasqlite.changeset.Change;
import io.hasqlite.commit.CommitConflictException;
import io.hasqlite.commit.Isolation;
import io.hasqlite.commit.OpenTransaction;
import io.hasqlite.sqlite.Schema;
import io.hasqlite.sqlite.SqliteErrors;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLWarning;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection's transaction, one after the other: where it stands, the write lock that belongs to
 * it, its savepoints, and how it ends. Whatever ends it, the write lock is free afterwards and
 * nothing of it stays open in SQLite.
 *
 * <p>For one thread at a time, except for what SQLite calls in the middle of a statement.
 */
final class LocalTransaction implements OpenTransaction {

  /** Where a transaction stands. */
  enum State {
    /** None is open. */
    NONE,
    /** A deferred one that only reads. */
    READ,
    /** An immediate one, which holds the write lock. */
    WRITE,
    /** SQLite rolled it back, or we had to; the application has not noticed yet. */
    DEAD
  }

  private final SqliteSession session;
  private final Capture capture;
  private final DatabaseAccess database;
  private final OpenCursors cursors;
  private final Savepoints savepoints = new Savepoints();

  private State state = State.NONE;
  private boolean singleStatement;
  private boolean ddl;
  private boolean begunBySavepoint;
  private boolean compares;
  private Isolation isolation = Isolation.READ_COMMITTED;
  private long number;
  private volatile boolean rolledBackBySqlite;

  LocalTransaction(
      SqliteSession session, Capture capture, DatabaseAccess database, OpenCursors cursors) {
    this.session = session;
    this.capture = capture;
    this.database = database;
    this.cursors = cursors;
    session.onRollback(() -> rolledBackBySqlite = true);
  }

  State state() {
    return state;
  }

  /** Returns the number of the transaction that is open, or was last. */
  long number() {
    return number;
  }

  @Override
  public SqliteSession session() {
    return session;
  }

  @Override
  public boolean isSingleStatement() {
    return singleStatement;
  }

  @Override
  public Isolation isolation() {
    return compares && isolation == Isolation.READ_COMMITTED
        ? Isolation.REPEATABLE_READ
        : isolation;
  }

  /** Tells that a statement of the transaction compares and sets. */
  void compares() {
    compares = database.commitStep().isOrderedAtOnce();
  }

  /** Sets it for the transaction that is open, too: it matters at the commit. */
  void setIsolation(Isolation wanted) {
    isolation = wanted;
  }

  @Override
  public Schema schema() throws SQLException {
    return capture.currentSchema();
  }

  /** Begins a transaction that only reads. */
  void beginRead() throws SQLException {
    requireNone();
    session.execute("BEGIN");
    opened(State.READ, false);
  }

  /**
   * Begins a transaction that may write.
   *
   * @param single whether it is for one statement in auto-commit mode
   * @param mustBeNext whether it begins with a change of the schema or of a virtual table
   * @param wait how long to wait for the write lock
   */
  void beginWrite(boolean single, boolean mustBeNext, Duration wait) throws SQLException {
    requireNone();
    begin(single, mustBeNext || isolation.mayConflict(), wait);
  }

  private void begin(boolean single, boolean mustBeNext, Duration wait) throws SQLException {
    if (mustBeNext) {
      database.holdOthers(true);
    }
    try {
      acquireLock(mustBeNext, wait);
    } finally {
      if (mustBeNext) {
        database.holdOthers(false);
      }
    }
    try {
      beginImmediate();
      opened(State.WRITE, single);
      capture.begun();
      // Rebuilding triggers ends the empty transaction and begins it again.
      rolledBackBySqlite = false;
    } catch (SQLException | RuntimeException | Error e) {
      rollBackAfter(e);
      throw e;
    } finally {
      if (state != State.WRITE) {
        database.writeLock().release(this);
      }
    }
  }

  /**
   * Waits for the lock, and until what this node has committed is visible here: where another
   * node's transaction came first, it is only when apply has had the lock. Otherwise this
   * transaction would read what the one before it read, and undo it.
   */
  private void acquireLock(boolean mustBeNext, Duration wait) throws SQLException {
    long end = System.nanoTime() + wait.toNanos();
    database.writeLock().acquire(this, wait);
    while (!isLevel(mustBeNext, Duration.ZERO)) {
      database.writeLock().release(this);
      long held = database.awaitFence(mustBeNext, fenceWait(wait)).toNanos();
      end += held;
      if (held == 0
          && !isLevel(mustBeNext, Duration.ofNanos(Math.max(0, end - System.nanoTime())))) {
        throw new SQLTransactionRollbackException(
            "An earlier transaction of this node was not applied at its place in the stream here"
                + " within "
                + wait.toMillis()
                + " ms; try again",
            "40001",
            SqliteErrors.BUSY);
      }
      database.writeLock().acquire(this, Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    }
  }

  /** Waits as long as it takes, unless the statement may not even wait for another writer. */
  private Duration fenceWait(Duration wait) {
    return wait.compareTo(database.busyTimeout()) < 0 ? wait : ChronoUnit.FOREVER.getDuration();
  }

  /** Asks whether all is visible; the lock is free if that fails. */
  private boolean isLevel(boolean mustBeNext, Duration wait) throws SQLException {
    boolean asked = false;
    try {
      boolean level = database.awaitCommitted(mustBeNext, wait);
      asked = true;
      return level;
    } finally {
      if (!asked) {
        database.writeLock().release(this);
      }
    }
  }

  /** Tells that the calling thread uses the transaction. */
  void used() {
    if (state == State.WRITE) {
      database.writeLock().used(this);
    }
  }

  /** Tells that a statement of the transaction changes the schema or writes a virtual table. */
  void changesSchema() {
    ddl = true;
  }

  /**
   * Looks whether SQLite has ended the transaction, as it does on OR ROLLBACK, RAISE(ROLLBACK), an
   * interrupted write or a full disk. To be called after each failure of a statement.
   */
  void noticeEnd() {
    if (rolledBackBySqlite && (state == State.READ || state == State.WRITE)) {
      State next = singleStatement ? State.NONE : State.DEAD;
      ended(false);
      state = next;
    }
  }

  /** Returns the exception for whatever is tried in a transaction that SQLite has ended. */
  static SQLException deadException() {
    return new SQLTransactionRollbackException(
        "This transaction was rolled back when an earlier statement failed; nothing of it is left."
            + " Roll back, then run the transaction again",
        "40000");
  }

  /**
   * Commits, whatever that takes: the changes get their place in the order first. On an exception
   * it is rolled back.
   *
   * @return a warning, or null
   */
  @Nullable SQLWarning complete() throws SQLException {
    if (state == State.DEAD) {
      state = State.NONE;
      throw deadException();
    }
    if (state != State.WRITE) {
      commit();
      return null;
    }
    try {
      List<Change> changes = capture.drain();
      if (changes.isEmpty()) {
        commit();
        return null;
      }
      SQLWarning warning = database.commitStep().commit(this, changes, ddl);
      if (state == State.WRITE) {
        throw new IllegalStateException(
            "The commit step returned although the transaction is still open");
      }
      return warning;
    } catch (CommitConflictException e) {
      rollBackAfter(e);
      // So that it makes sense to run it again, at once, too.
      database.commitStep().awaitCaughtUp(e);
      throw e;
    } catch (SQLException | RuntimeException | Error e) {
      rollBackAfter(e);
      throw e;
    }
  }

  @Override
  public boolean hasForeignKeys() throws SQLException {
    return capture.currentSchema().hasForeignKeys();
  }

  @Override
  public boolean mayDeferForeignKeys() throws SQLException {
    return capture.mayDeferForeignKeys();
  }

  @Override
  public void closeCursors() {
    cursors.closeAll(
        "a transaction of its connection was committed, and deferred foreign keys can only be"
            + " checked while nothing is read. Read it to its end first",
        "24000");
  }

  private void commit() throws SQLException {
    commit(() -> {});
  }

  @Override
  public void commit(Runnable committed) throws SQLException {
    if (state != State.READ && state != State.WRITE) {
      return;
    }
    try {
      session.execute("COMMIT");
    } catch (SQLException e) {
      SQLException translated = SqliteErrors.translate(e);
      rollBackAfter(translated);
      throw translated;
    }
    try {
      committed.run();
    } finally {
      ended(true);
    }
  }

  @Override
  public void rollback() throws SQLException {
    if (state == State.READ || state == State.WRITE) {
      try {
        if (!rolledBackBySqlite) {
          session.execute("ROLLBACK");
        }
      } catch (SQLException e) {
        if (!rolledBackBySqlite) {
          // Only closing frees SQLite's own write lock now.
          session.close();
          throw SqliteErrors.translate(e);
        }
      } finally {
        ended(false);
      }
    }
    state = State.NONE;
  }

  /** Rolls back because of a failure; what fails on the way is added to it. */
  void rollBackAfter(Throwable failure) {
    try {
      rollback();
    } catch (SQLException | RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Rolls back because what the transaction did is not known for sure. The application has to
   * notice: like a transaction that SQLite ended, it cannot be committed.
   */
  void abandonAfter(Throwable failure) {
    State next = singleStatement || state == State.NONE ? State.NONE : State.DEAD;
    rollBackAfter(failure);
    state = next;
  }

  /** Sets a savepoint; the transaction is open. */
  void savepoint(String name) throws SQLException {
    session.execute("SAVEPOINT " + SqliteSession.quoted(name));
    savepoints.add(name, ddl);
  }

  /** Tells that the transaction ends with its first savepoint, as one begun by SAVEPOINT does. */
  void endsWithFirstSavepoint() {
    begunBySavepoint = true;
  }

  /**
   * Releases a savepoint, which commits if the transaction began with it.
   *
   * @return a warning of the commit, or null
   */
  @Nullable SQLWarning release(String name) throws SQLException {
    int place = savepoints.find(name);
    if (place == 0 && begunBySavepoint) {
      return complete();
    }
    session.execute("RELEASE " + SqliteSession.quoted(name));
    if (place >= 0) {
      savepoints.release(place);
    }
    return null;
  }

  /** Goes back to a savepoint, which stays. */
  void rollbackTo(String name) throws SQLException {
    session.execute("ROLLBACK TO " + SqliteSession.quoted(name));
    int place = savepoints.find(name);
    if (place >= 0) {
      ddl = savepoints.rollBackTo(place);
    }
    if (state == State.WRITE) {
      capture.rolledBackTo();
    }
  }

  private void requireNone() {
    if (state != State.NONE) {
      throw new IllegalStateException("A transaction is open already: " + state);
    }
  }

  private void beginImmediate() throws SQLException {
    try {
      session.execute("BEGIN IMMEDIATE");
    } catch (SQLException e) {
      if (!SqliteErrors.isBusySnapshot(e)) {
        throw SqliteErrors.translate(e);
      }
      cursors.closeAll(
          "the connection began to write, and the result set read a state of the database that is"
              + " not the newest any more. Read it to its end first, or run both in one"
              + " transaction",
          "40001");
      session.execute("BEGIN IMMEDIATE");
    }
  }

  private void opened(State next, boolean single) {
    state = next;
    singleStatement = single;
    rolledBackBySqlite = false;
    number++;
  }

  private void ended(boolean committed) {
    boolean wrote = state == State.WRITE;
    state = State.NONE;
    singleStatement = false;
    ddl = false;
    begunBySavepoint = false;
    compares = false;
    savepoints.clear();
    try {
      if (wrote) {
        capture.ended(committed);
      }
    } finally {
      database.writeLock().release(this);
    }
  }
}
