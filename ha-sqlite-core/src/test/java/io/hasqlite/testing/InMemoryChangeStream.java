package io.hasqlite.testing;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.stream.ChangeConsumer;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.ConsumerPosition;
import io.hasqlite.stream.DeliverPolicy;
import io.hasqlite.stream.PublishInDoubtException;
import io.hasqlite.stream.PublishResult;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.StreamMessage;
import io.hasqlite.stream.StreamState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A {@link ChangeStream} in memory, with a script of faults: the n-th message that is published
 * meets the n-th fault. It never waits for a time-out.
 */
public final class InMemoryChangeStream implements ChangeStream {

  /** What happens to a message. */
  public enum Fault {
    /** Nothing: it is stored and acknowledged. */
    NONE,
    /** It is stored; its acknowledgement is lost. */
    ACK_LOST,
    /** It is not stored before {@link #deliverLate}; there is no acknowledgement. */
    STORED_LATE,
    /** It is lost without an answer. */
    LOST,
    /** The stream refuses it for now: surely not stored. */
    REFUSED,
    /** The connection is found broken before it is sent; see {@link #reconnect}. */
    DISCONNECT
  }

  private record Late(byte[] body, String messageId, long expectedLast) {}

  private final InMemoryLog log;
  private final DatabaseName database;
  private final Origin origin;
  private final String subject;
  private final String name;
  private final Deque<Fault> script = new ArrayDeque<>();
  private final Deque<Late> late = new ArrayDeque<>();
  private boolean connected = true;
  private boolean consumerWasMade;
  private Reader reader;

  InMemoryChangeStream(InMemoryLog log, DatabaseName database, Origin origin) {
    this.log = log;
    this.database = database;
    this.origin = origin;
    this.subject = database.token();
    this.name = durable(origin.node());
  }

  private String durable(NodeId node) {
    return DatabaseName.token(database.value() + "_" + node.value());
  }

  /** Adds to the script: one fault for each of the next messages. */
  public InMemoryChangeStream script(Fault... faults) {
    synchronized (log) {
      script.addAll(List.of(faults));
      return this;
    }
  }

  /** Breaks the connection: everything fails, a reader is woken. */
  public void disconnect() {
    synchronized (log) {
      connected = false;
      if (reader != null) {
        reader.broken = new StreamException("The connection broke", true, null);
      }
      log.notifyAll();
    }
  }

  /** Makes the connection again; readers have to be opened anew. */
  public void reconnect() {
    synchronized (log) {
      connected = true;
    }
  }

  /** Lets the messages arrive that met {@link Fault#STORED_LATE}; returns how many were stored. */
  public int deliverLate() {
    synchronized (log) {
      int stored = 0;
      for (Late message; (message = late.poll()) != null; ) {
        Long sequence =
            log.append(subject, message.body(), message.messageId(), message.expectedLast());
        stored += sequence != null && sequence > 0 ? 1 : 0;
      }
      return stored;
    }
  }

  @Override
  public List<String> open() {
    synchronized (log) {
      requireConnection();
      InMemoryLog.Durable existing = log.durable(name);
      if (existing != null) {
        checkOwner(existing);
      }
      List<String> others = log.otherDatabases(subject, database);
      if (!others.isEmpty()) {
        throw new StreamException(
            "Database " + database + " would share a subject with " + others, false, null);
      }
      log.claim(name, origin);
      return List.of();
    }
  }

  private void checkOwner(InMemoryLog.Durable existing) {
    if (!existing.database.equals(database) || !existing.owner.node().equals(origin.node())) {
      throw new StreamException(
          "Consumer "
              + name
              + " belongs to node "
              + existing.owner.node()
              + " of database "
              + existing.database,
          false,
          null);
    }
    if (consumerWasMade && isTakenOver(existing)) {
      throw takenOver();
    }
  }

  private boolean isTakenOver(InMemoryLog.Durable durable) {
    return durable.owner.processId() != origin.processId() && log.isClaimedBy(name, durable.owner);
  }

  private StreamException takenOver() {
    return new StreamException("Another process uses node name " + origin.node(), false, null);
  }

  private void requireConnection() {
    if (!connected) {
      throw new StreamException("Not connected", true, null);
    }
  }

  @Override
  public boolean isConnected() {
    synchronized (log) {
      return connected;
    }
  }

  @Override
  public StreamState state() {
    synchronized (log) {
      requireConnection();
      return log.state();
    }
  }

  @Override
  public PublishResult publish(
      byte[] message, String messageId, long expectedLast, Duration timeout) {
    synchronized (log) {
      requireConnection();
      Fault fault = script.isEmpty() ? Fault.NONE : script.poll();
      switch (fault) {
        case NONE -> {
          return store(message, messageId, expectedLast);
        }
        case ACK_LOST -> store(message, messageId, expectedLast);
        case STORED_LATE -> late.add(new Late(message.clone(), messageId, expectedLast));
        case LOST -> {
          // nothing is left of it
        }
        case REFUSED ->
            throw new StreamException("Refused by the script: " + messageId, true, null);
        case DISCONNECT -> {
          disconnect();
          requireConnection();
        }
        default -> throw new IllegalStateException("Unknown fault " + fault);
      }
      throw new PublishInDoubtException(fault + " by the script: " + messageId, null);
    }
  }

