package io.hasqlite.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteCommitListener;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.core.CoreStatement;

/**
 * One connection of the driver, always in auto-commit mode: transactions are begun and ended by SQL
 * text. Holds the engine's own statements prepared. For one thread at a time.
 */
public final class SqliteSession implements AutoCloseable {

  private static final int PREPARED_MAX = 256;

  /** What each transaction needs. */
  private static final Set<String> TRANSACTION_CONTROL =
      Set.of("BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK");

  private final SQLiteConnection driver;
  private LongConsumer committed = changedRows -> {};
  private long changesCommitted;
  private final Map<String, PreparedStatement> prepared =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, PreparedStatement> eldest) {
          if (size() <= PREPARED_MAX) {
            return false;
          }
          closeQuietly(eldest.getValue());
          return true;
        }
      };

  /** Takes over a connection that was just opened. */
  public SqliteSession(SQLiteConnection driver) {
    this.driver = driver;
    // The driver would leave a cursor open after each INSERT; see lastInsertRowid.
    driver.getConnectionConfig().setGetGeneratedKeys(false);
  }

  /** Returns the driver's connection. */
  public SQLiteConnection driver() {
    return driver;
  }

  /**
   * Tells the driver whether a transaction was begun that many statements run in. Otherwise it
   * begins one of its own after each of them, which SQLite then refuses.
   */
  public void inTransaction(boolean begun) {
    driver.getConnectionConfig().setAutoCommit(!begun);
  }

  /** Returns the driver's connection for those who need only JDBC of it. */
  public Connection connection() {
    return driver;
  }

  /** Runs one statement that returns nothing of interest. */
  public void execute(String sql) throws SQLException {
    if (TRANSACTION_CONTROL.contains(sql)) {
      try (Rows nothing = rows(sql)) {
        nothing.next();
      }
      if (sql.equals("COMMIT")) {
        long changes = totalChanges();
        committed.accept(changes - changesCommitted);
        changesCommitted = changes;
      }
      return;
    }
    try (Statement statement = driver.createStatement()) {
      statement.execute(sql);
    }
  }

  /**
   * Returns a statement that stays prepared in this session: for the engine's own SQL, whose texts
   * are few. The caller closes its result sets, never the statement.
   */
  public PreparedStatement prepared(String sql) throws SQLException {
    PreparedStatement statement = prepared.get(sql);
    if (statement == null || isFinalized(statement)) {
      statement = driver.prepareStatement(sql);
      prepared.put(sql, statement);
    }
    return statement;
  }

  /** The driver finalizes a statement that fails, for example because the disk is full. */
  private static boolean isFinalized(PreparedStatement statement) {
    return statement instanceof CoreStatement core && core.pointer.isClosed();
  }

  /** Runs a prepared statement of the engine with arguments; returns the number of changed rows. */
  public long update(String sql, @Nullable Object... args) throws SQLException {
    PreparedStatement statement = prepared(sql);
    bind(statement, args);
    statement.execute();
    return statement.getLargeUpdateCount();
  }

  /** Returns the first column of the first row, or null where there is none. */
  public @Nullable Object one(String sql, @Nullable Object... args) throws SQLException {
    PreparedStatement statement = prepared(sql);
    bind(statement, args);
    try (ResultSet rows = statement.executeQuery()) {
      return rows.next() ? rows.getObject(1) : null;
    }
  }

  /** Runs a query of the engine. One at a time for each text; the caller closes the rows. */
  public Rows rows(String sql, @Nullable Object... args) throws SQLException {
    PreparedStatement statement = prepared(sql);
    if (args.length == 0) {
      return new Rows((CoreStatement) statement);
    }
    bind(statement, args);
    statement.execute(); // only this hands the values to SQLite; they stay there
    Rows rows = new Rows((CoreStatement) statement);
    rows.close(); // back to before the first row
    return rows;
  }

  /** Returns the first column of the first row as a number; 0 where there is none. */
  public long number(String sql, @Nullable Object... args) throws SQLException {
    try (Rows rows = rows(sql, args)) {
      return rows.next() ? rows.number(0) : 0;
    }
  }

  /** Returns how many rows were changed since the session was opened, by triggers too. */
  public long totalChanges() throws SQLException {
    return driver.getDatabase().total_changes();
  }

  /** Returns the rowid of the row that was inserted last; to be asked right after the INSERT. */
  public long lastInsertRowid() throws SQLException {
    return number("SELECT last_insert_rowid()");
  }

  /**
   * Calls back whenever SQLite rolls a transaction back, on its own account or because it was told
   * to. The callback runs in the middle of a statement and must not use the session.
   */
  public void onRollback(Runnable callback) {
    driver.addCommitListener(
        new SQLiteCommitListener() {
          @Override
          public void onCommit() {}

          @Override
          public void onRollback() {
            callback.run();
          }
        });
  }

  /**
   * Calls back after each COMMIT with the number of rows that were changed since the one before, by
   * triggers and in temporary tables, too.
   */
  void onCommit(LongConsumer callback) {
    committed = callback;
  }

  /**
   * Copies the main database into a file that is not there; in a transaction as that sees it.
   *
   * @throws SQLException if the copy is not complete
   */
  public void backup(Path file) throws SQLException {
    int result = driver.getDatabase().backup("main", file.toString(), null);
    if (result != SQLiteErrorCode.SQLITE_OK.code) {
      throw new SQLException(
          "The database was not copied to " + file + ": " + SQLiteErrorCode.getErrorCode(result),
          "58030",
          result);
    }
  }

  /**
   * Replaces the content of the main database by that of another file, in one step: a reader sees
   * either. SQLite says nothing if it could not, because another connection writes or because the
   * page size is another one and the file is in WAL mode: the caller must look.
   *
   * @param file a database that nobody writes
   * @throws SQLException if the file could not be read
   */
  public void restore(Path file) throws SQLException {
    driver.getDatabase().restore("main", file.toString(), null);
  }

  /**
   * Stops what the session is running. May be called by any thread; does nothing if nothing runs.
   */
  public void interrupt() throws SQLException {
    driver.getDatabase().interrupt();
  }

  private static void bind(PreparedStatement statement, @Nullable Object... args)
      throws SQLException {
    for (int i = 0; i < args.length; i++) {
      statement.setObject(i + 1, args[i]);
    }
  }

  /** Quotes an identifier as SQLite's standard form wants it. */
  public static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  /** Quotes a text literal. */
  public static String literal(String text) {
    return '\'' + text.replace("'", "''") + '\'';
  }

  private static void closeQuietly(PreparedStatement statement) {
    try {
      statement.close();
    } catch (SQLException e) {
      throw new IllegalStateException("A prepared statement could not be closed", e);
    }
  }

  /** Closes the connection. May be called twice. */
  @Override
  public void close() throws SQLException {
    prepared.clear();
    driver.close();
  }
}
