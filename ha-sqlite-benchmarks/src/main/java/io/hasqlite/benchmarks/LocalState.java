package io.hasqlite.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.hasqlite.engine.HaSqlite;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The database of a benchmark of local paths, in one of its three kinds. */
@State(Scope.Benchmark)
public class LocalState {

  /** Which side it is. */
  @Param({"PLAIN", "ENGINE", "FLOOR"})
  public Side side = Side.PLAIN;

  /** How many rows the table has at first. */
  @Param("0")
  public long rows;

  long nextId;
  private @Nullable Lab lab;
  private Path file = Path.of("");
  private @Nullable HaSqlite node;
  private @Nullable HikariDataSource pool;
  private @Nullable Writer writer;

  /** Makes the file, and opens it. */
  @Setup(Level.Trial)
  public void open() throws Exception {
    lab = Lab.ofParent();
    file = prepared(lab, rows);
    nextId = rows + 1;
    String stream = Lab.fresh("local");
    DataSource source;
    if (side == Side.ENGINE) {
      HaSqlite opened = lab.node(stream, "node-1", file, options -> options.publisherAsync(true));
      node = opened;
      source = opened.dataSource();
    } else {
      source = PlainFile.dataSource(file);
    }
    if (side == Side.FLOOR) {
      lab.nats()
          .jetStreamManagement()
          .addStream(
              io.nats.client.api.StreamConfiguration.builder()
                  .name(stream)
                  .subjects(stream)
                  .build());
      writer = new FloorWriter(lab, file, stream);
    } else {
      writer = new JdbcWriter(source.getConnection());
    }
    HikariConfig config = new HikariConfig();
    config.setDataSource(source);
    config.setMaximumPoolSize(2);
    pool = new HikariDataSource(config);
  }

  /** Returns a file of its own, copied from one that is made once in a run. */
  private static Path prepared(Lab lab, long rows) throws Exception {
    Path made = lab.folder().resolve("orders-" + rows + ".db");
    if (!Files.exists(made)) {
      Path unfinished = made.resolveSibling(made.getFileName() + ".part");
      Files.deleteIfExists(unfinished);
      try (Connection connection = PlainFile.connect(unfinished);
          Statement statement = connection.createStatement()) {
        statement.execute("PRAGMA journal_mode=DELETE");
        statement.execute(Orders.CREATE);
        if (rows > 0) {
          Orders.fill(connection, rows);
        }
      }
      Files.move(unfinished, made);
    }
    return Files.copy(made, lab.file("local"));
  }

  Writer writer() {
    return java.util.Objects.requireNonNull(writer);
  }

  DataSource pool() {
    return java.util.Objects.requireNonNull(pool);
  }

  /** Waits until all that was committed was published and has come back; returns for how long. */
  long drain() {
    long start = System.nanoTime();
    try {
      if (node != null) {
        Lab.drain(node);
      } else if (writer instanceof FloorWriter floor) {
        floor.drain();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return System.nanoTime() - start;
  }

  /** Closes all. */
  @TearDown(Level.Trial)
  public void close() throws Exception {
    writer().close();
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