  private PublishResult store(byte[] message, String messageId, long expectedLast) {
    Long sequence = log.append(subject, message, messageId, expectedLast);
    if (sequence == null) {
      return new PublishResult.Refused(log.last(subject));
    }
    long place = Math.abs(sequence);
    StreamMessage next = expectedLast == ANY ? null : log.after(subject, expectedLast);
    return new PublishResult.Accepted(place, next != null && next.sequence() == place);
  }

  @Override
  public long lastSequence() {
    synchronized (log) {
      requireConnection();
      return log.last(subject);
    }
  }

  @Override
  public Optional<StreamMessage> read(long sequence) {
    synchronized (log) {
      requireConnection();
      return Optional.ofNullable(log.at(subject, sequence));
    }
  }

  @Override
  public Optional<StreamMessage> next(long afterSequence) {
    synchronized (log) {
      requireConnection();
      return Optional.ofNullable(log.after(subject, afterSequence));
    }
  }

  @Override
  public long firstSequence(DeliverPolicy policy) {
    synchronized (log) {
      requireConnection();
      if (policy instanceof DeliverPolicy.ByStartSequence start) {
        return start.sequence();
      }
      if (policy instanceof DeliverPolicy.ByStartTime start) {
        return log.firstAt(subject, start.time());
      }
      StreamState state = log.state();
      if (policy.equals(DeliverPolicy.ALL)) {
        return state.firstSequence();
      }
      long last = policy.equals(DeliverPolicy.LAST) ? log.last(subject) : 0;
      return last > 0 ? last : state.lastSequence() + 1;
    }
  }

  @Override
  public ChangeConsumer consume(long firstSequence) {
    synchronized (log) {
      requireConnection();
      closeReader();
      InMemoryLog.Durable existing = log.durable(name);
      if (existing != null) {
        checkOwner(existing);
      }
      long first = Math.max(1, firstSequence);
      consumerWasMade = true;
      reader = new Reader(log.makeDurable(name, database, origin, first));
      return reader;
    }
  }

  @Override
  public Optional<ConsumerPosition> consumer(NodeId node) {
    return consumers().stream().filter(position -> position.node().equals(node.value())).findAny();
  }

  @Override
  public List<ConsumerPosition> consumers() {
    synchronized (log) {
      requireConnection();
      return log.durables().values().stream()
          .filter(durable -> durable.database.equals(database))
          .map(durable -> log.position(subject, durable))
          .toList();
    }
  }

  @Override
  public boolean isLive(NodeId node) {
    synchronized (log) {
      requireConnection();
      return log.isClaimed(durable(node));
    }
  }

  @Override
  public void removeConsumer(NodeId node) {
    synchronized (log) {
      requireConnection();
      if (consumer(node).isPresent()) {
        log.removeDurable(durable(node));
      }
    }
  }

  private void closeReader() {
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }

  @Override
  public void close() {
    synchronized (log) {
      closeReader();
      log.unclaim(name, origin);
    }
  }

  private final class Reader implements ChangeConsumer {

    private final InMemoryLog.Durable durable;
    private StreamException broken;

    Reader(InMemoryLog.Durable durable) {
      this.durable = durable;
    }

    @Override
    public List<StreamMessage> next(int max, Duration wait) throws InterruptedException {
      long deadline = System.nanoTime() + wait.toNanos();
      synchronized (log) {
        while (true) {
          requireAlive();
          List<StreamMessage> taken = take(max);
          long left = deadline - System.nanoTime();
          if (!taken.isEmpty() || left <= 0) {
            return taken;
          }
          log.wait(left / 1_000_000, (int) (left % 1_000_000));
        }
      }
    }

    private void requireAlive() {
      if (broken != null) {
        throw broken;
      }
      InMemoryLog.Durable current = log.durable(name);
      if (current != durable) {
        throw current != null && isTakenOver(current)
            ? takenOver()
            : new StreamException("The consumer " + name + " was deleted", true, null);
      }
    }

    private List<StreamMessage> take(int max) {
      List<StreamMessage> taken = new ArrayList<>();
      StreamMessage next;
      while (taken.size() < max && (next = log.after(subject, durable.delivered)) != null) {
        durable.delivered = next.sequence();
        taken.add(
            new StreamMessage(
                next.sequence(), next.time(), log.pending(subject, next.sequence()), next.body()));
      }
      return taken;
    }

    @Override
    public void acknowledge(long sequence) {
      synchronized (log) {
        durable.acknowledged =
            Math.max(durable.acknowledged, Math.min(sequence, durable.delivered));
      }
    }

    @Override
    public void close() {
      synchronized (log) {
        if (broken == null) {
          broken = new StreamException("The consumer " + name + " was closed", false, null);
        }
        log.notifyAll();
      }
    }
  }
}
