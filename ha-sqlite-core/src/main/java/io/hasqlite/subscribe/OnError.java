package io.hasqlite.subscribe;

/**
 * What a node does with a message that no node can apply: one that is not readable, or that asks
 * for what is forbidden. All nodes judge such a message alike. Nothing else is ever left out: what
 * fails on one machine (a full disk) is tried again for ever, and a message of a newer version, or
 * an interceptor that fails, halts.
 */
public enum OnError {
  /** Stops to follow the stream; nothing can be committed here until a person has acted. */
  HALT,
  /** Keeps the message in {@code ha_dead_letters}, without effect, and goes on. */
  SKIP
}
