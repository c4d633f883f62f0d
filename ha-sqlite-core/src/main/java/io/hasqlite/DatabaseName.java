package io.hasqlite;

import java.util.Objects;

/**
 * The name under which all nodes know one database (go-ha's <em>cdc-id</em>): it names its subject
 * in the stream.
 *
 * @param value the name as configured; not blank
 */
public record DatabaseName(String value) {

  private static final int TOKEN_LENGTH_MAX = 32;

  /** Validates the name. */
  public DatabaseName {
    Objects.requireNonNull(value, "value");
    if (value.isBlank() || token(value).isEmpty()) {
      throw new IllegalArgumentException(
          "The name of a database must hold a letter or a digit, but is \"" + value + "\"");
    }
  }

  /** Returns the name as a token of a NATS subject. */
  public String token() {
    return token(value);
  }

  /**
   * Makes a token that NATS accepts in subjects and consumer names, by go-ha's rule: each of {@code
   * . / * >} and white space becomes {@code _}, {@code _} is trimmed at both ends, and the last 32
   * characters stay.
   */
  public static String token(String name) {
    String token = name.replaceAll("[./*>\\s]", "_").replaceAll("^_+|_+$", "");
    return token.substring(Math.max(0, token.length() - TOKEN_LENGTH_MAX));
  }

  @Override
  public String toString() {
    return value;
  }
}
