package io.hasqlite.boot.web;

/** In what a token travels with a request and its response. */
public enum TokenCarrier {
  /** The header {@code Ha-Sqlite-Token}: for clients that are programs. */
  HEADER,
  /** The cookie {@code ha-sqlite-token}: for browsers. */
  COOKIE
}
