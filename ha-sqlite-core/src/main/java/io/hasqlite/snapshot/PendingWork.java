package io.hasqlite.snapshot;

import io.hasqlite.sqlite.SqliteSession;
import java.sql.SQLException;

/**
 * Transactions that are committed on this node and that the stream does not have yet. Both methods
 * work on a copy of the database that nobody else has open, outside of any transaction; they begin
 * and end their own.
 */
public interface PendingWork {

  /** A node without such transactions: it shows confirmed states only. */
  PendingWork NONE =
      new PendingWork() {
        @Override
        public void takeOut(SqliteSession copy) {}

        @Override
        public void putOnTop(SqliteSession source, SqliteSession copy) {}
      };

  /** Undoes them in a copy of this node's database, which then shows the confirmed state. */
  void takeOut(SqliteSession copy) throws SQLException;

  /**
   * Puts those that a snapshot has not counted on top of it.
   *
   * @param source this node's database; nothing is committed to it meanwhile
   * @param copy the snapshot, which takes the database's place afterwards
   */
  void putOnTop(SqliteSession source, SqliteSession copy) throws SQLException;
}
