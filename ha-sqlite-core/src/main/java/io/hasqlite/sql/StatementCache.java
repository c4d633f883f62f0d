package io.hasqlite.sql;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The statements of the texts that were used last. Holds at most as much as {@link #ENTRIES_MAX}
 * texts of {@link #CHARS_MAX} characters: what is longer is not kept. For any number of threads.
 */
final class StatementCache {

  /** More than an application has texts, unless it writes values into them. */
  static final int ENTRIES_MAX = 512;

  /** Longer ones are migrations and inserts of many rows, which rarely come again. */
  static final int CHARS_MAX = 16_384;

  private final Map<String, List<SqlStatement>> statements =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, List<SqlStatement>> eldest) {
          return size() > ENTRIES_MAX;
        }
      };

  @Nullable List<SqlStatement> get(String text) {
    synchronized (statements) {
      return statements.get(text);
    }
  }

  void put(String text, List<SqlStatement> value) {
    if (text.length() > CHARS_MAX) {
      return;
    }
    synchronized (statements) {
      statements.put(text, value);
    }
  }

  int size() {
    synchronized (statements) {
      return statements.size();
    }
  }
}
