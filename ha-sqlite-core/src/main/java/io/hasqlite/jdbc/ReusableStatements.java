package io.hasqlite.jdbc;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The driver's statements of a connection that are in use by nobody, by their text: frameworks
 * prepare the same text each time, and SQLite compiles it each time. SQLite itself notices that the
 * schema changed, and compiles them again. For any number of threads.
 */
final class ReusableStatements {

  /** Each costs SQLite some kilobytes. */
  static final int ENTRIES_MAX = 64;

  /** Longer ones are inserts of many rows, which cost more and rarely come again. */
  static final int CHARS_MAX = 16_384;

  private final Map<String, PreparedStatement> idle = new LinkedHashMap<>();
  private boolean stopped;

  /** Returns a statement that is the caller's from now on; null if there is none. */
  synchronized @Nullable PreparedStatement take(String sql) {
    return idle.remove(sql);
  }

  /** Takes over a statement that has run, did not fail, and has no open result set. */
  void giveBack(String sql, PreparedStatement statement) throws SQLException {
    if (sql.length() > CHARS_MAX) {
      statement.close();
      return;
    }
    statement.clearParameters(); // large ones would stay in memory
    PreparedStatement surplus = keep(sql, statement);
    if (surplus != null) {
      surplus.close();
    }
  }

  private synchronized @Nullable PreparedStatement keep(String sql, PreparedStatement statement) {
    if (stopped) {
      return statement;
    }
    PreparedStatement other = idle.put(sql, statement);
    if (other != null || idle.size() <= ENTRIES_MAX) {
      return other;
    }
    Iterator<PreparedStatement> eldest = idle.values().iterator();
    PreparedStatement surplus = eldest.next();
    eldest.remove();
    return surplus;
  }

  /**
   * Keeps none any more. With another database attached SQLite does not notice all: a table of the
   * main database that is made later hides one of the same name there.
   */
  synchronized void stop() throws SQLException {
    stopped = true;
    clear();
  }

  /**
   * Closes all. To be called when the schema was changed here: what became wrong by that is to be
   * told when it is prepared, not when it runs.
   */
  synchronized void clear() throws SQLException {
    for (PreparedStatement statement : idle.values()) {
      statement.close();
    }
    idle.clear();
  }

  synchronized int size() {
    return idle.size();
  }
}
