package io.hasqlite.capture;

import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.LargeChanges;
import io.hasqlite.changeset.Operation;
import io.hasqlite.changeset.RawText;
import io.hasqlite.sqlite.Rows;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log from its beginning. A page at a time is in memory, and between pages no cursor is
 * open, so that reading may be given up at any time.
 */
final class LogReader implements Iterator<Change> {

  /** What a value and a change take in memory, roughly, beside the text or blob. */
  private static final int VALUE_BYTES = 24;

  private static final int CHANGE_BYTES = 200;

  private final SqliteSession session;
  private final int width;
  private final Map<Integer, ArmedTable> arms;
  private final long timestampNs;
  private final long pageBytesMax;
  private final Queue<Change> ready = new ArrayDeque<>();
  private final ChangeOrder order;
  private long nextRow;
  private boolean ended;

  LogReader(
      SqliteSession session,
      int width,
      Map<Integer, ArmedTable> arms,
      long timestampNs,
      boolean unchangedToo,
      long pageBytesMax) {
    this.session = session;
    this.width = width;
    this.arms = arms;
    this.timestampNs = timestampNs;
    this.pageBytesMax = pageBytesMax;
    this.order = new ChangeOrder(ready::add, unchangedToo);
  }

  /**
   * Reads the next page.
   *
   * @return whether it was the last one
   */
  boolean readPage(List<Change> target) throws SQLException {
    readPage();
    target.addAll(ready);
    ready.clear();
    return ended;
  }

  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && !ended) {
      try {
        readPage();
      } catch (SQLException e) {
        throw new LargeChanges.ReadFailedException(
            "What the transaction changed could not be read again: " + e.getMessage(), e);
      }
    }
    return !ready.isEmpty();
  }

  @Override
  public Change next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.remove();
  }

  private void readPage() throws SQLException {
    long bytes = 0;
    try (Rows rows = rows()) {
      boolean more = rows.next();
      while (more && bytes < pageBytesMax) {
        byte operation = operation(rows);
        if (operation == ChangeLog.STATEMENT) {
          order.nextStatement();
          more = rows.next();
        } else if (operation == 'S') {
          order.nextStatement();
          List<@Nullable Object> arguments = new ArrayList<>();
          String command = rows.text(3);
          more = readArguments(rows, arguments);
          order.add(Change.sql(command, arguments, timestampNs));
          bytes += CHANGE_BYTES + size(arguments);
        } else {
          ArmedTable table = arms.get((int) rows.number(1));
          if (table == null) {
            throw new IllegalStateException(
                "The capture log names a table that was never armed: " + (int) rows.number(1));
          }
          @Nullable Object[] image = new Object[table.imageSize()];
          more = readImage(rows, image);
          @Nullable Object[] newImage = null;
          if (operation == 'U') {
            newImage = new Object[table.imageSize()];
            more = readImage(rows, newImage);
            bytes += size(Arrays.asList(newImage));
          }
          order.add(table, change(table, operation, image, newImage, timestampNs));
          bytes += CHANGE_BYTES + size(Arrays.asList(image));
        }
        nextRow = more ? rows.number(0) : Long.MAX_VALUE;
      }
      ended = !more;
    }
    if (ended) {
      order.nextStatement();
    }
  }

  private static byte operation(Rows rows) throws SQLException {
    return rows.bytes(2)[0];
  }

  private Rows rows() throws SQLException {
    return nextRow == 0
        ? session.rows("SELECT * FROM temp.ha_log ORDER BY n")
        : session.rows("SELECT * FROM temp.ha_log WHERE n >= ? ORDER BY n", nextRow);
  }

  private boolean readArguments(Rows rows, List<@Nullable Object> arguments) throws SQLException {
    boolean more = rows.next();
    while (more && operation(rows) == 'A') {
      arguments.add(ChangeLog.value(rows, 3));
      more = rows.next();
    }
    return more;
  }

  /** Reads an image from the present row on; returns whether there is a row after it. */
  private boolean readImage(Rows rows, @Nullable Object[] image) throws SQLException {
    for (int i = 0; i < image.length; i++) {
      if (i > 0 && i % width == 0) {
        rows.next();
      }
      image[i] = ChangeLog.value(rows, 3 + i % width);
    }
    return rows.next();
  }

  private static long size(List<@Nullable Object> values) {
    long bytes = (long) VALUE_BYTES * values.size();
    for (Object value : values) {
      if (value instanceof String text) {
        bytes += text.length();
      } else if (value instanceof byte[] blob) {
        bytes += blob.length;
      } else if (value instanceof RawText raw) {
        bytes += raw.bytes().length;
      }
    }
    return bytes;
  }

  private static Change change(
      ArmedTable table,
      byte operation,
      @Nullable Object[] image,
      @Nullable Object @Nullable [] newImage,
      long timestampNs) {
    String name = table.schema().name();
    List<String> columns = table.columns();
    List<String> key = table.schema().identity();
    Long rowid = rowid(table, image);
    List<@Nullable Object> values = values(table, image);
    return switch (operation) {
      case 'I' -> Change.insert(name, columns, key, rowid, values, timestampNs);
      case 'D' -> Change.delete(name, columns, key, rowid, values, timestampNs);
      case 'U' -> {
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
          throw new IllegalStateException(
              "The capture log has an operation \"" + (char) operation + '"');
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
