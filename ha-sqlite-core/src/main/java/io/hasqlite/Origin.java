package io.hasqlite;

import java.util.Objects;

/**
 * Where a transaction was committed: a node and one life of its engine. Transactions of one origin
 * are numbered; a restarted engine is a new origin, so that numbers that a power failure took back
 * are never used again.
 *
 * @param node the node
 * @param processId 63 random bits, drawn when the engine starts
 */
public record Origin(NodeId node, long processId) {

  /** Validates the origin. */
  public Origin {
    Objects.requireNonNull(node, "node");
  }

  @Override
  public String toString() {
    return node + "/" + Long.toHexString(processId);
  }
}
