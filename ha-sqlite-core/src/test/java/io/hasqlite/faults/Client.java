package io.hasqlite.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Users of the nodes: each writes one transaction after the other and records what it was told. See
 * {@link Workload} for what is written.
 */
final class Client {

  private static final Duration THINKING = Duration.ofMillis(20);

  private final Journal journal;
  private final Random random;
  private final CountDownLatch stop;

  /**
   * Creates a client.
   *
   * @param stop ends it
   */
  Client(Journal journal, Random random, CountDownLatch stop) {
    this.journal = journal;
    this.random = random;
    this.stop = stop;
  }

  private boolean isStopped() throws InterruptedException {
    return stop.await(THINKING.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Answer ask(Node node, String what) throws Exception {
    try {
      return node.ask(what).get(Node.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(
          node.name() + " did not answer \"" + what + "\" within " + Node.PATIENCE, e);
    }
  }

  /**
   * Makes and removes entries, and transfers, on one node.
   *
   * @param prefix what its keys begin with
   */
  void write(Node node, String prefix) throws Exception {
    List<String> there = new ArrayList<>();
    for (int i = 0; !isStopped(); i++) {
      if (!node.isAlive()) {
        continue;
      }
      int choice = random.nextInt(100);
      if (choice < 20 && !there.isEmpty()) {
        String key = there.remove(random.nextInt(there.size()));
        journal.deleted(key, ask(node, "delete " + key));
      } else if (choice < 90) {
        String key = prefix + i;
        boolean transfer = choice < 50;
        Answer answer = ask(node, transfer ? transfer(key) : "insert " + key);
        journal.inserted(key, answer);
        if (answer.isOk()) {
          there.add(key);
        }
      } else {
        Answer wrong = ask(node, "totals");
        if (wrong.isOk() && !wrong.text().equals("0")) {
          throw new AssertionError(
              node.name() + " shows " + wrong.text() + " pairs without their total");
        }
      }
    }
  }

  private String transfer(String key) {
    int pair = 1 + random.nextInt(Workload.PAIRS);
    int amount = 1 + random.nextInt(50);
    return "transfer " + key + " " + pair + " " + (random.nextBoolean() ? amount : -amount);
  }

  /** Raises counters, each time on any node. */
  void count(List<Node> nodes) throws Exception {
    for (long counter = 1; !isStopped(); counter++) {
      Node node = any(nodes);
      if (node.isAlive()) {
        Answer answer = ask(node, "count " + counter);
        journal.counted(counter, answer.isOkHere() ? 0 : -1, answer);
        if (answer.isOkHere()) {
          raise(nodes, counter);
        }
      }
    }
  }

  /** Raises a new counter until one raise is in doubt, or not to be seen yet. */
  private void raise(List<Node> nodes, long counter) throws Exception {
    long value = 0;
    while (!isStopped()) {
      Node node = any(nodes);
      if (!node.isAlive()) {
        continue;
      }
      Answer answer = ask(node, "raise " + counter + " " + value);
      if (answer.isOk() && answer.text().equals(Workload.OTHER_VALUE)) {
        continue;
      }
      if (answer.isOkHere()) {
        value++;
      }
      journal.counted(counter, value, answer);
      if (answer.outcome() == Answer.Outcome.IN_DOUBT || answer.isOk() && !answer.isOkHere()) {
        return;
      }
    }
  }

  private Node any(List<Node> nodes) {
    return nodes.get(random.nextInt(nodes.size()));
  }
}
