package io.hasqlite.sqlite;

import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLNonTransientException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransactionRollbackException;
import java.util.Locale;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Gives the driver's exceptions an SQLState and a class of {@code java.sql}, which the driver
 * leaves out and without which frameworks cannot tell them apart. The driver's exception is the
 * cause, its message and SQLite's primary result code stay.
 */
public final class SqliteErrors {

  /** SQLite's result code for a database that another connection has locked. */
  public static final int BUSY = 5;

  /** SQLite's result code for a violated constraint. */
  public static final int CONSTRAINT = 19;

  private static final int ERROR = 1;
  private static final int PERM = 3;
  private static final int ABORT = 4;
  private static final int LOCKED = 6;
  private static final int NOMEM = 7;
  private static final int READONLY = 8;
  private static final int INTERRUPT = 9;
  private static final int IOERR = 10;
  private static final int CORRUPT = 11;
  private static final int FULL = 13;
  private static final int CANTOPEN = 14;
  private static final int PROTOCOL = 15;
  private static final int SCHEMA = 17;
  private static final int TOOBIG = 18;
  private static final int MISMATCH = 20;
  private static final int MISUSE = 21;
  private static final int NOLFS = 22;
  private static final int AUTH = 23;
  private static final int RANGE = 25;
  private static final int NOTADB = 26;

  private SqliteErrors() {}

  /**
   * Translates an exception. One that has an SQLState is returned as it is, so that nothing is
   * wrapped twice.
   */
  public static SQLException translate(SQLException e) {
    if (e.getSQLState() != null && !(e instanceof SQLiteException)) {
      return e;
    }
    return e instanceof SQLiteException sqlite ? ofSqlite(sqlite) : ofDriver(e);
  }

  /**
   * Tells whether BEGIN IMMEDIATE failed because a cursor of the same connection reads a state that
   * is not the newest any more.
   */
  public static boolean isBusySnapshot(SQLException e) {
    return e instanceof SQLiteException sqlite
        && sqlite.getResultCode() == SQLiteErrorCode.SQLITE_BUSY_SNAPSHOT;
  }

  /** Tells whether something failed because the same connection is using it. */
  public static boolean isLocked(SQLException e) {
    return (e.getErrorCode() & 0xFF) == LOCKED;
  }

  private static SQLException ofSqlite(SQLiteException e) {
    String message = message(e);
    int code = e.getErrorCode();
    return switch (code) {
      case CONSTRAINT ->
          new SQLIntegrityConstraintViolationException(message, constraintState(e), code, e);
      case BUSY, LOCKED, SCHEMA -> new SQLTransactionRollbackException(message, "40001", code, e);
      case ABORT -> new SQLTransactionRollbackException(message, "40000", code, e);
      case INTERRUPT -> new SQLTimeoutException(message, "57014", code, e);
      case READONLY -> new SQLNonTransientException(message, "25006", code, e);
      case FULL -> new SQLException(message, "53100", code, e);
      case NOMEM -> new SQLException(message, "53200", code, e);
      case IOERR, CANTOPEN, PROTOCOL, NOLFS -> new SQLException(message, "58030", code, e);
      case CORRUPT, NOTADB -> new SQLException(message, "58000", code, e);
      case TOOBIG -> new SQLDataException(message, "22001", code, e);
      case MISMATCH -> new SQLDataException(message, "22018", code, e);
      case PERM, AUTH -> new SQLSyntaxErrorException(message, "42501", code, e);
      case RANGE -> new SQLSyntaxErrorException(message, "07009", code, e);
      case MISUSE -> new SQLException(message, "HY010", code, e);
      case ERROR -> ofError(e, message.toLowerCase(Locale.ROOT), code);
      default -> new SQLException(message, "HY000", code, e);
    };
  }

  private static String constraintState(SQLiteException e) {
    return switch (e.getResultCode()) {
      case SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID ->
          "23505";
      case SQLITE_CONSTRAINT_NOTNULL -> "23502";
      case SQLITE_CONSTRAINT_CHECK -> "23514";
      case SQLITE_CONSTRAINT_FOREIGNKEY -> "23503";
      // ON DELETE RESTRICT is a trigger inside SQLite and reports itself as one.
      case SQLITE_CONSTRAINT_TRIGGER ->
          message(e).contains("FOREIGN KEY constraint failed") ? "23503" : "23000";
      default -> "23000";
    };
  }

  /** SQLite has one code for bad SQL and for everything that has no code of its own. */
  private static SQLException ofError(SQLiteException e, String text, int code) {
    String message = message(e);
    if (text.contains("no such savepoint")) {
      return new SQLException(message, "3B001", code, e);
    }
    if (text.contains("within a transaction")
        || text.contains("no transaction is active")
        || text.contains("inside a transaction")
        || text.contains("sql statements in progress")) {
      return new SQLException(message, "25000", code, e);
    }
    if (text.contains("integer overflow")) {
      return new SQLDataException(message, "22003", code, e);
    }
    if (text.contains("malformed json") || text.contains("bad json path")) {
      return new SQLDataException(message, "22000", code, e);
    }
    if (text.contains("no such table") || text.contains("no such view")) {
      return new SQLSyntaxErrorException(message, "42S02", code, e);
    }
    if (text.contains("no such column") || text.contains("has no column named")) {
      return new SQLSyntaxErrorException(message, "42S22", code, e);
    }
    return new SQLSyntaxErrorException(message, "42000", code, e);
  }

  /** What the driver itself finds wrong has neither a code nor a state. */
  private static SQLException ofDriver(SQLException e) {
    String message = message(e);
    String text = message.toLowerCase(Locale.ROOT);
    if (e instanceof SQLFeatureNotSupportedException) {
      // Not 0A000: pools take that for a broken connection.
      return new SQLFeatureNotSupportedException(message, "HYC00", 0, e);
    }
    if (text.contains("no such column") || text.contains("out of bounds")) {
      return new SQLSyntaxErrorException(message, "42S22", e);
    }
    if (text.contains("closed") || text.contains("not executing")) {
      return new SQLException(message, "HY010", e);
    }
    if (text.contains("bad value for type")) {
      return new SQLDataException(message, "22018", e);
    }
    return new SQLException(message, "HY000", e.getErrorCode(), e);
  }

  private static String message(SQLException e) {
    String message = e.getMessage();
    return message == null ? e.toString() : message;
  }

  /**
   * Tells whether a failure is of this machine and this moment (a full disk, I/O, a lock of another
   * program), so that the same may succeed later.
   */
  public static boolean isLocal(SQLException e) {
    return switch (e.getErrorCode() & 0xFF) {
      case BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL, SCHEMA ->
          true;
      default -> false;
    };
  }

  /**
   * Tells whether a failure follows from the statement and the rows, so that it is the same on
   * every node that has them; false for what is this machine's trouble, like a full disk.
   */
  public static boolean isSameOnEveryNode(SQLException e) {
    int code = e.getErrorCode() & 0xFF;
    return code == ERROR
        || code == CONSTRAINT
        || code == MISMATCH
        || code == TOOBIG
        || code == RANGE;
  }
}
