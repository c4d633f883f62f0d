package io.hasqlite.benchmarks;

import io.hasqlite.Waiting;
import io.hasqlite.sqlite.Checkpointer;
import io.nats.client.Connection;
import io.nats.client.Message;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/**
 * The floor of an asynchronous write: triggers, log, JSON, outbox, and in the background the relay
 * and the reader that sees each message come back. No wrapper, no plan of a statement, no check;
 * nothing of it would survive a failure.
 */
final class FloorWriter implements Writer {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration DRAIN_TIMEOUT = Duration.ofMinutes(1);
  private static final int GROUP_MAX = 1_000;
  private static final long LINGER_NANOS = 10_000_000; // as the relay of a busy node
  private static final long LINGER_AWAITED_NANOS = 2_000_000; // as where commits wait for it
  private static final int MESSAGE_BYTES_MAX = 900_000;

  private final long lingerNanos;
  private final String stream;
  private final Connection nats;
  private final Connection subscriberNats;
  private final @Nullable Checkpointer checkpointer;
  private final Path path;
  private final FloorFile applyFile;
  private final Queue<Writing> opened = new ConcurrentLinkedQueue<>();
  private final Writing only;
  private final ThreadLocal<Writing> own = new ThreadLocal<>();
  private final BlockingQueue<Payload> recent = new LinkedBlockingQueue<>();
  private final Semaphore writeLock;
  private final Waiting counting = new Waiting();
  private final Waiting sending = new Waiting();
  private final AtomicBoolean stop = new AtomicBoolean();
  private final Thread relay;
  private final Thread reader;
  private volatile long number; // written with the lock
  private volatile long removed;
  private volatile long acknowledged;
  private volatile @Nullable Throwable failure;

  FloorWriter(Lab lab, Path path, String stream) throws Exception {
    this(lab, path, stream, LINGER_NANOS, true);
  }

  /** Opens the floor of writers that wait for the stream: any of them may have the lock again. */
  static FloorWriter ofManyWriters(Lab lab, Path path, String stream) throws Exception {
    return new FloorWriter(lab, path, stream, LINGER_AWAITED_NANOS, false);
  }

  private FloorWriter(Lab lab, Path path, String stream, long lingerNanos, boolean fair)
      throws Exception {
    this.stream = stream;
    this.lingerNanos = lingerNanos;
    writeLock = new Semaphore(1, fair);
    nats = lab.connect();
    subscriberNats = lab.connect();
    this.path = path;
    checkpointer = FloorFile.checkpointer(path);
    applyFile = new FloorFile(path, checkpointer);
    only = new Writing();
    reader = new Thread(() -> untilStopped(this::read), "floor-reader");
    relay = new Thread(() -> untilStopped(this::relay), "floor-relay");
    reader.start();
    relay.start();
  }

  /** What is committed here and not sent, as the engine has it in memory, too. */
  private record Payload(long n, byte[] bytes) {}

  /** A connection that writes; for the thread that has the write lock. */
  private final class Writing {

    private final FloorFile file = new FloorFile(path, checkpointer);
    private final PreparedStatement insert;
    private final PreparedStatement update;
    private final PreparedStatement outbox;

    Writing() throws SQLException {
      opened.add(this);
      file.captureWrites();
      insert = file.connection.prepareStatement(Orders.INSERT);
      update = file.connection.prepareStatement(Orders.UPDATE);
      outbox = file.connection.prepareStatement("INSERT INTO ha_outbox VALUES(?,?,?,?,?,?,?,?,?)");
    }

    private void begin() throws Exception {
      Throwable failed = failure;
      if (failed != null) {
        throw new IllegalStateException("The floor's background work failed", failed);
      }
      writeLock.acquire();
      file.begin();
    }

    private void insert(long id) throws Exception {
      Orders.bind(insert, id);
      insert.execute();
    }

    /** Returns the transaction's number. */
    private long end() throws Exception {
      long n = ++number;
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(1_024);
      try (JsonGenerator json = FloorFile.JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
        json.writeStartArray();
        file.encodeLog(json);
        json.writeEndArray();
      }
      byte[] payload = bytes.toByteArray();
      add(n, payload);
      file.commit();
      recent.add(new Payload(n, payload));
      writeLock.release();
      return n;
    }

