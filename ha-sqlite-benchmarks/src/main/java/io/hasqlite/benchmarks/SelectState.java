package io.hasqlite.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.hasqlite.engine.HaSqlite;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The database of the benchmark of a local read, with the engine or without. */
@State(Scope.Benchmark)
public class SelectState {

  /** Which side it is. */
  @Param({"PLAIN", "ENGINE"})
  public Side side = Side.PLAIN;

  /** How many rows the table has. */
  @Param("0")
  public long rows;

  long nextId;
  private @Nullable Lab lab;
  private Path file = Path.of("");
  private @Nullable HaSqlite node;
  private @Nullable HikariDataSource pool;

  /** Makes the file, and opens it. */
  @Setup(Level.Trial)
  public void open() throws Exception {
    lab = Lab.ofParent();
    file = lab.file("local");
    try (Connection connection = PlainFile.connect(file)) {
      connection.createStatement().execute(Orders.CREATE);
      Orders.fill(connection, rows);
    }
    HikariConfig config = new HikariConfig();
    if (side == Side.ENGINE) {
      node = lab.node(Lab.fresh("local"), "node-1", file, options -> options.publisherAsync(true));
      config.setDataSource(node.dataSource());
    } else {
      config.setDataSource(PlainFile.dataSource(file));
    }
    config.setMaximumPoolSize(2);
    pool = new HikariDataSource(config);
  }

  DataSource pool() {
    return Objects.requireNonNull(pool);
  }

  /** Closes all. */
  @TearDown(Level.Trial)
  public void close() throws Exception {
    if (pool != null) {
      pool.close();
    }
    if (node != null) {
      node.close();
    }
    if (lab != null) {
      lab.close();
    }
    Folders.deleteOf(file);
  }
}
