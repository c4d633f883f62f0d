package io.hasqlite.jdbc;

import io.hasqlite.sql.SqlStatement;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** One statement of a prepared text, with the driver's statement for it. */
final class PreparedPart {

  private final SqliteSession session;
  private final SqlStatement statement;
  private final int offset;
  private @Nullable PreparedStatement driver;

  /** Creates a part whose parameters begin at an offset. */
  PreparedPart(SqliteSession session, SqlStatement statement, int offset) {
    this.session = session;
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

  PreparedStatement prepared() throws SQLException {
    PreparedStatement open = driver;
    if (open == null) {
      open = session.connection().prepareStatement(statement.text());
      driver = open;
    }
    return open;
  }

  /**
   * Lets go of the driver's statement, which after some failures is of no use any more without
   * saying so.
   */
  void close() throws SQLException {
    PreparedStatement open = driver;
    driver = null;
    if (open != null && !session.connection().isClosed()) {
      open.close();
    }
  }
}
