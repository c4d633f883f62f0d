package io.hasqlite.jdbc;

import java.sql.SQLException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** The result sets of a connection that still read from SQLite. */
final class OpenCursors {

  private final Set<HaResultSet> open = Collections.newSetFromMap(new IdentityHashMap<>());

  synchronized void add(HaResultSet rows) {
    open.add(rows);
  }

  synchronized void remove(HaResultSet rows) {
    open.remove(rows);
  }

  /** Closes all; who reads on in one of them is told why. */
  void closeAll(String why, String sqlState) {
    List<HaResultSet> all;
    synchronized (this) {
      all = List.copyOf(open);
      open.clear();
    }
    for (HaResultSet rows : all) {
      rows.closeBecause(new SQLException("The result set was closed: " + why, sqlState));
    }
  }
}
