package io.hasqlite.benchmarks;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What an asynchronous writer has left to others when the measured time ends; it counts as if it
 * were part of it.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.EVENTS)
public class DrainCounter {

  private long nanos;

  /** Waits until nothing is left. */
  @TearDown(Level.Iteration)
  public void drain(LocalState measured) {
    nanos = measured.drain();
  }

  /** Returns how long that took, in nanoseconds. JMH asks when all is torn down. */
  public long drainNanos() {
    return nanos;
  }
}
