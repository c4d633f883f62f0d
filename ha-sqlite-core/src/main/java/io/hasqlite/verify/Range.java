package io.hasqlite.verify;

/**
 * A part of a table: the rows whose key's hash begins with some bits.
 *
 * @param table the table; {@link DatabaseDigest#SCHEMA} for the schema
 * @param bits how many bits; a multiple of {@link #STEP_BITS}
 * @param prefix the bits
 * @param keys whether each row is wanted by its key, instead of the digests of smaller parts
 */
record Range(String table, int bits, long prefix, boolean keys) {

  static final int STEP_BITS = 8;
  static final int PARTS = 1 << STEP_BITS;
  static final int BITS_MAX = 48;

  Range {
    if (bits < 0 || bits > BITS_MAX || bits % STEP_BITS != 0 || prefix >>> bits != 0) {
      throw new IllegalArgumentException(
          "A range of a table needs 0 to " + BITS_MAX + " bits, not " + bits + " of " + prefix);
    }
  }

  static Range whole(String table, boolean keys) {
    return new Range(table, 0, 0, keys);
  }

  Range part(int part, boolean byKey) {
    return new Range(table, bits + STEP_BITS, prefix << STEP_BITS | part, byKey);
  }

  boolean contains(long keyHash) {
    return bits == 0 || keyHash >>> Long.SIZE - bits == prefix;
  }

  int partOf(long keyHash) {
    return (int) (keyHash >>> Long.SIZE - bits - STEP_BITS) & PARTS - 1;
  }
}
