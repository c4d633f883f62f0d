package io.hasqlite.capture;

import java.util.Set;

/**
 * What SQLite says that a statement will do, its triggers, cascades and views included.
 *
 * @param writesMain whether it writes the main database at all
 * @param ddl whether it changes the main database's schema
 * @param tempDdl whether it changes the schema of temporary objects
 * @param tables the ordinary tables of the main database that it writes
 * @param virtualTable whether it writes a virtual table of the main database itself, not by a
 *     trigger
 * @param virtualTriggers triggers that would fire and write a virtual table
 * @param mixedTriggers triggers that would fire and write both a virtual and an ordinary table
 * @param differsBetweenNodes what the statement uses that another node may not have or may compute
 *     differently
 */
public record StatementPlan(
    boolean writesMain,
    boolean ddl,
    boolean tempDdl,
    Set<String> tables,
    boolean virtualTable,
    Set<String> virtualTriggers,
    Set<String> mixedTriggers,
    Set<String> differsBetweenNodes) {

  /** A statement that writes nothing in the main database. */
  public static final StatementPlan READS =
      new StatementPlan(false, false, false, Set.of(), false, Set.of(), Set.of(), Set.of());

  /** Copies the sets. */
  public StatementPlan {
    tables = Set.copyOf(tables);
    virtualTriggers = Set.copyOf(virtualTriggers);
    mixedTriggers = Set.copyOf(mixedTriggers);
    differsBetweenNodes = Set.copyOf(differsBetweenNodes);
  }
}
