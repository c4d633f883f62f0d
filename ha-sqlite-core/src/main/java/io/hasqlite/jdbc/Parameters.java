package io.hasqlite.jdbc;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a prepared statement, kept until it runs: the driver's statements are several,
 * and may have to be prepared or run again.
 */
final class Parameters {

  private final @Nullable Binding[] bindings;

  Parameters(int count) {
    this.bindings = new Binding[count];
  }

  private Parameters(@Nullable Binding[] bindings) {
    this.bindings = bindings;
  }

  int count() {
    return bindings.length;
  }

  void set(int index, Binding binding) throws SQLException {
    if (index < 1 || index > bindings.length) {
      throw new SQLException(
          "There is no parameter " + index + "; the statement has " + bindings.length, "07009");
    }
    bindings[index - 1] = binding;
  }

  void clear() {
    Arrays.fill(bindings, null);
  }

  Parameters copy() {
    return new Parameters(bindings.clone());
  }

  /** Gives a statement of the driver those that begin at an offset. */
  void bind(PreparedStatement driver, int offset, int count) throws SQLException {
    for (int i = 0; i < count; i++) {
      Binding binding = bindings[offset + i];
      if (binding == null) {
        throw new SQLException("Parameter " + (offset + i + 1) + " has no value", "07002");
      }
      binding.bind(driver, i + 1);
    }
  }

  /** Sets one parameter of a statement of the driver. */
  @FunctionalInterface
  interface Binding {

    void bind(PreparedStatement driver, int index) throws SQLException;
  }
}
