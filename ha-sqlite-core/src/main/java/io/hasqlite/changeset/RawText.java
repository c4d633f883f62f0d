package io.hasqlite.changeset;

import java.util.Arrays;

/**
 * A value of type TEXT whose bytes are not valid UTF-8. SQLite stores such text unchanged, a Java
 * string cannot.
 *
 * @param bytes the bytes as stored; not copied
 */
public record RawText(byte[] bytes) {

  @Override
  public boolean equals(Object other) {
    return other instanceof RawText text && Arrays.equals(bytes, text.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }
}
