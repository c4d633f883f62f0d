package io.hasqlite.sql;

/** Letter case as SQLite sees it: only the letters A to Z have one. */
final class Ascii {

  private Ascii() {}

  static String upper(String text) {
    return shift(text, 'a', 'A');
  }

  static String lower(String text) {
    return shift(text, 'A', 'a');
  }

  private static String shift(String text, char from, char to) {
    StringBuilder shifted = new StringBuilder(text);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= from && c < from + 26) {
        shifted.setCharAt(i, (char) (c - from + to));
      }
    }
    return shifted.toString();
  }
}
