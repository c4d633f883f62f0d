package io.hasqlite.jdbc;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one statement gave.
 *
 * @param rows its rows; null if it is none that returns rows
 * @param updateCount how many rows it inserted, updated or deleted itself, not through triggers; -1
 *     if it returns rows
 * @param generatedKeys the rowids that it gave to rows
 */
record Outcome(@Nullable HaResultSet rows, long updateCount, List<Long> generatedKeys) {

  /** A statement that returns nothing and counts nothing. */
  static final Outcome NOTHING = new Outcome(null, 0, List.of());

  static Outcome ofCount(long updateCount, List<Long> generatedKeys) {
    return new Outcome(null, updateCount, generatedKeys);
  }

  static Outcome ofRows(HaResultSet rows, List<Long> generatedKeys) {
    return new Outcome(rows, -1, generatedKeys);
  }
}
