package io.hasqlite.stream;

import java.time.Duration;

/**
 * How nodes find out whether somebody still does what he said that he does: while he does it, his
 * process answers. Safe for use by several threads.
 */
public interface LifeSigns {

  /**
   * Answers whoever asks for a name from now on, over every reconnect, until the result is closed.
   *
   * @param name unique in the cluster: letters, digits and hyphens
   */
  AutoCloseable give(String name);

  /**
   * Asks whether anybody gives signs under a name. Waits for the answer.
   *
   * @return false if nobody answered in time
   * @throws StreamException if this node itself is cut off, so that silence says nothing
   */
  boolean areGiven(String name, Duration timeout);
}
