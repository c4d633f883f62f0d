package io.hasqlite.benchmarks;

import io.hasqlite.Waiting;
import io.hasqlite.sqlite.Checkpointer;
import io.nats.client.Connection;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.PushSubscribeOptions;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/**
 * The floor of a write: triggers, log, JSON, outbox or publish, position, and in the background the
 * relay and the reader that sees each message come back. No wrapper, no plan of a statement, no
 * check; nothing of it would survive a failure.
 */
final class FloorWriter implements Writer {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration DRAIN_TIMEOUT = Duration.ofMinutes(1);
  private static final int GROUP_MAX = 1_000;
  private static final long LINGER_NANOS = 10_000_000; // as the relay of a busy node
  private static final long LINGER_AWAITED_NANOS = 2_000_000; // as where commits wait for it
  private static final int MESSAGE_BYTES_MAX = 900_000;

  private final boolean async;
  private final long lingerNanos;
  private final String stream;
  private final Connection nats;
  private final Connection subscriberNats;
  private final @Nullable Checkpointer checkpointer;
  private final FloorFile file;
  private final FloorFile relayFile;
  private final FloorFile applyFile;
  private final Semaphore writeLock;
  private final Waiting counting = new Waiting();
  private final Waiting sending = new Waiting();
  private final AtomicBoolean stop = new AtomicBoolean();
  private final PreparedStatement insert;
  private final PreparedStatement update;
  private final PreparedStatement outbox;
  private final PreparedStatement writePosition;
  private final PreparedStatement writeMark;
  private final Thread relay;
  private final Thread reader;
  private long number;
  private volatile boolean idle;
  private volatile long written;
  private volatile long removed;
  private volatile long acknowledged;
  private long last; // of the subject; of the synchronous floor
  private volatile @Nullable Throwable failure;

  FloorWriter(Lab lab, Path path, String stream, boolean async) throws Exception {
    this(lab, path, stream, async, LINGER_NANOS, true);
  }

  /** Opens the floor of writers that wait for the stream: any of them may have the lock again. */
  static FloorWriter ofManyWriters(Lab lab, Path path, String stream) throws Exception {
    return new FloorWriter(lab, path, stream, true, LINGER_AWAITED_NANOS, false);
  }

  private FloorWriter(
      Lab lab, Path path, String stream, boolean async, long lingerNanos, boolean fair)
      throws Exception {
    this.async = async;
    this.stream = stream;
    this.lingerNanos = lingerNanos;
    writeLock = new Semaphore(1, fair);
    nats = lab.connect();
    subscriberNats = lab.connect();
    checkpointer = FloorFile.checkpointer(path);
    file = new FloorFile(path, checkpointer);
    relayFile = new FloorFile(path, checkpointer);
    applyFile = new FloorFile(path, checkpointer);
    file.captureWrites();
    insert = file.connection.prepareStatement(Orders.INSERT);
    update = file.connection.prepareStatement(Orders.UPDATE);
    outbox = file.connection.prepareStatement("INSERT INTO ha_outbox VALUES(?,?,?,?,?,?,?,?,?)");
    writePosition = file.writePosition();
    writeMark = file.writeMark();
    reader = new Thread(() -> untilStopped(this::read), "floor-reader");
    relay = new Thread(() -> untilStopped(this::relay), "floor-relay");
    reader.start();
    relay.start();
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
    begin();
    Orders.bind(insert, id);
    insert.execute();
    end();
  }

  /**
   * Inserts a row and waits until the stream has it; for any number of threads, which share one
   * connection. The last one in a row of writers sends at once.
   */
  void insertAcknowledged(long id) throws Exception {
    begin();
    Orders.bind(insert, id);
    insert.execute();
    long n = end();
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
    begin();
    for (long id = first; id < first + rows; id++) {
      Orders.bind(insert, id);
      insert.execute();
    }
    end();
  }

  @Override
  public void update(long id, long amount) throws Exception {
    begin();
    update.setLong(1, amount);
    update.setLong(2, id);
    update.execute();
    end();
  }

  private void begin() throws Exception {
    Throwable failed = failure;
    if (failed != null) {
      throw new IllegalStateException("The floor's background work failed", failed);
    }
    writeLock.acquire();
    file.begin();
  }

