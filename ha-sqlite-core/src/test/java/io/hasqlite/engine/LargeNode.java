package io.hasqlite.engine;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.hasqlite.stream.StreamOptions;
import io.hasqlite.stream.nats.NatsConnectionOptions;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.LoggerFactory;

/**
 * A node in a process of its own, with a heap that a large transaction does not fit into. Reads
 * statements, one a line, runs each and prints {@code ok} or what failed; {@code await N} waits for
 * a sequence, {@code drain} until nothing is pending, {@code digest} prints what is in table t,
 * {@code heap} the peak of the heap.
 */
final class LargeNode {

  private static final Duration PATIENCE = Duration.ofMinutes(20);

  private LargeNode() {}

  public static void main(String[] arguments) throws Exception {
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
    HaSqliteOptions options =
        HaSqliteOptions.builder(Path.of(arguments[0]))
            .nodeName(arguments[1])
            .databaseName("test")
            .stream(StreamOptions.defaults().withName(arguments[2]))
            .nats(NatsConnectionOptions.servers(arguments[3]).build())
            .startupTimeout(PATIENCE)
            .publisherAsync(Boolean.parseBoolean(arguments[4]))
            .snapshotterEnabled(false)
            .build();
    try (HaSqlite engine = HaSqlite.open(options);
        Connection connection = engine.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      System.out.println("ok");
      var in = new java.io.BufferedReader(new java.io.InputStreamReader(System.in));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        System.out.println(answer(engine, statement, line));
      }
    }
  }

  private static String answer(HaSqlite engine, Statement statement, String line) throws Exception {
    if (line.equals("digest")) {
      return digest(statement);
    }
    if (line.equals("heap")) {
      return String.valueOf(peakHeapMegabytes());
    }
    if (line.equals("drain")) {
      while (engine.status().backlog().transactions() > 0) {
        LockSupport.parkNanos(10_000_000);
      }
      return "ok";
    }
    if (line.startsWith("await ")) {
      boolean reached = engine.await(Long.parseLong(line.substring(6)), PATIENCE);
      return reached ? "ok" : engine.status().toString();
    }
    try {
      statement.execute(line);
      return "ok";
    } catch (java.sql.SQLException | OutOfMemoryError e) {
      return e.toString();
    }
  }

  /** Returns the number of rows and their digest, read in the order of the key. */
  private static String digest(Statement statement) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    long count = 0;
    try (ResultSet rows = statement.executeQuery("SELECT * FROM t ORDER BY id")) {
      int columns = rows.getMetaData().getColumnCount();
      while (rows.next()) {
        count++;
        for (int i = 1; i <= columns; i++) {
          Object value = rows.getObject(i);
          digest.update(
              value instanceof byte[] bytes
                  ? bytes
                  : (value + "\0").getBytes(StandardCharsets.UTF_8));
        }
      }
    }
    return count + " " + HexFormat.of().formatHex(digest.digest());
  }

  private static long peakHeapMegabytes() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .map(MemoryPoolMXBean::getPeakUsage)
            .mapToLong(java.lang.management.MemoryUsage::getUsed)
            .sum()
        / (1024 * 1024);
  }
}
