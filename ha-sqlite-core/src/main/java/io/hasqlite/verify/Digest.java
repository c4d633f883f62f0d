package io.hasqlite.verify;

/**
 * The digest of a set of rows, whatever their order: of a table, of a part of one, or of one row.
 *
 * @param name the table, the part or the row's key
 * @param rows how many rows there are
 * @param hash 128 bits in hexadecimal: the sum of the rows' hashes. Values of another type are
 *     other values
 */
public record Digest(String name, long rows, String hash) {

  /** Validates the name. */
  public Digest {
    java.util.Objects.requireNonNull(name, "name");
    java.util.Objects.requireNonNull(hash, "hash");
  }
}
