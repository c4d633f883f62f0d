package io.hasqlite.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Writes through one connection with prepared statements: the same code for plain and engine. */
final class JdbcWriter implements Writer {

  private final Connection connection;
  private final PreparedStatement insert;
  private final PreparedStatement update;

  JdbcWriter(Connection connection) throws SQLException {
    this.connection = connection;
    insert = connection.prepareStatement(Orders.INSERT);
    update = connection.prepareStatement(Orders.UPDATE);
  }

  @Override
  public void insert(long id) throws SQLException {
    Orders.bind(insert, id);
    insert.executeUpdate();
  }

  @Override
  public void insertAll(long first, int rows) throws SQLException {
    connection.setAutoCommit(false);
    for (long id = first; id < first + rows; id++) {
      insert(id);
    }
    connection.commit();
    connection.setAutoCommit(true);
  }

  @Override
  public void update(long id, long amount) throws SQLException {
    update.setLong(1, amount);
    update.setLong(2, id);
    update.executeUpdate();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
