package io.hasqlite.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.hasqlite.engine.HaSqlite;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The rows on asynchronous commits by more than one writer. */
final class AsyncRows {

  private static final int THREADS = 32;
  private static final int NODES = 3;
  private static final int HOT_ROWS = 100;
  private static final int SQLITE_BUSY = 5;

  private final Lab lab;
  private final Effort effort;

  AsyncRows(Lab lab, Effort effort) {
    this.lab = lab;
    this.effort = effort;
  }

  private long millis() {
    return effort.millis() * (long) effort.iterations();
  }

  /** Commits that wait until the stream has them, of many threads. */
  List<Figure> awaitAck() throws Exception {
    java.nio.file.Path floorFile = lab.file("floor");
    try (Connection plain = PlainFile.connect(floorFile)) {
      plain.createStatement().execute(Orders.CREATE);
    }
    try (HaSqlite node =
            lab.node(
                Lab.fresh("ack"),
                "node-1",
                lab.file("ack"),
                o -> o.publisherAsync(true).publisherAwaitAck(true));
        PlainPublisher publisher = new PlainPublisher(lab, Messages.ofInsert());
        FloorWriter floor = FloorWriter.ofManyWriters(lab, floorFile, lab.stream());
        Threads threads = new Threads(node.dataSource())) {
      Lab.run(node, Orders.CREATE);
      for (int i = 0; i < Effort.WARMUP_TURNS; i++) {
        threads.inserts(effort.warmupTurnMillis());
        threads.inserts(floor, effort.warmupTurnMillis());
        publisher.rate(millis());
      }
      Comparison comparison =
          Comparison.of(
              effort.rounds(),
              () -> threads.inserts(millis()),
              () -> publisher.rate(millis()),
              () -> threads.inserts(floor, millis()));
      return List.of(
          comparison.figure(
              "6",
              "INSERT, async with await-ack, 32 threads",
              Target.atLeast(2.5),
              Comparison::perSecond));
    }
  }

  /** Write transactions of many threads. */
  List<Figure> manyWriters() throws Exception {
    java.nio.file.Path plainFile = lab.file("plain");
    try (Connection connection = PlainFile.connect(plainFile)) {
      connection.createStatement().execute(Orders.CREATE);
      Orders.fill(connection, effort.rows(100_000));
    }
    java.nio.file.Path nodeFile = java.nio.file.Files.copy(plainFile, lab.file("many"));
    try (HaSqlite node =
            lab.node(Lab.fresh("many"), "node-1", nodeFile, o -> o.publisherAsync(true));
        Threads ours = new Threads(node.dataSource());
        Threads plain = new Threads(PlainFile.dataSource(plainFile))) {
      ours.transactions(effort.warmupMillis(), effort.rows(100_000), node);
      plain.transactions(millis(), effort.rows(100_000), null);
      long oursBefore = ours.busy.get();
      long plainBefore = plain.busy.get();
      Comparison comparison =
          Comparison.of(
              effort.rounds(),
              () -> ours.transactions(millis(), effort.rows(100_000), node),
              () -> plain.transactions(millis(), effort.rows(100_000), null));
      long busy = ours.busy.get() - oursBefore;
      long plainBusy = plain.busy.get() - plainBefore;
      return List.of(
          comparison.figure(
              "10",
              "write transactions of 32 threads, async",
              Target.atLeast(1.5),
              Comparison::perSecond,
              busy > 0 ? busy + " times SQLITE_BUSY" : null,
              "plain had SQLITE_BUSY " + plainBusy + " times"));
    }
  }

  /** Threads that write through a pool with a connection for each. */
  private static final class Threads implements AutoCloseable {

    private final HikariDataSource pool;
    private final ExecutorService executor = Executors.newFixedThreadPool(THREADS);
    private final AtomicLong nextId = new AtomicLong(10_000_000);
    final AtomicLong busy = new AtomicLong();

    Threads(DataSource source) {
      HikariConfig config = new HikariConfig();
      config.setDataSource(source);
      config.setMaximumPoolSize(THREADS);
      pool = new HikariDataSource(config);
    }

    /** Returns auto-commit inserts per second. */
    double inserts(long millis) throws Exception {
      return together(
          millis,
          connection -> {
            try (PreparedStatement insert = connection.prepareStatement(Orders.INSERT)) {
              Orders.bind(insert, nextId.incrementAndGet());
              insert.executeUpdate();
            }
          });
    }

    /**
     * Returns transactions per second, until all is published. Each reads a row, updates it and
     * inserts another one. What SQLite refuses as busy does not count.
     */
    double transactions(long millis, long rows, @Nullable HaSqlite node) throws Exception {
      long start = System.nanoTime();
      double rate =
          together(
              millis,
              connection -> {
                long id = nextId.incrementAndGet();
                try {
                  connection.setAutoCommit(false);
                  long row = Orders.spread(id, rows);
                  try (PreparedStatement select = connection.prepareStatement(Orders.SELECT);
                      PreparedStatement update = connection.prepareStatement(Orders.UPDATE);
                      PreparedStatement insert = connection.prepareStatement(Orders.INSERT)) {
                    update.setLong(1, amount(select, row) + 1);
                    update.setLong(2, row);
                    update.executeUpdate();
                    Orders.bind(insert, id);
                    insert.executeUpdate();
                  }
                  connection.commit();
                } catch (SQLException e) {
                  connection.rollback();
                  throw e;
                } finally {
                  connection.setAutoCommit(true);
                }
              });
      double seconds = (System.nanoTime() - start) / 1e9;
      if (node != null) {
        Lab.drain(node);
      }
      return rate * seconds / ((System.nanoTime() - start) / 1e9);
    }

