package io.hasqlite.jdbc;

import io.hasqlite.sql.SqlStatement;
import java.sql.PreparedStatement;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.core.CoreResultSet;

/** One statement of a prepared text, with the driver's statement for it. */
final class PreparedPart {

  private final HaConnection connection;
  private final SqlStatement statement;
  private final int offset;
  private @Nullable PreparedStatement driver;
  private boolean reusable;

  /** Creates a part whose parameters begin at an offset. */
  PreparedPart(HaConnection connection, SqlStatement statement, int offset) {
    this.connection = connection;
    this.statement = statement;
    this.offset = offset;
  }

  SqlStatement statement() {
    return statement;
  }

  int offset() {
    return offset;
  }

  /**
   * Tells whether it is prepared by the driver. What controls the connection is not: SQLite carries
   * many a PRAGMA out while it prepares it.
   */
  boolean isPrepared() {
    return switch (statement.type()) {
      case SELECT, INSERT, UPDATE, DELETE, EXPLAIN -> statement.pragmaName() == null;
      case ATTACH, DETACH, VACUUM, ANALYZE, REINDEX -> true;
      default -> statement.isDdl();
    };
  }

  /** Returns the driver's statement, which is not left to others unless it runs. */
  PreparedStatement prepared() throws SQLException {
    reusable = false;
    PreparedStatement open = driver;
    if (open == null) {
      open = connection.reusable().take(statement.text());
      if (open == null) {
        open = connection.session().connection().prepareStatement(statement.text());
      }
      driver = open;
    }
    return open;
  }

  /** Returns what describes the rows to come. */
  ResultSetMetaData metadata() throws SQLException {
    ResultSetMetaData metadata = prepared().getMetaData();
    if (metadata instanceof CoreResultSet rows && rows.colsMeta == null) {
      // It has run, and the driver has forgotten its columns.
      discard();
      metadata = prepared().getMetaData();
    }
    return metadata;
  }

  /** Tells that it has run. What has never run may come back with columns as they were once. */
  void hasRun() {
    reusable =
        switch (statement.type()) {
          case SELECT, INSERT, UPDATE, DELETE -> true;
          default -> false;
        };
  }

  /**
   * Tells that running it or reading from it failed: after some failures the driver's statement is
   * of no use any more without saying so.
   */
  void hasFailed() {
    reusable = false;
  }

  /** Closes the driver's statement. */
  void discard() throws SQLException {
    reusable = false;
    close();
  }

  /** Lets go of the driver's statement. */
  void close() throws SQLException {
    PreparedStatement open = driver;
    driver = null;
    if (open == null || connection.session().connection().isClosed()) {
      return;
    }
    if (reusable) {
      connection.reusable().giveBack(statement.text(), open);
    } else {
      open.close();
    }
  }
}
