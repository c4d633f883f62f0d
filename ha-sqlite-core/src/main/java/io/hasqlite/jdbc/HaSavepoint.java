package io.hasqlite.jdbc;

import java.sql.SQLException;
import java.sql.Savepoint;
import org.jspecify.annotations.Nullable;

/**
 * A savepoint made through JDBC.
 *
 * @param id its number in the connection
 * @param givenName the name that the application gave it, or null
 * @param transaction the number of the transaction in which it is valid
 */
record HaSavepoint(int id, @Nullable String givenName, long transaction) implements Savepoint {

  /** Returns the name under which SQLite knows it. */
  String sqlName() {
    return givenName != null ? givenName : "JDBC_SAVEPOINT_" + id;
  }

  @Override
  public int getSavepointId() throws SQLException {
    if (givenName != null) {
      throw new SQLException("A savepoint with a name has no number", "3B001");
    }
    return id;
  }

  @Override
  public String getSavepointName() throws SQLException {
    if (givenName == null) {
      throw new SQLException("A savepoint without a name has a number only", "3B001");
    }
    return givenName;
  }
}
