package io.hasqlite.jdbc;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A piece of work that may fail as the database does. */
@FunctionalInterface
interface SqlCall<T extends @Nullable Object> {

  T run() throws SQLException;
}
