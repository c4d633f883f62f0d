package io.hasqlite.capture;

import java.util.Set;

/**
 * What SQLite says that a statement will do, its triggers, cascades and views included.
 *
 * @param writesMain whether it writes the main database at all
 * @param ddl whether it changes the main database's schema, or a value in its header that counts as
 *     schema
 * @param tables the ordinary tables of the main database that it writes
 * @param virtualTables the virtual tables of the main database that the statement itself writes
 */
public record StatementPlan(
    boolean writesMain, boolean ddl, Set<String> tables, Set<String> virtualTables) {

  /** A statement that writes nothing in the main database. */
  public static final StatementPlan READS = new StatementPlan(false, false, Set.of(), Set.of());

  /** Copies the sets. */
  public StatementPlan {
    tables = Set.copyOf(tables);
    virtualTables = Set.copyOf(virtualTables);
  }
}
