package io.hasqlite.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/** What an application does to its own file, on each side. {@link JmhRows} runs them in turn. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class LocalBenchmarks {

  static final int ROWS_PER_TRANSACTION = 1_000;

  /** Reads a row by its key, with a connection of the pool and a new statement. */
  @Benchmark
  public double select(LocalState state) throws SQLException {
    long id = Orders.spread(state.nextId++, state.rows);
    try (Connection connection = state.pool().getConnection();
        PreparedStatement select = connection.prepareStatement(Orders.SELECT)) {
      select.setLong(1, id);
      try (ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("No row " + id);
        }
        return row.getString(2).length()
            + row.getString(3).length()
            + row.getLong(4)
            + row.getDouble(5);
      }
    }
  }

  /** Inserts a row in auto-commit mode. */
  @Benchmark
  public void insert(LocalState state, DrainCounter drain) throws Exception {
    state.writer().insert(state.nextId++);
  }

  /** Inserts many rows in one transaction. */
  @Benchmark
  public void insertAll(LocalState state, DrainCounter drain) throws Exception {
    state.writer().insertAll(state.nextId, ROWS_PER_TRANSACTION);
    state.nextId += ROWS_PER_TRANSACTION;
  }

  /** Updates a row by its key in auto-commit mode. */
  @Benchmark
  public void update(LocalState state, DrainCounter drain) throws Exception {
    long n = state.nextId++;
    state.writer().update(Orders.spread(n, state.rows), n);
  }
}
