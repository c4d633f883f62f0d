package io.hasqlite.benchmarks;

import io.nats.client.JetStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Publishes the same bytes again and again with jnats, one message at a time. */
final class PlainPublisher implements AutoCloseable {

  private final Lab lab;
  private final String stream;
  private final JetStream jetStream;
  private final byte[] body;

  PlainPublisher(Lab lab, byte[] body) throws Exception {
    this.lab = lab;
    this.stream = lab.stream();
    this.jetStream = lab.nats().jetStream();
    this.body = body;
  }

  /** Returns how many messages a second are acknowledged, each before the next one. */
  double rate(long millis) throws Exception {
    long start = System.nanoTime();
    long end = start + TimeUnit.MILLISECONDS.toNanos(millis);
    long messages = 0;
    while (System.nanoTime() < end) {
      jetStream.publish(stream, body);
      messages++;
    }
    return messages / ((System.nanoTime() - start) / 1e9);
  }

  /** Publishes at a steady pace; returns how long each took, in nanoseconds. */
  long[] paced(int perSecond, long millis) throws Exception {
    long[] times = new long[(int) (perSecond * millis / 1_000)];
    Pace pace = new Pace(perSecond);
    for (int i = 0; i < times.length; i++) {
      pace.await(i);
      long start = System.nanoTime();
      jetStream.publish(stream, body);
      times[i] = System.nanoTime() - start;
    }
    return times;
  }

  /** A steady pace. */
  record Pace(long start, long interval) {

    Pace(int perSecond) {
      this(System.nanoTime(), TimeUnit.SECONDS.toNanos(1) / perSecond);
    }

    void await(int number) {
      long due = start + number * interval;
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
    }
  }

  @Override
  public void close() throws Exception {
    lab.deleteStream(stream);
  }
}
