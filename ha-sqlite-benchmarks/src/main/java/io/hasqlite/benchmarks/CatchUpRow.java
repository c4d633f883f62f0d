package io.hasqlite.benchmarks;

import io.hasqlite.engine.HaSqlite;
import io.hasqlite.sqlite.Checkpointer;
import io.nats.client.JetStream;
import io.nats.client.Message;
import io.nats.client.api.PublishAck;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/** How fast a node that was away catches up: each transaction is a message of its own. */
final class CatchUpRow {

  private static final int IN_FLIGHT_MAX = 1_000;
  private static final int BATCH = 1_000;
  private static final int WARMUPS = 4;

  /** A round takes a few seconds; three of them vary by a tenth. */
  private static final int ROUNDS_FACTOR = 2;

  private final Lab lab;
  private final Effort effort;
  private long published;

  CatchUpRow(Lab lab, Effort effort) {
    this.lab = lab;
    this.effort = effort;
  }

  /** The node is paused while the transactions come, so that its start is not measured. */
  List<Figure> measure() throws Exception {
    String stream = Lab.fresh("catchup");
    long rows = effort.rows(200_000);
    try (HaSqlite node = lab.node(stream, "node-1", lab.file("catchup"), o -> o)) {
      Lab.run(node, Orders.CREATE);
      plain(rows);
      for (int i = 0; i < WARMUPS; i++) {
        engine(node, stream, rows);
        floor(stream, rows);
      }
      return List.of(
          Comparison.of(
                  ROUNDS_FACTOR * effort.rounds(),
                  () -> engine(node, stream, rows),
                  () -> plain(rows),
                  () -> floor(stream, rows))
              .figure(
                  "7",
                  "catching up 200,000 single-row transactions",
                  Target.atLeast(0.50),
                  Comparison::perSecond));
    }
  }

  private void publish(String stream, long first, long rows) throws Exception {
    JetStream jetStream = lab.nats().jetStream();
    Queue<CompletableFuture<PublishAck>> open = new ArrayDeque<>();
    for (long id = first; id < first + rows; id++) {
      open.add(jetStream.publishAsync(stream + ".bench", Messages.ofInsert(id, id)));
      if (open.size() == IN_FLIGHT_MAX) {
        open.remove().get();
      }
    }
    for (CompletableFuture<PublishAck> ack : open) {
      ack.get();
    }
  }

  private double engine(HaSqlite node, String stream, long rows) throws Exception {
    node.pause();
    publish(stream, published + 1, rows);
    published += rows;
    long start = System.nanoTime();
    node.resume();
    if (!node.await(published + 1, Duration.ofMinutes(5))) {
      throw new IllegalStateException("The node did not catch up");
    }
    double rate = rows / ((System.nanoTime() - start) / 1e9);
    check(node.dataSource().getConnection(), published);
    return rate;
  }

  private static void check(Connection connection, long rows) throws Exception {
    try (connection;
        var count = connection.createStatement().executeQuery("SELECT count(*) FROM orders")) {
      count.next();
      if (count.getLong(1) != rows) {
        throw new IllegalStateException(count.getLong(1) + " rows instead of " + rows);
      }
    }
  }

  private double plain(long rows) throws Exception {
    Path file = lab.file("inserts");
    try (Connection connection = PlainFile.connect(file)) {
      connection.createStatement().execute(Orders.CREATE);
      long start = System.nanoTime();
      connection.setAutoCommit(false);
      try (PreparedStatement insert = connection.prepareStatement(Orders.INSERT)) {
        for (long id = 1; id <= rows; id++) {
          Orders.bind(insert, id);
          insert.executeUpdate();
          if (id % BATCH == 0) {
            connection.commit();
          }
        }
      }
      connection.commit();
      return rows / ((System.nanoTime() - start) / 1e9);
    } finally {
      Folders.deleteOf(file);
    }
  }

  /** Reads, decodes, inserts, counts; no more. */
  private double floor(String stream, long rows) throws Exception {
    Path path = lab.file("floor");
    String durable = Lab.fresh("floor");
    try (Checkpointer checkpointer = FloorFile.checkpointer(path);
        FloorFile file = new FloorFile(path, checkpointer)) {
      file.run(Orders.CREATE);
      file.captureApply();
      PreparedStatement insert =
          file.connection.prepareStatement(
              "INSERT OR REPLACE INTO orders(id,customer,product,amount,price) VALUES(?,?,?,?,?)");
      PreparedStatement position = file.writePosition();
      PreparedStatement mark = file.writeMark();
      long start = System.nanoTime();
      FloorConsumer consumer =
          new FloorConsumer(lab.nats(), stream + ".bench", durable, published + 2 - rows);
      long applied = 0;
      while (applied < rows) {
        Message message = consumer.next(Duration.ofSeconds(5));
        if (message == null) {
          throw new IllegalStateException("The floor got " + applied + " of " + rows + " messages");
        }
        file.begin();
        int inBatch = 0;
        Message last = message;
        while (message != null) {
          last = message;
          if (insert(message.getData(), insert)) {
            applied++;
          }
          message = ++inBatch < BATCH ? consumer.next() : null;
        }
        FloorFile.position(position, last.metaData().streamSequence(), applied);
        FloorFile.mark(mark, FloorFile.NODE, applied);
        file.commit();
        consumer.applied(last);
      }
      double rate = rows / ((System.nanoTime() - start) / 1e9);
      consumer.end();
      lab.nats().jetStreamManagement().deleteConsumer(stream, durable);
      return rate;
    } finally {
      Folders.deleteOf(path);
    }
  }

  /** Inserts the row of a message; returns false if it has none. */
  static boolean insert(byte[] body, PreparedStatement insert) throws Exception {
    boolean found = false;
    try (JsonParser json = FloorFile.JSON.createParser(ObjectReadContext.empty(), body)) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token == JsonToken.PROPERTY_NAME && json.currentName().equals("new_values")) {
          json.nextToken();
          found = true;
          for (int i = 1; json.nextToken() != JsonToken.END_ARRAY; i++) {
            switch (json.currentToken()) {
              case VALUE_STRING -> insert.setString(i, json.getString());
              case VALUE_NUMBER_INT -> insert.setLong(i, json.getLongValue());
              default -> insert.setDouble(i, json.getDoubleValue());
            }
          }
        }
      }
    }
    if (found) {
      insert.execute();
    }
    return found;
  }
}
