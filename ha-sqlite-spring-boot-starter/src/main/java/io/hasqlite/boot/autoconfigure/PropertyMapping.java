package io.hasqlite.boot.autoconfigure;

import io.hasqlite.engine.HaSqliteOptions;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Maps values of properties so that one that cannot work names its property.
 *
 * @param prefix what the properties' names begin with, with the dot
 */
record PropertyMapping(String prefix) {

  private static final String PREFIX_OF_ALL = "ha.sqlite.";

  @Nullable Path optionalPath(String property, @Nullable String value) {
    return value == null || value.isBlank() ? null : path(property, value);
  }

  Path path(String property, String value) {
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw new InvalidPropertyException(
          prefix + property + " is no path of a file: " + e.getMessage(), e);
    }
  }

  <T> void set(String property, @Nullable T value, Function<T, HaSqliteOptions.Builder> setter) {
    if (value != null) {
      get(property, value, setter);
    }
  }

  <T, R> R get(String property, T value, Function<T, R> mapping) {
    try {
      return mapping.apply(value);
    } catch (IllegalArgumentException e) {
      String reason = String.valueOf(e.getMessage());
      throw new InvalidPropertyException(
          reason.startsWith(PREFIX_OF_ALL) ? reason : prefix + property + ": " + reason, e);
    }
  }
}
