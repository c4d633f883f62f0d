package io.hasqlite.changeset;

import tools.jackson.core.JsonGenerator;

/** Writes text of which nothing is known but that it is a Java string. */
final class JsonText {

  private JsonText() {}

  /** Writes a string; unpaired surrogates, which have no UTF-8, as escapes. */
  static void write(JsonGenerator json, String text) {
    if (isWellFormed(text)) {
      json.writeString(text);
    } else {
      json.writeRawValue(escaped(text));
    }
  }

  private static boolean isWellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  private static String escaped(String text) {
    StringBuilder result = new StringBuilder(text.length() + 16).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        result.append(String.format("\\u%04x", (int) c));
      } else {
        result.append(c);
      }
    }
    return result.append('"').toString();
  }
}
