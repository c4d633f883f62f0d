package io.hasqlite.changeset;

/** What a {@link Change} does. The names are those on the wire. */
public enum Operation {
  /** A row is written in full. */
  INSERT,
  /** A row, found by its old identity, gets new values. */
  UPDATE,
  /** A row, found by its old identity, is removed. */
  DELETE,
  /** A statement is run: DDL, or a write to a virtual table. */
  SQL,
  /** Nothing is written: a message between the engines themselves. */
  CUSTOM
}
