package io.hasqlite.benchmarks;

import io.hasqlite.Waiting;
import io.hasqlite.sqlite.Checkpointer;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * The floor of a synchronous write: triggers, log, JSON, publish, position, and the reader that
 * applies what other nodes write. Who is overtaken rolls back and waits until the reader has
 * applied its message at its place; for a while it does without the attempt to be next. No wrapper,
 * no plan of a statement, no check; nothing of it would survive a failure.
 */
final class SyncFloorWriter implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration IDLE_WAIT = Duration.ofMillis(100);
  private static final int BATCH_MAX = 500;

  // As in the engine.
  private static final long CONTENDED_NANOS = Duration.ofMillis(40).toNanos();
  private static final Duration OWN_WAIT = Duration.ofMillis(10);
  private static final long COMPANY_NANOS = Duration.ofMillis(1).toNanos();

  private final String node;
  private final String stream;
  private final Connection nats;
  private final Connection subscriberNats;
  private final @Nullable Checkpointer checkpointer;
  private final FloorFile file;
  private final PreparedStatement insert;
  private final PreparedStatement writePosition;
  private final PreparedStatement writeMark;
  private final FloorFile applyFile;
  private final PreparedStatement applyInsert;
  private final PreparedStatement applyPosition;
  private final PreparedStatement applyMark;
  private final Semaphore writeLock = new Semaphore(1, true);
  private final Waiting counting = new Waiting();
  private final Thread reader;
  private volatile long counted; // written with the lock
  private volatile long published;
  private volatile boolean publishing;
  private volatile boolean stop;
  private volatile @Nullable Throwable failure;
  private long number;
  private long overtakenAt = System.nanoTime() - CONTENDED_NANOS;

  SyncFloorWriter(Lab lab, Path path, String stream, String node) throws Exception {
    this.node = node;
    this.stream = stream;
    nats = lab.connect();
    subscriberNats = lab.connect();
    checkpointer = FloorFile.checkpointer(path);
    file = new FloorFile(path, checkpointer);
    file.captureWrites();
    insert = file.connection.prepareStatement(Orders.INSERT);
    writePosition = file.writePosition();
    writeMark = file.writeMark();
    applyFile = new FloorFile(path, checkpointer);
    applyFile.captureApply();
    applyInsert =
        applyFile.connection.prepareStatement(
            "INSERT OR REPLACE INTO orders(id,customer,product,amount,price) VALUES(?,?,?,?,?)");
    applyPosition = applyFile.writePosition();
    applyMark = applyFile.writeMark();
    reader = new Thread(this::read, "floor-reader-" + node);
    reader.start();
  }

  /** Inserts a row. For one thread. */
  void insert(long id) throws Exception {
    begin();
    Orders.bind(insert, id);
    insert.execute();
    commit();
  }

  private void begin() throws Exception {
    Throwable failed = failure;
    if (failed != null) {
      throw new IllegalStateException("The floor's background work failed", failed);
    }
    writeLock.acquire();
    file.begin();
  }

  private void commit() throws Exception {
    long n = ++number;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1_024);
    try (JsonGenerator json = FloorFile.message(bytes)) {
      int changes = file.encodeLog(json);
      json.writeEndArray();
      json.writeName("txs");
      json.writeStartArray();
      FloorFile.transaction(json, n, changes);
      json.writeEndArray();
      json.writeEndObject();
    }
    byte[] body = bytes.toByteArray();
    publishing = true;
    boolean next = System.nanoTime() - overtakenAt >= CONTENDED_NANOS && publishNext(body, n);
    if (!next) {
      published = publish(body, n, FloorFile.ANY);
    }
    publishing = false;
    if (next) {
      FloorFile.position(writePosition, published, n);
      FloorFile.mark(writeMark, node, n);
      file.commit();
      counted = published;
      writeLock.release();
    } else {
      long own = published;
      file.rollback();
      writeLock.release();
      if (!counting.await(() -> counted >= own || failure != null, TIMEOUT, () -> false)) {
        throw new IllegalStateException("The floor's message did not come back");
      }
    }
  }

  /** Returns false if another node came first. */
  private boolean publishNext(byte[] body, long n) throws Exception {
    try {
      published = publish(body, n, counted);
      return true;
    } catch (JetStreamApiException overtaken) {
      overtakenAt = System.nanoTime();
      return false;
    }
  }

  private long publish(byte[] body, long n, long expected) throws Exception {
    return FloorFile.publish(nats, stream, node, n + "-" + n, body, expected);
  }

  private void read() {
    try {
      follow();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception | Error e) {
      if (!stop) {
        counting.change(() -> failure = e); // the writer throws it
      }
    }
  }

  private void follow() throws Exception {
    FloorConsumer consumer = new FloorConsumer(subscriberNats, stream, node, 1);
    while (!stop) {
      List<Message> batch = next(consumer);
      if (batch.isEmpty()) {
        continue;
      }
      Message last = batch.get(batch.size() - 1);
      if (sequence(last) > counted) {
        writeLock.acquire();
        try {
          apply(batch);
        } finally {
          writeLock.release();
        }
      }
      consumer.applied(last);
    }
  }

  private void apply(List<Message> batch) throws Exception {
    Map<String, Long> numbers = new HashMap<>();
    long last = counted;
    applyFile.begin();
    for (Message message : batch) {
      if (sequence(message) > counted) {
        CatchUpRow.insert(message.getData(), applyInsert);
        last = sequence(message);
        String id = id(message);
        numbers.put(
            id.substring(0, id.indexOf(':')), Long.valueOf(id.substring(id.lastIndexOf('-') + 1)));
      }
    }
    FloorFile.position(applyPosition, last, last);
    for (Map.Entry<String, Long> number : numbers.entrySet()) {
      FloorFile.mark(applyMark, number.getKey(), number.getValue());
    }
    applyFile.commit();
    long now = last;
    counting.change(() -> counted = now);
  }

  /** Returns what has come; where a commit waits for its own message, with that one. */
  private List<Message> next(FloorConsumer consumer) throws InterruptedException {
    List<Message> batch = new ArrayList<>();
    Message message = consumer.next(IDLE_WAIT);
    long end = System.nanoTime() + OWN_WAIT.toNanos();
    boolean own = false;
    while (message != null && batch.size() < BATCH_MAX) {
      batch.add(message);
      own |= isOwn(message);
      message = consumer.next();
      if (message == null && !own && (publishing || published > counted)) {
        message = consumer.next(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
      }
    }
    if (own && sequence(batch.get(batch.size() - 1)) <= counted) {
      LockSupport.parkNanos(COMPANY_NANOS); // committed in place: nobody waits for it
    }
    return batch;
  }

  private boolean isOwn(Message message) {
    return id(message).startsWith(node + ":");
  }

  private static String id(Message message) {
    return String.valueOf(message.getHeaders().getFirst("Nats-Msg-Id"));
  }

  private static long sequence(Message message) {
    return message.metaData().streamSequence();
  }

  @Override
  public void close() throws Exception {
    stop = true;
    reader.interrupt();
    reader.join();
    file.close();
    applyFile.close();
    if (checkpointer != null) {
      checkpointer.close();
    }
    nats.close();
    subscriberNats.close();
  }
}
