package io.hasqlite.engine;

import io.hasqlite.changeset.Change;
import io.hasqlite.commit.OpenTransaction;
import io.hasqlite.sqlite.Schema;
import io.hasqlite.sqlite.SqliteErrors;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * A transaction that changes nothing and says something to the other engines. It is committed like
 * any other, so it has a number and a place.
 */
final class EngineMessage implements OpenTransaction {

  private final LocalDatabase database;
  private final SqliteSession session;

  private EngineMessage(LocalDatabase database, SqliteSession session) {
    this.database = database;
    this.session = session;
  }

  /** Publishes a change; returns when the stream has it. */
  static void publish(LocalDatabase database, Change change, Duration lockTimeout)
      throws SQLException {
    try (SqliteSession session = database.openSession()) {
      EngineMessage message = new EngineMessage(database, session);
      database.writeLock().acquire(message, lockTimeout);
      try {
        session.execute("BEGIN IMMEDIATE");
        database.commitStep().commit(message, List.of(change), false);
      } catch (SQLException e) {
        throw SqliteErrors.translate(e);
      } finally {
        database.writeLock().release(message);
      }
    }
  }

  @Override
  public SqliteSession session() {
    return session;
  }

  @Override
  public boolean isSingleStatement() {
    return true;
  }

  @Override
  public Schema schema() {
    throw new IllegalStateException("A message of the engine writes no rows");
  }

  @Override
  public boolean mayDeferForeignKeys() {
    return false;
  }

  @Override
  public void closeCursors() {}

  @Override
  public void commit(Runnable committed) throws SQLException {
    try {
      session.execute("COMMIT");
      committed.run();
    } finally {
      database.writeLock().release(this);
    }
  }

  @Override
  public void rollback() throws SQLException {
    try {
      session.execute("ROLLBACK");
    } finally {
      database.writeLock().release(this);
    }
  }
}
