package io.hasqlite.boot.web;

/** What a client gets whose writes this node does not show in time. */
public enum OnTimeout {
  /** What this node shows, with the response header {@code Ha-Sqlite-Stale: true}. */
  STALE,
  /** 503 with {@code Retry-After}: the request is not handled. */
  UNAVAILABLE
}
