package io.hasqlite.jdbc;

import io.hasqlite.capture.Capture;
import io.hasqlite.capture.StatementPlan;
import io.hasqlite.changeset.Change;
import io.hasqlite.sql.SqlStatement;
import io.hasqlite.sqlite.Schema;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Stands in where nothing is captured: a statement's text alone tells what it will do. */
final class PlainCapture implements Capture {

  private static final StatementPlan WRITES =
      new StatementPlan(true, false, false, Set.of(), false, Set.of(), Set.of(), Set.of());

  @Override
  public StatementPlan plan(SqlStatement statement) {
    boolean temporary = "temp".equalsIgnoreCase(statement.objectSchema());
    return statement.modifiesDatabase() && !temporary ? WRITES : StatementPlan.READS;
  }

  @Override
  public void begun() {}

  @Override
  public void before(SqlStatement statement, StatementPlan plan) {}

  @Override
  public void after(SqlStatement statement, StatementPlan plan, boolean succeeded) {}

  @Override
  public void addSql(String command, List<@Nullable Object> arguments) {}

  @Override
  public List<Change> drain() {
    return List.of();
  }

  @Override
  public Schema currentSchema() {
    throw new IllegalStateException("Nothing is captured, so nobody needs the schema");
  }

  @Override
  public boolean mayDeferForeignKeys() {
    return false;
  }

  @Override
  public void rolledBackTo() {}

  @Override
  public void ended(boolean committed) {}
}
