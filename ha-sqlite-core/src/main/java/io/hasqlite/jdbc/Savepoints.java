package io.hasqlite.jdbc;

import java.util.ArrayList;
import java.util.List;

/** The savepoints of a transaction, the outermost first. */
final class Savepoints {

  private final List<Mark> marks = new ArrayList<>();

  /** Remembers a savepoint and whether the transaction had changed the schema before it. */
  void add(String name, boolean ddlBefore) {
    marks.add(new Mark(name, ddlBefore));
  }

  /** Returns the place of the newest savepoint of a name, or -1. */
  int find(String name) {
    for (int i = marks.size() - 1; i >= 0; i--) {
      if (marks.get(i).name.equalsIgnoreCase(name)) {
        return i;
      }
    }
    return -1;
  }

  /** Forgets a savepoint and all after it. */
  void release(int place) {
    marks.subList(place, marks.size()).clear();
  }

  /** Forgets all after a savepoint; returns whether the schema had changed before it. */
  boolean rollBackTo(int place) {
    marks.subList(place + 1, marks.size()).clear();
    return marks.get(place).ddlBefore;
  }

  void clear() {
    marks.clear();
  }

  private record Mark(String name, boolean ddlBefore) {}
}
