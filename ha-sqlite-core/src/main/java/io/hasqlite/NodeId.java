package io.hasqlite;

import java.util.Objects;

/**
 * The name of a node: unique among the instances that share a database.
 *
 * @param value the name as configured; not blank
 */
public record NodeId(String value) {

  /** Validates the name. */
  public NodeId {
    Objects.requireNonNull(value, "value");
    if (value.isBlank()) {
      throw new IllegalArgumentException("A node's name must not be blank");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
