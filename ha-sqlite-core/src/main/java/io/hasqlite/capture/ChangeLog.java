package io.hasqlite.capture;

import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.Operation;
import io.hasqlite.changeset.RawText;
import io.hasqlite.sqlite.SqliteErrors;
import io.hasqlite.sqlite.SqliteSession;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
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
  private static final String STATEMENT = "B";
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
    return session.one("SELECT 1 FROM temp.ha_log LIMIT 1") == null;
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

  /** Reads the log in one pass. */
  ChangeOrder read(Map<Integer, ArmedTable> arms, long timestampNs) throws SQLException {
    ChangeOrder changes = new ChangeOrder();
    try (ResultSet rows = session.prepared("SELECT * FROM temp.ha_log ORDER BY n").executeQuery()) {
      boolean more = rows.next();
      while (more) {
        String operation = rows.getString(3);
        if (operation.equals(STATEMENT)) {
          changes.nextStatement();
          more = rows.next();
          continue;
        }
        if (operation.equals("S")) {
          changes.nextStatement();
          String command = rows.getString(4);
          List<@Nullable Object> arguments = new ArrayList<>();
          more = rows.next();
          while (more && rows.getString(3).equals("A")) {
            arguments.add(value(rows, 4));
            more = rows.next();
          }
          changes.add(Change.sql(command, arguments, timestampNs));
          continue;
        }
        ArmedTable table = arms.get(rows.getInt(2));
        if (table == null) {
          throw new IllegalStateException(
              "The capture log names a table that was never armed: " + rows.getInt(2));
        }
        @Nullable Object[] image = new Object[table.imageSize()];
        more = readImage(rows, image);
        @Nullable Object[] newImage = null;
        if (operation.equals("U")) {
          newImage = new Object[table.imageSize()];
          more = readImage(rows, newImage);
        }
        changes.add(table, change(table, operation, image, newImage, timestampNs));
      }
    }
    return changes;
  }

  /** Reads an image from the present row on; returns whether there is a row after it. */
  private boolean readImage(ResultSet rows, @Nullable Object[] image) throws SQLException {
    boolean more = true;
    for (int i = 0; i < image.length; i++) {
      if (i > 0 && i % width == 0) {
        rows.next();
      }
      image[i] = value(rows, 4 + i % width);
    }
    more = rows.next();
    return more;
  }

  /** Reads a value with exactly the type that SQLite has for it. */
  static @Nullable Object value(ResultSet rows, int column) throws SQLException {
    Object value = rows.getObject(column);
    if (value instanceof Integer number) {
      return number.longValue();
    }
    if (value instanceof String text && text.indexOf(REPLACEMENT) >= 0) {
      byte[] bytes = rows.getBytes(column);
      return Arrays.equals(bytes, text.getBytes(StandardCharsets.UTF_8))
          ? text
          : new RawText(bytes);
    }
    return value;
  }

  private static Change change(
      ArmedTable table,
      String operation,
      @Nullable Object[] image,
      @Nullable Object @Nullable [] newImage,
      long timestampNs) {
    String name = table.schema().name();
    List<String> columns = table.columns();
    List<String> key = table.schema().identity();
    Long rowid = rowid(table, image);
    List<@Nullable Object> values = values(table, image);
    return switch (operation) {
      case "I" -> Change.insert(name, columns, key, rowid, values, timestampNs);
      case "D" -> Change.delete(name, columns, key, rowid, values, timestampNs);
      case "U" -> {
        if (newImage == null) {
          throw new IllegalStateException("The capture log has half an update");
        }
        yield new Change(
            Operation.UPDATE,
            name,
            columns,
            key,
            rowid,
            rowid(table, newImage),
            values,
            values(table, newImage),
            null,
            List.of(),
            timestampNs);
      }
      default ->
          throw new IllegalStateException("The capture log has an operation \"" + operation + '"');
    };
  }

  private static @Nullable Long rowid(ArmedTable table, @Nullable Object[] image) {
    return table.hasRowid() ? (Long) image[0] : null;
  }

  private static List<@Nullable Object> values(ArmedTable table, @Nullable Object[] image) {
    List<@Nullable Object> all = Arrays.asList(image);
    return table.hasRowid() ? all.subList(1, all.size()) : all;
  }
}
