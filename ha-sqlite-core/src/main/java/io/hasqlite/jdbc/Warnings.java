package io.hasqlite.jdbc;

import java.sql.SQLWarning;
import org.jspecify.annotations.Nullable;

/** The chain of a connection's warnings. */
final class Warnings {

  private @Nullable SQLWarning first;

  synchronized void add(@Nullable SQLWarning warning) {
    if (first == null) {
      first = warning;
    } else if (warning != null) {
      first.setNextWarning(warning);
    }
  }

  synchronized @Nullable SQLWarning first() {
    return first;
  }

  synchronized void clear() {
    first = null;
  }
}