  /** Returns the transaction's number. */
  private long end() throws Exception {
    long n = ++number;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1_024);
    if (async) {
      try (JsonGenerator json = FloorFile.JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
        json.writeStartArray();
        encodeLog(json);
        json.writeEndArray();
      }
      add(n, bytes.toByteArray());
      file.commit();
      written = n;
      writeLock.release();
      if (idle) {
        idle = false;
        LockSupport.unpark(relay);
      }
    } else {
      try (JsonGenerator json = FloorFile.message(bytes)) {
        endMessage(json, n, encodeLog(json));
      }
      last = publish(bytes.toByteArray(), n, n, last);
      file.position(writePosition, writeMark, last, n);
      file.commit();
      writeLock.release();
    }
    return n;
  }

  private int encodeLog(JsonGenerator json) throws Exception {
    return file.encodeLog(json);
  }

  private static void endMessage(JsonGenerator json, long n, int changes) {
    json.writeEndArray();
    json.writeName("txs");
    json.writeStartArray();
    transaction(json, n, changes);
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void transaction(JsonGenerator json, long n, int changes) {
    json.writeStartObject();
    json.writeNumberProperty("n", n);
    json.writeNumberProperty("base_seq", n);
    json.writeNumberProperty("changes", changes);
    json.writeEndObject();
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

  /** Publishes and waits; returns the sequence. */
  private long publish(byte[] body, long first, long lastNumber, long expected) throws Exception {
    Headers headers = new Headers();
    headers.add("Nats-Msg-Id", FloorFile.NODE + ":" + stream + ":" + first + "-" + lastNumber);
    headers.add("Nats-Expected-Stream", stream);
    if (!async) {
      headers.add("Nats-Expected-Last-Subject-Sequence", Long.toString(expected));
    }
    Message answer = nats.requestWithTimeout(stream, headers, body, TIMEOUT).get();
    return new PublishAck(answer).getSeqno();
  }

  private void relay() throws Exception {
    PreparedStatement select =
        relayFile.connection.prepareStatement(
            "SELECT place, payload FROM ha_outbox WHERE place > ? ORDER BY place LIMIT "
                + GROUP_MAX);
    long sent = 0;
    while (!stop.get()) {
      while (sent < written) {
        sent = relay(select, sent);
        long place = sent;
        sending.change(() -> acknowledged = place);
        LockSupport.parkNanos(lingerNanos);
      }
      idle = true;
      while (idle && sent == written && !stop.get()) {
        LockSupport.park();
      }
      idle = false;
    }
  }

  private long relay(PreparedStatement select, long sent) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(64 * 1_024);
    long lastPlace = sent;
    JsonGenerator json = FloorFile.message(bytes);
    json.flush();
    int head = bytes.size();
    select.setLong(1, sent);
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        byte[] payload = row.getBytes(2);
        if (bytes.size() > head && bytes.size() + payload.length > MESSAGE_BYTES_MAX) {
          break;
        }
        if (bytes.size() > head) {
          bytes.write(',');
        }
        bytes.write(payload, 1, payload.length - 2);
        lastPlace = row.getLong(1);
      }
    }
    json.writeEndArray();
    json.writeName("txs");
    json.writeStartArray();
    for (long n = sent + 1; n <= lastPlace; n++) {
      transaction(json, n, 1);
    }
    json.writeEndArray();
    json.writeEndObject();
    json.close();
    publish(bytes.toByteArray(), sent + 1, lastPlace, 0);
    return lastPlace;
  }

  /** Sees the messages come back; the asynchronous floor removes what is in them. */
  private void read() throws Exception {
    PreparedStatement remove =
        applyFile.connection.prepareStatement("DELETE FROM ha_outbox WHERE place <= ?");
    PreparedStatement position = applyFile.writePosition();
    PreparedStatement mark = applyFile.writeMark();
    JetStreamSubscription subscription =
        subscriberNats
            .jetStream()
            .subscribe(stream, PushSubscribeOptions.builder().ordered(true).build());
    while (!stop.get()) {
      Message message = subscription.nextMessage(Duration.ofMillis(100));
      Message newest = message;
      while (message != null) {
        newest = message;
        message = subscription.nextMessage((Duration) null);
      }
      if (newest == null || !async) {
        continue;
      }
      String id = String.valueOf(newest.getHeaders().getFirst("Nats-Msg-Id"));
      long place = Long.parseLong(id.substring(id.lastIndexOf('-') + 1));
      writeLock.acquire();
      applyFile.begin();
      remove.setLong(1, place);
      remove.execute();
      applyFile.position(position, mark, newest.metaData().streamSequence(), place);
      applyFile.commit();
      counting.change(() -> removed = place);
      writeLock.release();
    }
  }

  /** Waits until all has come back. */
  void drain() throws InterruptedException {
    long last = written;
    if (async
        && !counting.await(() -> removed >= last || failure != null, DRAIN_TIMEOUT, () -> false)) {
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
    file.close();
    relayFile.close();
    applyFile.close();
    if (checkpointer != null) {
      checkpointer.close();
    }
    nats.close();
    subscriberNats.close();
  }
}
