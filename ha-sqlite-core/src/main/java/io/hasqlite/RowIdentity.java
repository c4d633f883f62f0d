package io.hasqlite;

/** What identifies a row when it is changed on another node. */
public enum RowIdentity {
  /**
   * The primary key, where it is one that SQLite enforces: INTEGER PRIMARY KEY, WITHOUT ROWID, or
   * columns declared NOT NULL. Otherwise the rowid, because SQLite allows NULL in other keys.
   */
  PK,
  /** The rowid, also where there is a key; WITHOUT ROWID tables keep their key. */
  ROWID,
  /** All values of the row together. Of several equal rows one is changed, whichever it is. */
  FULL
}
