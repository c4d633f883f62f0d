package io.hasqlite.benchmarks;

/** Which side of a comparison a benchmark is. */
public enum Side {
  /** Plain sqlite-jdbc in WAL mode. */
  PLAIN,
  /** The engine, replicating. */
  ENGINE
}
