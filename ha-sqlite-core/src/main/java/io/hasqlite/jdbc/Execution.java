package io.hasqlite.jdbc;

import io.hasqlite.sql.SqlStatement;
import java.sql.SQLException;

/** Runs a statement through the driver, once everything around it is settled. */
@FunctionalInterface
interface Execution {

  Outcome run(SqlStatement statement) throws SQLException;
}
