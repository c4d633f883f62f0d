package io.hasqlite.jdbc;

import io.hasqlite.sql.SqlStatement;
import java.util.List;

/**
 * One entry of a batch.
 *
 * @param statements its statements, one as a rule
 * @param execution how each of them is run
 */
record BatchEntry(List<SqlStatement> statements, Execution execution) {}
