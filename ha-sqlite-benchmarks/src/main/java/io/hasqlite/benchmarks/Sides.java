package io.hasqlite.benchmarks;

import io.hasqlite.engine.HaSqlite;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The same database several times: with plain sqlite-jdbc, with the engine and, where there is one,
 * with the floor. All are open at once, so that they can take short turns in a JVM that is warm:
 * the machine's speed changes less within two seconds than from one JVM to the next.
 */
final class Sides implements AutoCloseable {

  /** What is measured: writes something else for each number. */
  interface Operation {
    void run(Writer writer, long number) throws Exception;
  }

  private final Lab lab;
  private final Effort effort;
  private final Operation operation;
  private final String nodeStream = Lab.fresh("sides");
  private final String floorStream;
  private final Path plainFile;
  private final Path nodeFile;
  private final Path floorFile;
  private final HaSqlite node;
  private final Writer plain;
  private final Writer engine;
  private final @Nullable FloorWriter floor;
  private long number;

  private Sides(
      Lab lab, Effort effort, long rows, int tables, boolean withFloor, Operation operation)
      throws Exception {
    this.lab = lab;
    this.effort = effort;
    this.operation = operation;
    plainFile = lab.file("plain");
    nodeFile = lab.file("node");
    floorFile = lab.file("floor");
    fill(plainFile, rows, tables);
    Files.copy(plainFile, nodeFile);
    if (withFloor) {
      Files.copy(plainFile, floorFile);
    }
    node = lab.node(nodeStream, "node-1", nodeFile, o -> o.publisherAsync(true));
    plain = new JdbcWriter(PlainFile.connect(plainFile));
    engine = new JdbcWriter(node.dataSource().getConnection());
    floorStream = withFloor ? lab.stream() : "";
    floor = withFloor ? new FloorWriter(lab, floorFile, floorStream) : null;
  }

  /** Opens the sides with and without the engine. */
  static Sides of(Lab lab, Effort effort, long rows, int tables, Operation operation)
      throws Exception {
    return new Sides(lab, effort, rows, tables, false, operation);
  }

  /** Opens all three sides. */
  static Sides withFloor(Lab lab, Effort effort, long rows, Operation operation) throws Exception {
    return new Sides(lab, effort, rows, 1, true, operation);
  }

  private static void fill(Path file, long rows, int tables) throws Exception {
    try (Connection connection = PlainFile.connect(file);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(Orders.CREATE);
      if (rows > 0) {
        Orders.fill(connection, rows);
      }
      for (int i = 1; i < tables; i++) {
        statement.execute("CREATE TABLE other_" + i + "(id INTEGER PRIMARY KEY, a TEXT, b REAL)");
      }
      connection.commit();
    }
  }

  /** Takes the turn of plain sqlite-jdbc; returns operations per second. */
  double plain() throws Exception {
    return turn(plain, () -> {});
  }

  /** Takes the engine's turn, until all is published and counted; returns operations per second. */
  double engine() throws Exception {
    return turn(engine, () -> Lab.drain(node));
  }

  /** Takes the floor's turn as the engine's. */
  double floor() throws Exception {
    FloorWriter open = Objects.requireNonNull(floor);
    return turn(open, open::drain);
  }

  private interface Drain {
    void run() throws InterruptedException;
  }

  private double turn(Writer writer, Drain drain) throws Exception {
    long first = number;
    long start = System.nanoTime();
    long end = start + TimeUnit.MILLISECONDS.toNanos(effort.turnMillis());
    while (System.nanoTime() < end) {
      operation.run(writer, ++number);
    }
    drain.run();
    return (number - first) / ((System.nanoTime() - start) / 1e9);
  }

  @Override
  public void close() throws Exception {
    plain.close();
    engine.close();
    node.close();
    lab.deleteStream(nodeStream);
    if (floor != null) {
      floor.close();
      lab.deleteStream(floorStream);
    }
    Folders.deleteOf(plainFile);
    Folders.deleteOf(nodeFile);
    Folders.deleteOf(floorFile);
  }
}
