package io.hasqlite.capture;

import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.LargeChanges;
import io.hasqlite.changeset.RawText;
import io.hasqlite.sqlite.Rows;
import io.hasqlite.sqlite.SqliteErrors;
import io.hasqlite.sqlite.SqliteSession;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The temporary table into which the triggers write images of rows: one row of the log, or several
 * for a row that is wider than the log. The table has no constraint, since the conflict clause of
 * the application's statement would apply to it.
 */
final class ChangeLog {

  private static final int WIDTH_MIN = 8;
  private static final int WIDTH_MAX = 500;
  static final char STATEMENT = 'B';
  private static final char REPLACEMENT = '\uFFFD';

  private final SqliteSession session;
  private int width;

  ChangeLog(SqliteSession session) {
    this.session = session;
  }

  /** Makes the table as wide as the widest table of the schema needs it. Outside transactions. */
  void create() throws SQLException {
    long widest =
        session.number(
            "SELECT max(ncol) FROM pragma_table_list WHERE schema = 'main' AND type = 'table'");
    int wanted = (int) Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, widest + 1));
    if (wanted > width && dropped()) {
      session.execute(
          "CREATE TEMP TABLE ha_log(n INTEGER PRIMARY KEY, arm, op"
              + IntStream.range(0, wanted).mapToObj(i -> ",v" + i).collect(Collectors.joining())
              + ")");
      width = wanted;
    }
  }

  /** While a cursor is open no table can be dropped; wide rows come in pieces then. */
  private boolean dropped() throws SQLException {
    try {
      session.execute("DROP TABLE IF EXISTS temp.ha_log");
      return true;
    } catch (SQLException e) {
      if (width == 0 || !SqliteErrors.isLocked(e)) {
        throw e;
      }
      return false;
    }
  }

  int width() {
    return width;
  }

  boolean isEmpty() throws SQLException {
    return session.number("SELECT 1 FROM temp.ha_log LIMIT 1") == 0;
  }

  void clear() throws SQLException {
    session.update("DELETE FROM temp.ha_log");
  }

  /** Logs that another statement begins. */
  void addBoundary() throws SQLException {
    session.update("INSERT INTO temp.ha_log(arm,op) VALUES(0,'" + STATEMENT + "')");
  }

  /** Logs a statement in its place among the rows; each argument is a row of its own after it. */
  void addSql(String command, List<@Nullable Object> arguments) throws SQLException {
    session.update("INSERT INTO temp.ha_log(arm,op,v0) VALUES(0,'S',?)", command);
    for (Object argument : arguments) {
      if (argument instanceof RawText text) {
        session.update(
            "INSERT INTO temp.ha_log(arm,op,v0) VALUES(0,'A',CAST(? AS TEXT))", text.bytes());
      } else {
        session.update("INSERT INTO temp.ha_log(arm,op,v0) VALUES(0,'A',?)", argument);
      }
    }
  }

  /** Logs the rows that a table was created with. */
  void addRowsOf(ArmedTable armed) throws SQLException {
    List<String> image = CaptureTriggers.image(armed.schema());
    List<String> pieces = new ArrayList<>();
    int used = Math.min(width, image.size());
    for (int from = 0; from < image.size(); from += width) {
      StringBuilder piece =
          new StringBuilder("SELECT rowid AS n,")
              .append(from)
              .append(" AS piece,'")
              .append(from == 0 ? "I" : "+")
              .append("' AS op");
      for (int i = 0; i < used; i++) {
        piece
            .append(',')
            .append(from + i < image.size() ? SqliteSession.quoted(image.get(from + i)) : "NULL")
            .append(" AS w")
            .append(i);
      }
      pieces.add(piece + " FROM main." + SqliteSession.quoted(armed.schema().name()));
    }
    session.execute(
        "INSERT INTO temp.ha_log(arm,op"
            + IntStream.range(0, used).mapToObj(i -> ",v" + i).collect(Collectors.joining())
            + ") SELECT "
            + armed.arm()
            + ",op"
            + IntStream.range(0, used).mapToObj(i -> ",w" + i).collect(Collectors.joining())
            + " FROM ("
            + String.join(" UNION ALL ", pieces)
            + ") ORDER BY n,piece");
  }

  /**
   * Reads the log. What is small is read and the log is cleared. What is not is read from the log
   * whenever it is iterated, until it is cleared.
   *
   * @param unchangedToo whether updates that change nothing are left in
   * @param bytesMax how much is read into memory
   */
  List<Change> read(
      Map<Integer, ArmedTable> arms, long timestampNs, boolean unchangedToo, long bytesMax)
      throws SQLException {
    List<Change> changes = new ArrayList<>();
    LogReader first = new LogReader(session, width, arms, timestampNs, unchangedToo, bytesMax);
    if (first.readPage(changes)) {
      clear();
      return changes;
    }
    int logWidth = width;
    return new LargeChanges() {
      @Override
      protected Iterator<Change> read() {
        return new LogReader(session, logWidth, arms, timestampNs, unchangedToo, bytesMax);
      }
    };
  }

  /** Reads a value with exactly the type that SQLite has for it. */
  static @Nullable Object value(Rows rows, int column) throws SQLException {
    return rows.value(column, ChangeLog::text);
  }

  private static Object text(byte[] utf8) {
    String text = new String(utf8, StandardCharsets.UTF_8);
    return text.indexOf(REPLACEMENT) < 0
            || Arrays.equals(utf8, text.getBytes(StandardCharsets.UTF_8))
        ? text
        : new RawText(utf8);
  }

  /** Reads a value with exactly the type that SQLite has for it. */
  static @Nullable Object value(ResultSet rows, int column) throws SQLException {
    Object value = rows.getObject(column);
    if (value instanceof Integer number) {
      return number.longValue();
    }
    if (value instanceof String text && text.indexOf(REPLACEMENT) >= 0) {
      return text(rows.getBytes(column));
    }
    return value;
  }
}
