package io.hasqlite.changeset;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Texts, and lists of them, that mostly come again with the next change: the names of tables and
 * columns. Keeps a few, so that they need not be made anew; what is kept is bounded, since they
 * come from the network. For any number of threads: what one of them overwrites is made again.
 */
final class KnownTexts {

  /** Longer texts are not kept. */
  static final int LENGTH_MAX = 64;

  private static final int TEXTS = 512;
  private static final int LISTS = 64;
  private static final int LIST_CHARACTERS_MAX = 4_096;

  private final @Nullable String[] texts = new String[TEXTS];

  @SuppressWarnings({"unchecked", "rawtypes"})
  private final @Nullable List<String>[] lists = new List[LISTS];

  /** Returns the text of characters, of which there are at most {@link #LENGTH_MAX}. */
  String text(char[] characters, int offset, int length) {
    int hash = 0;
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + characters[offset + i];
    }
    int place = place(hash, TEXTS);
    String text = texts[place];
    if (text == null || !isSame(text, characters, offset, length)) {
      text = new String(characters, offset, length);
      texts[place] = text;
    }
    return text;
  }

  private static boolean isSame(String text, char[] characters, int offset, int length) {
    if (text.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (text.charAt(i) != characters[offset + i]) {
        return false;
      }
    }
    return true;
  }

  /** Returns a list that was added and is equal to another one; null if it is not known. */
  @Nullable List<String> list(List<String> wanted) {
    List<String> list = lists[place(wanted.hashCode(), LISTS)];
    return wanted.equals(list) ? list : null;
  }

  /** Adds a list of texts that differ; returns it unmodifiable. */
  List<String> add(List<String> list) {
    List<String> added = List.copyOf(list);
    if (list.stream().mapToLong(String::length).sum() <= LIST_CHARACTERS_MAX) {
      lists[place(list.hashCode(), LISTS)] = added;
    }
    return added;
  }

  private static int place(int hash, int size) {
    return (hash ^ hash >>> 16) & size - 1;
  }
}
