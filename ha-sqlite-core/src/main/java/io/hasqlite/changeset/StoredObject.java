package io.hasqlite.changeset;

import java.util.Objects;

/**
 * Names an object of the object store that holds the bytes of a whole changeset. It came over the
 * network: the length is a claim until that many bytes were counted.
 *
 * @param name the object's name in its bucket
 * @param bytes its length
 * @param sha256 the digest of its content, in hexadecimal
 */
public record StoredObject(String name, long bytes, String sha256) {

  /** Validates the reference. */
  public StoredObject {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(sha256, "sha256");
    if (name.isEmpty() || bytes <= 0 || !sha256.matches("[0-9a-fA-F]{64}")) {
      throw new IllegalArgumentException(
          "An object needs a name, a positive length and a SHA-256 of 64 hexadecimal digits");
    }
  }
}
