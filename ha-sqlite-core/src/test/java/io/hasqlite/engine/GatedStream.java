package io.hasqlite.engine;

import io.hasqlite.NodeId;
import io.hasqlite.stream.ChangeConsumer;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.ConsumerPosition;
import io.hasqlite.stream.DeliverPolicy;
import io.hasqlite.stream.PublishInDoubtException;
import io.hasqlite.stream.PublishResult;
import io.hasqlite.stream.StreamMessage;
import io.hasqlite.stream.StreamState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A stream that delivers no further than a gate allows, and may lose acknowledgements. */
final class GatedStream implements ChangeStream {

  /** What becomes of the next message that is published. */
  enum Fault {
    /** It is stored, the answer is lost. */
    ACK_LOST,
    /** It is stored when {@link Gate#takeLate} is emptied, long after the publisher gave up. */
    LATE,
    /** It never arrives. */
    LOST
  }

  /** A message that is on its way. */
  record Late(byte[] body, String messageId, long expectedLast) {}

  /** What a node may read, through all lives of its engine. */
  static final class Gate {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition opened = lock.newCondition();
    private final List<Late> late = new ArrayList<>();
    private long limit = Long.MAX_VALUE;
    private Fault fault;
    private volatile Thread opening;
    private boolean staysClosed;

    /** Lets messages through up to a sequence. */
    void open(long sequence) {
      lock.lock();
      try {
        limit = Math.max(limit, sequence);
        opened.signalAll();
      } finally {
        lock.unlock();
      }
    }

    /** Lets nothing through after a sequence. */
    void close(long sequence) {
      lock.lock();
      try {
        limit = sequence;
      } finally {
        lock.unlock();
      }
    }

    long limit() {
      lock.lock();
      try {
        return limit;
      } finally {
        lock.unlock();
      }
    }

    /**
     * Opens an engine, which waits until it is level: with what the gate lets through, as if there
     * were no more.
     */
    void opening(Runnable open) {
      opening = Thread.currentThread();
      try {
        open.run();
      } finally {
        opening = null;
      }
    }

    /** Whether what is published from now on is read back only when the gate is opened for it. */
    void stayClosed(boolean value) {
      staysClosed = value;
    }

    void failNextPublish(Fault next) {
      fault = next;
    }

    /** Takes the messages that are on their way. */
    List<Late> takeLate() {
      List<Late> taken = List.copyOf(late);
      late.clear();
      return taken;
    }
  }

  private final ChangeStream stream;
  private final Gate gate;

  GatedStream(ChangeStream stream, Gate gate) {
    this.stream = stream;
    this.gate = gate;
  }

  @Override
  public PublishResult publish(
      byte[] message, String messageId, long expectedLast, Duration timeout) {
    Fault fault = gate.fault;
    gate.fault = null;
    if (fault == Fault.LATE) {
      gate.late.add(new Late(message, messageId, expectedLast));
    }
    if (fault == Fault.LATE || fault == Fault.LOST) {
      throw new PublishInDoubtException("No answer: " + fault, null);
    }
    PublishResult result = stream.publish(message, messageId, expectedLast, timeout);
    if (fault == Fault.ACK_LOST && result instanceof PublishResult.Accepted) {
      throw new PublishInDoubtException("No answer: " + fault, null);
    }
    if (!gate.staysClosed) {
      // Who publishes may wait for what it learns.
      gate.open(
          result instanceof PublishResult.Accepted accepted
              ? accepted.sequence()
              : ((PublishResult.Refused) result).last());
    }
    return result;
  }

  @Override
  public ChangeConsumer consume(long firstSequence) {
    return new GatedConsumer(stream.consume(firstSequence));
  }

  private final class GatedConsumer implements ChangeConsumer {

    private final ChangeConsumer consumer;
    private final Deque<StreamMessage> held = new ArrayDeque<>();

    GatedConsumer(ChangeConsumer consumer) {
      this.consumer = consumer;
    }

    @Override
    public List<StreamMessage> next(int max, Duration wait) throws InterruptedException {
      if (held.isEmpty()) {
        held.addAll(consumer.next(max, wait));
      }
      List<StreamMessage> taken = new ArrayList<>();
      gate.lock.lockInterruptibly();
      try {
        long nanos = wait.toNanos();
        while (!held.isEmpty() && held.peek().sequence() > gate.limit && nanos > 0) {
          nanos = gate.opened.awaitNanos(nanos);
        }
      } finally {
        gate.lock.unlock();
      }
      held.addAll(consumer.next(max, Duration.ZERO)); // what came meanwhile is in the same batch
      gate.lock.lockInterruptibly();
      try {
        while (!held.isEmpty() && taken.size() < max && held.peek().sequence() <= gate.limit) {
          taken.add(held.poll());
        }
      } finally {
        gate.lock.unlock();
      }
      return taken;
    }

    @Override
    public void acknowledge(long sequence) {
      consumer.acknowledge(sequence);
    }

    @Override
    public void close() {
      consumer.close();
    }
  }

  @Override
  public List<String> open() {
    return stream.open();
  }

  @Override
  public boolean isConnected() {
    return stream.isConnected();
  }

  @Override
  public StreamState state() {
    return stream.state();
  }

  @Override
  public long lastSequence() {
    long last = stream.lastSequence();
    return Thread.currentThread() == gate.opening ? Math.min(last, gate.limit()) : last;
  }

  @Override
  public Optional<StreamMessage> read(long sequence) {
    return stream.read(sequence);
  }

  @Override
  public Optional<StreamMessage> next(long afterSequence) {
    return stream.next(afterSequence);
  }

  @Override
  public long firstSequence(DeliverPolicy policy) {
    return stream.firstSequence(policy);
  }

  @Override
  public Optional<ConsumerPosition> consumer(NodeId node) {
    return stream.consumer(node);
  }

  @Override
  public List<ConsumerPosition> consumers() {
    return stream.consumers();
  }

  @Override
  public boolean isLive(NodeId node) {
    return stream.isLive(node);
  }

  @Override
  public void removeConsumer(NodeId node) {
    stream.removeConsumer(node);
  }

  @Override
  public void close() {
    stream.close();
  }
}
