package io.hasqlite.sql;

/** Letter case as SQLite sees it: only the letters A to Z have one. */
public final class Ascii {

  private Ascii() {}

  /** Returns a text with its letters a to z in upper case. */
  public static String upper(String text) {
    return shift(text, 'a', 'A');
  }

  /**
   * Returns a text with its letters A to Z in lower case: equal for names that SQLite takes for
   * one.
   */
  public static String lower(String text) {
    return shift(text, 'A', 'a');
  }

  /** Tells whether SQLite takes two names for the same. */
  public static boolean same(String name, String other) {
    return name.equals(other) || lower(name).equals(lower(other));
  }

  /** Tells whether SQLite takes the beginning of a name for a prefix in lower case. */
  public static boolean startsWith(String name, String prefix) {
    if (name.length() < prefix.length()) {
      return false;
    }
    for (int i = 0; i < prefix.length(); i++) {
      char c = name.charAt(i);
      if ((isIn(c, 'A') ? c - 'A' + 'a' : c) != prefix.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static String shift(String text, char from, char to) {
    int first = 0;
    while (first < text.length() && !isIn(text.charAt(first), from)) {
      first++;
    }
    if (first == text.length()) {
      return text;
    }
    StringBuilder shifted = new StringBuilder(text);
    for (int i = first; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isIn(c, from)) {
        shifted.setCharAt(i, (char) (c - from + to));
      }
    }
    return shifted.toString();
  }

  private static boolean isIn(char c, char from) {
    return c >= from && c < from + 26;
  }
}
