package io.hasqlite.changeset;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What can be asked of SQLite's values without knowing a schema. A value is {@code null}, a {@link
 * Long}, a {@link Double}, a {@link String}, a {@code byte[]} or a {@link RawText}.
 */
public final class Values {

  private static final int DESCRIBED_CHARS_MAX = 40;
  private static final int DESCRIBED_BYTES_MAX = 16;
  private static final int DESCRIBED_VALUES_MAX = 20;
  private static final double TWO_TO_63 = 0x1p63;

  private Values() {}

  /**
   * Tells whether two values are exactly the same: type and content. 1 and 1.0 differ, and so do
   * 0.0 and -0.0; arrays are compared by content.
   */
  public static boolean same(@Nullable Object a, @Nullable Object b) {
    if (a == b) {
      return true;
    }
    if (a instanceof byte[] bytes) {
      return b instanceof byte[] others && Arrays.equals(bytes, others);
    }
    // Double.equals compares bits, apart from NaNs, which SQLite stores as NULL.
    return a != null && a.equals(b);
  }

  /** Tells whether two lists hold the same values in the same order; null equals only null. */
  public static boolean sameAll(
      @Nullable List<@Nullable Object> a, @Nullable List<@Nullable Object> b) {
    if (a == null || b == null || a.size() != b.size()) {
      return a == b;
    }
    for (int i = 0; i < a.size(); i++) {
      if (!same(a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns an object that stands for a value in a key: two of them are {@code equal} if and only
   * if SQLite finds the values equal under the BINARY collation, so 1 and 1.0 are one key, and 0.0
   * and -0.0. NULL gives null; whether NULLs are equal to each other is for the caller to say, as
   * it depends on the key. An array must not be modified while its key is in use.
   */
  public static @Nullable Object keyValue(@Nullable Object value) {
    if (value instanceof Double number) {
      double d = number;
      boolean whole = d == Math.rint(d) && d >= -TWO_TO_63 && d < TWO_TO_63;
      if (whole) {
        return (long) d;
      }
      return number;
    }
    if (value instanceof byte[] bytes) {
      return ByteBuffer.wrap(bytes);
    }
    return value;
  }

  /** Writes a value for a log or a message, as SQLite's literals; long ones are cut. */
  public static String describe(@Nullable Object value) {
    if (value == null) {
      return "NULL";
    }
    if (value instanceof String text) {
      return describeText(text);
    }
    if (value instanceof byte[] bytes) {
      return describeBytes(bytes);
    }
    if (value instanceof RawText text) {
      return "CAST(" + describeBytes(text.bytes()) + " AS TEXT)";
    }
    return value.toString();
  }

  /** Writes a row for a log or a message; long values and many values are cut. */
  public static String describeAll(@Nullable List<@Nullable Object> values) {
    if (values == null) {
      return "()";
    }
    StringBuilder text = new StringBuilder("(");
    int shown = Math.min(values.size(), DESCRIBED_VALUES_MAX);
    for (int i = 0; i < shown; i++) {
      text.append(i == 0 ? "" : ", ").append(describe(values.get(i)));
    }
    if (values.size() > shown) {
      text.append(", and ").append(values.size() - shown).append(" more");
    }
    return text.append(')').toString();
  }

  private static String describeText(String text) {
    StringBuilder result = new StringBuilder("'");
    int end = Math.min(text.length(), DESCRIBED_CHARS_MAX);
    if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      if (c == '\'') {
        result.append("''");
      } else if (Character.isISOControl(c)) {
        // A value from the stream must not forge lines of a log.
        result.append(String.format("\\u%04x", (int) c));
      } else {
        result.append(c);
      }
    }
    result.append('\'');
    if (end < text.length()) {
      result.append("... (").append(text.length()).append(" characters)");
    }
    return result.toString();
  }

  private static String describeBytes(byte[] bytes) {
    int end = Math.min(bytes.length, DESCRIBED_BYTES_MAX);
    String hex = "x'" + HexFormat.of().formatHex(bytes, 0, end) + "'";
    return end < bytes.length ? hex + "... (" + bytes.length + " bytes)" : hex;
  }
}
