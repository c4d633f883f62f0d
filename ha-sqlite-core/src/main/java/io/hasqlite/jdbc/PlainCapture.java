package io.hasqlite.jdbc;

import io.hasqlite.capture.Capture;
import io.hasqlite.capture.StatementPlan;
import io.hasqlite.sql.SqlStatement;
import io.hasqlite.sqlite.SqliteSession;
import java.util.Set;

/** Stands in where nothing is captured: a statement's text alone tells what it will do. */
final class PlainCapture extends Capture {

  private static final StatementPlan WRITES = new StatementPlan(true, false, Set.of(), Set.of());

  PlainCapture(SqliteSession session) {
    super(session);
  }

  @Override
  public StatementPlan plan(SqlStatement statement) {
    boolean temporary = "temp".equalsIgnoreCase(statement.objectSchema());
    return statement.modifiesDatabase() && !temporary ? WRITES : StatementPlan.READS;
  }
}
