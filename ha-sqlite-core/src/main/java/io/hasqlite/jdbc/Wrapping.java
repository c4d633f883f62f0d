package io.hasqlite.jdbc;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What {@link java.sql.Wrapper} asks of all our classes: the wrapper, else what it wraps. */
final class Wrapping {

  private Wrapping() {}

  static <T> T unwrap(Class<T> type, Object wrapper, @Nullable Object wrapped) throws SQLException {
    if (type.isInstance(wrapper)) {
      return type.cast(wrapper);
    }
    if (wrapped != null && type.isInstance(wrapped)) {
      return type.cast(wrapped);
    }
    throw new SQLException(
        wrapper.getClass().getSimpleName() + " does not wrap a " + type.getName(), "HY000");
  }

  static boolean isWrapperFor(Class<?> type, Object wrapper, @Nullable Object wrapped) {
    return type.isInstance(wrapper) || wrapped != null && type.isInstance(wrapped);
  }
}