    private static long amount(PreparedStatement select, long row) throws SQLException {
      select.setLong(1, row);
      try (ResultSet rows = select.executeQuery()) {
        if (!rows.next()) {
          throw new SQLException("No row " + row);
        }
        return rows.getLong("amount");
      }
    }

    /** Returns the same of the floor, where each thread has a connection, too. */
    double inserts(FloorWriter floor, long millis) throws Exception {
      return repeated(millis, () -> floor.insertAcknowledged(nextId.incrementAndGet()));
    }

    private interface Work {
      void run(Connection connection) throws SQLException;
    }

    private double together(long millis, Work work) throws Exception {
      return repeated(
          millis,
          () -> {
            try (Connection connection = pool.getConnection()) {
              work.run(connection);
            }
          });
    }

    private interface Repeated {
      void run() throws Exception;
    }

    private double repeated(long millis, Repeated work) throws Exception {
      long start = System.nanoTime();
      long end = start + TimeUnit.MILLISECONDS.toNanos(millis);
      List<Callable<Long>> all = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        all.add(
            () -> {
              long done = 0;
              while (System.nanoTime() < end) {
                try {
                  work.run();
                  done++;
                } catch (SQLException e) {
                  if ((e.getErrorCode() & 0xff) != SQLITE_BUSY) {
                    throw e;
                  }
                  busy.incrementAndGet();
                }
              }
              return done;
            });
      }
      long sum = 0;
      for (Future<Long> done : executor.invokeAll(all)) {
        sum += done.get();
      }
      return sum / ((System.nanoTime() - start) / 1e9);
    }

    @Override
    public void close() {
      executor.shutdownNow();
      pool.close();
    }
  }

  /** Three nodes that write at once, until all agree: with rows in common and without. */
  List<Figure> rebase() throws Exception {
    String stream = Lab.fresh("rebase");
    long rows = effort.rows(100_000);
    int transactions = (int) Math.max(500, 6_000 / effort.divisor());
    List<HaSqlite> nodes = new ArrayList<>();
    ExecutorService writers = Executors.newFixedThreadPool(NODES);
    try {
      for (int i = 1; i <= NODES; i++) {
        nodes.add(lab.node(stream, "node-" + i, lab.file("rebase"), o -> o.publisherAsync(true)));
      }
      Lab.run(nodes.get(0), Orders.CREATE);
      try (Connection connection = nodes.get(0).dataSource().getConnection()) {
        Orders.fill(connection, rows);
      }
      level(nodes);
      int[] turn = {0};
      updates(writers, nodes, rows, transactions, 10, turn); // warm up
      updates(writers, nodes, rows, transactions, 0, turn);
      return List.of(
          Comparison.of(
                  effort.rounds(),
                  () -> updates(writers, nodes, rows, transactions, 10, turn),
                  () -> updates(writers, nodes, rows, transactions, 0, turn))
              .figure(
                  "9",
                  "three async nodes, 10 % of writes to the same 100 rows",
                  Target.atLeast(0.70),
                  Comparison::perSecond));
    } finally {
      writers.shutdownNow();
      for (HaSqlite node : nodes) {
        node.close();
      }
    }
  }

  /** Returns the transactions of all nodes per second, until all have all. */
  private static double updates(
      ExecutorService writers,
      List<HaSqlite> nodes,
      long rows,
      int transactions,
      int hotPercent,
      int[] turn)
      throws Exception {
    long start = System.nanoTime();
    long own = (rows - HOT_ROWS) / NODES;
    int offset = ++turn[0];
    List<Callable<@Nullable Void>> work = new ArrayList<>();
    for (int node = 0; node < NODES; node++) {
      long first = HOT_ROWS + node * own;
      HaSqlite engine = nodes.get(node);
      work.add(
          () -> {
            try (JdbcWriter writer = new JdbcWriter(engine.dataSource().getConnection())) {
              for (int i = 0; i < transactions; i++) {
                boolean hot = i % 100 < hotPercent;
                long id = hot ? i * 31L % HOT_ROWS + 1 : first + Orders.spread(i, own);
                writer.update(id, offset * 1_000_000L + i);
              }
            }
            return null;
          });
    }
    for (Future<@Nullable Void> done : writers.invokeAll(work)) {
      done.get();
    }
    level(nodes);
    return NODES * transactions / ((System.nanoTime() - start) / 1e9);
  }

  /** Waits until no node has anything to send and all have counted the same. */
  private static void level(List<HaSqlite> nodes) throws Exception {
    for (HaSqlite node : nodes) {
      Lab.drain(node);
    }
    long last = 0;
    for (HaSqlite node : nodes) {
      last = Math.max(last, node.status().position());
    }
    for (HaSqlite node : nodes) {
      if (!node.await(last, Duration.ofMinutes(5))) {
        throw new IllegalStateException("A node did not become level");
      }
    }
  }
}
