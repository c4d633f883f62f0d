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

/** What an application does to read its own file, on each side. {@link SelectRow} runs it. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class SelectBenchmark {

  /** Reads a row by its key, with a connection of the pool and a new statement. */
  @Benchmark
  public double select(SelectState state) throws SQLException {
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
}
