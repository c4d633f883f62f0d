package io.hasqlite.changeset;

import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** The letters by which a message says of which type each value is, and their forms in JSON. */
final class ValueType {

  private static final char INTEGER = 'i';
  private static final char REAL = 'r';
  private static final char TEXT = 't';
  private static final char BLOB = 'b';
  private static final char NULL = 'n';
  private static final char RAW_TEXT = 'x';

  private static final String INFINITY = "Infinity";
  private static final String MINUS_INFINITY = "-Infinity";

  private ValueType() {}

  /** Appends the letters of values; nothing for null. */
  static void append(StringBuilder types, @Nullable List<@Nullable Object> values) {
    if (values == null) {
      return;
    }
    for (Object value : values) {
      types.append(letter(value));
    }
  }

  private static char letter(@Nullable Object value) {
    if (value == null) {
      return NULL;
    }
    if (value instanceof Long) {
      return INTEGER;
    }
    if (value instanceof String) {
      return TEXT;
    }
    if (value instanceof Double) {
      return REAL;
    }
    if (value instanceof byte[]) {
      return BLOB;
    }
    if (value instanceof RawText) {
      return RAW_TEXT;
    }
    throw new IllegalArgumentException(
        "A value must be a Long, Double, String, byte[], RawText or null, but is a "
            + value.getClass().getName());
  }

  /** Writes a value; {@code typed} tells whether its letter will be written, too. */
  static void write(JsonGenerator json, @Nullable Object value, boolean typed) {
    switch (letter(value)) {
      case INTEGER -> json.writeNumber((long) notNull(value));
      case REAL -> writeReal(json, (double) notNull(value), typed);
      case TEXT -> json.writeString((String) notNull(value));
      case BLOB -> json.writeBinary((byte[]) notNull(value));
      case RAW_TEXT -> {
        if (!typed) {
          throw new IllegalArgumentException(
              "A text that is not UTF-8 cannot be written without its type");
        }
        json.writeBinary(((RawText) notNull(value)).bytes());
      }
      default -> json.writeNull();
    }
  }

  private static void writeReal(JsonGenerator json, double real, boolean typed) {
    if (Double.isFinite(real)) {
      json.writeNumber(real);
    } else if (typed && !Double.isNaN(real)) {
      json.writeString(infinity(real));
    } else {
      throw new IllegalArgumentException(
          real + " cannot be written" + (typed ? "" : " without its type"));
    }
  }

  static String infinity(double real) {
    return real > 0 ? INFINITY : MINUS_INFINITY;
  }

  private static Object notNull(@Nullable Object value) {
    if (value == null) {
      throw new IllegalArgumentException("Only a NULL is null");
    }
    return value;
  }

  /**
   * Gives a value that was read from JSON its type.
   *
   * @param json null, a Long, a Double or a String
   * @throws IllegalArgumentException if the value has no form of that type
   */
  static @Nullable Object typed(char letter, @Nullable Object json) {
    switch (letter) {
      case NULL -> {
        if (json == null) {
          return null;
        }
      }
      case INTEGER -> {
        if (json instanceof Long) {
          return json;
        }
      }
      case REAL -> {
        if (json instanceof Double) {
          return json;
        }
        if (json instanceof Long whole) {
          return (double) whole;
        }
        if (INFINITY.equals(json)) {
          return Double.POSITIVE_INFINITY;
        }
        if (MINUS_INFINITY.equals(json)) {
          return Double.NEGATIVE_INFINITY;
        }
      }
      case TEXT -> {
        if (json instanceof String) {
          return json;
        }
      }
      case BLOB -> {
        if (json instanceof String text) {
          return bytes(text);
        }
      }
      case RAW_TEXT -> {
        if (json instanceof String text) {
          return new RawText(bytes(text));
        }
      }
      default ->
          throw new IllegalArgumentException(
              "unknown type " + Values.describe(String.valueOf(letter)));
    }
    throw new IllegalArgumentException(
        "the value " + Values.describe(json) + " cannot be of type '" + letter + "'");
  }

  private static byte[] bytes(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the value " + Values.describe(base64) + " is not base64", e);
    }
  }
}
