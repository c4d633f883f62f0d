package io.hasqlite.sqlite;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.core.Codes;
import org.sqlite.core.CoreStatement;
import org.sqlite.core.DB;

/**
 * The rows of a prepared statement, read from SQLite itself: the driver's result set asks for the
 * names of all columns each time, which for the engine's own small queries takes longer than the
 * query. Columns count from 0, as in SQLite. Closing them sets the statement back, which whoever
 * reads its rows next relies on. For one thread.
 */
public final class Rows implements AutoCloseable {

  private static final byte[] NOTHING = {};

  private final DB database;
  private final CoreStatement statement;
  private final long handle;

  Rows(CoreStatement statement) throws SQLException {
    this.statement = statement;
    this.database = statement.getDatabase();
    this.handle = statement.pointer.safeRunLong((db, pointer) -> pointer);
  }

  /** Goes to the next row; false if there is none. */
  public boolean next() throws SQLException {
    int code = database.step(handle);
    if (code == Codes.SQLITE_ROW) {
      return true;
    }
    if (code != Codes.SQLITE_DONE) {
      database.throwex(code);
    }
    return false;
  }

  /** Returns a value as a number: 0 where it is none. */
  public long number(int column) throws SQLException {
    return database.column_long(handle, column);
  }

  /** Returns a value's bytes: of a text in UTF-8. */
  public byte[] bytes(int column) throws SQLException {
    byte[] bytes = database.column_blob(handle, column);
    return bytes == null ? NOTHING : bytes;
  }

  /** Returns a value as a text. */
  public String text(int column) throws SQLException {
    return new String(bytes(column), StandardCharsets.UTF_8);
  }

  /**
   * Returns a value as it is: null, a {@link Long}, a {@link Double}, a {@code byte[]} or, for a
   * text, what becomes of its bytes.
   */
  public @Nullable Object value(int column, Texts texts) throws SQLException {
    return switch (database.column_type(handle, column)) {
      case Codes.SQLITE_INTEGER -> database.column_long(handle, column);
      case Codes.SQLITE_FLOAT -> database.column_double(handle, column);
      case Codes.SQLITE_TEXT -> texts.of(bytes(column));
      case Codes.SQLITE_BLOB -> bytes(column);
      default -> null;
    };
  }

  /** Makes a value of a text's bytes. */
  @FunctionalInterface
  public interface Texts {
    /** Returns the value. */
    Object of(byte[] utf8);
  }

  /** Ends the query; the statement stays prepared. */
  @Override
  public void close() throws SQLException {
    if (!statement.pointer.isClosed()) {
      database.reset(handle);
    }
  }
}
