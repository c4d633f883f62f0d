package io.hasqlite.commit;

import java.sql.Connection;

/**
 * What a transaction wants to know of other nodes' transactions that get their place between what
 * it has read and its own place. On its own node a transaction is always alone while it writes.
 */
public enum Isolation {

  /** The last writer wins, column by column: the transaction takes effect whatever came between. */
  READ_UNCOMMITTED,

  /**
   * The same, but a transaction that compares and sets (an UPDATE whose WHERE names a column that
   * it assigns, such as a version, or a DELETE that compares more than the key) has the isolation
   * {@link #REPEATABLE_READ} from then on. On a node that commits asynchronously it has not.
   */
  READ_COMMITTED,

  /**
   * The first committer wins: the transaction fails with SQLState 40001 if one in between wrote a
   * row that it writes, too (by its identity or a unique key), or changed the schema.
   */
  REPEATABLE_READ,

  /** The transaction fails with SQLState 40001 if anything at all came between. */
  SERIALIZABLE;

  /** Tells whether the transaction may fail because of what came between. */
  public boolean mayConflict() {
    return this == REPEATABLE_READ || this == SERIALIZABLE;
  }

  /** Returns what stands for a level of {@link Connection}. */
  public static Isolation of(int level) {
    return switch (level) {
      case Connection.TRANSACTION_SERIALIZABLE -> SERIALIZABLE;
      case Connection.TRANSACTION_REPEATABLE_READ -> REPEATABLE_READ;
      case Connection.TRANSACTION_READ_UNCOMMITTED -> READ_UNCOMMITTED;
      default -> READ_COMMITTED;
    };
  }
}
