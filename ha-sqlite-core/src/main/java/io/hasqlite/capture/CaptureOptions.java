package io.hasqlite.capture;

import io.hasqlite.RowIdentity;
import io.hasqlite.sql.Ascii;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is captured, and how rows are identified.
 *
 * @param rowIdentity what identifies a row
 * @param excludedTables tables that are not replicated; names without regard to case
 * @param ddl whether changes of the schema are captured
 */
public record CaptureOptions(RowIdentity rowIdentity, Set<String> excludedTables, boolean ddl) {

  /** Lower-cases the names. */
  public CaptureOptions {
    excludedTables =
        excludedTables.stream().map(Ascii::lower).collect(Collectors.toUnmodifiableSet());
  }

  /** Tells whether a table is not replicated. */
  public boolean excludes(String table) {
    return excludedTables.contains(Ascii.lower(table));
  }
}
