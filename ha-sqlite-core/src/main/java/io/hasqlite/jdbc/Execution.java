package io.hasqlite.jdbc;

import io.hasqlite.sql.SqlStatement;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Runs a statement through the driver, once everything around it is settled. */
@FunctionalInterface
interface Execution {

  Outcome run(SqlStatement statement) throws SQLException;

  /** Gives another statement of the driver the arguments of a statement, from its first on. */
  default void bindArguments(SqlStatement statement, PreparedStatement target)
      throws SQLException {}
}