    private void add(long n, byte[] payload) throws Exception {
      outbox.setLong(1, n);
      outbox.setLong(2, 0);
      outbox.setString(3, FloorFile.NODE);
      outbox.setLong(4, FloorFile.PROCESS);
      outbox.setLong(5, n);
      outbox.setLong(6, removed);
      outbox.setLong(7, System.currentTimeMillis());
      outbox.setLong(8, payload.length);
      outbox.setBytes(9, payload);
      outbox.execute();
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  private void untilStopped(Work work) {
    try {
      work.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception | Error e) {
      if (!stop.get()) {
        counting.change(() -> failure = e); // the writer throws it
        sending.wakeUp();
      }
    }
  }

  @Override
  public void insert(long id) throws Exception {
    only.begin();
    only.insert(id);
    only.end();
  }

  /**
   * Inserts a row and waits until the stream has it; for any number of threads, each with a
   * connection of its own. The last one in a row of writers sends at once.
   */
  void insertAcknowledged(long id) throws Exception {
    Writing mine = own.get();
    if (mine == null) {
      mine = new Writing();
      own.set(mine);
    }
    mine.begin();
    mine.insert(id);
    long n = mine.end();
    if (!writeLock.hasQueuedThreads()) {
      LockSupport.unpark(relay);
    }
    sending.await(() -> acknowledged >= n || failure != null, TIMEOUT, () -> false);
    if (acknowledged < n) {
      throw new IllegalStateException("The floor's message was not acknowledged", failure);
    }
  }

  @Override
  public void insertAll(long first, int rows) throws Exception {
    only.begin();
    for (long id = first; id < first + rows; id++) {
      only.insert(id);
    }
    only.end();
  }

  @Override
  public void update(long id, long amount) throws Exception {
    only.begin();
    only.update.setLong(1, amount);
    only.update.setLong(2, id);
    only.update.execute();
    only.end();
  }

  private void relay() throws Exception {
    while (!stop.get()) {
      long place = relay(recent.take());
      sending.change(() -> acknowledged = place);
      LockSupport.parkNanos(lingerNanos);
    }
  }

  /** Sends what waits; returns the last place of it. */
  private long relay(Payload first) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(64 * 1_024);
    JsonGenerator json = FloorFile.message(bytes);
    json.flush();
    bytes.write(first.bytes(), 1, first.bytes().length - 2);
    long lastPlace = first.n();
    for (Payload next = recent.peek();
        next != null
            && lastPlace - first.n() < GROUP_MAX - 1
            && bytes.size() + next.bytes().length <= MESSAGE_BYTES_MAX;
        next = recent.peek()) {
      recent.remove();
      bytes.write(',');
      bytes.write(next.bytes(), 1, next.bytes().length - 2);
      lastPlace = next.n();
    }
    json.writeEndArray();
    json.writeName("txs");
    json.writeStartArray();
    for (long n = first.n(); n <= lastPlace; n++) {
      FloorFile.transaction(json, n, 1);
    }
    json.writeEndArray();
    json.writeEndObject();
    json.close();
    FloorFile.publish(
        nats,
        stream,
        FloorFile.NODE,
        first.n() + "-" + lastPlace,
        bytes.toByteArray(),
        FloorFile.ANY);
    return lastPlace;
  }

  /** Sees the messages come back; removes what is in them. */
  private void read() throws Exception {
    PreparedStatement remove =
        applyFile.connection.prepareStatement("DELETE FROM ha_outbox WHERE place <= ?");
    PreparedStatement position = applyFile.writePosition();
    PreparedStatement mark = applyFile.writeMark();
    FloorConsumer consumer = new FloorConsumer(subscriberNats, stream, FloorFile.NODE, 1);
    while (!stop.get()) {
      Message message = consumer.next(Duration.ofMillis(100));
      Message newest = message;
      while (message != null) {
        newest = message;
        message = consumer.next();
      }
      if (newest == null) {
        continue;
      }
      String id = String.valueOf(newest.getHeaders().getFirst("Nats-Msg-Id"));
      long place = Long.parseLong(id.substring(id.lastIndexOf('-') + 1));
      writeLock.acquire();
      applyFile.begin();
      remove.setLong(1, place);
      remove.execute();
      FloorFile.position(position, newest.metaData().streamSequence(), place);
      FloorFile.mark(mark, FloorFile.NODE, place);
      applyFile.commit();
      counting.change(() -> removed = place);
      writeLock.release();
      consumer.applied(newest);
    }
  }

  /** Waits until all has come back. */
  void drain() throws InterruptedException {
    long last = number;
    if (!counting.await(() -> removed >= last || failure != null, DRAIN_TIMEOUT, () -> false)) {
      throw new IllegalStateException("The floor's messages did not come back");
    }
  }

  @Override
  public void close() throws Exception {
    stop.set(true);
    relay.interrupt();
    reader.interrupt();
    relay.join();
    reader.join();
    for (Writing writing : opened) {
      writing.file.close();
    }
    applyFile.close();
    if (checkpointer != null) {
      checkpointer.close();
    }
    nats.close();
    subscriberNats.close();
  }
}
