package io.hasqlite.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What happens to three nodes, one step after the other. The same seed gives the same history; a
 * step has a seed of its own, so that a history stays one when steps are left out.
 *
 * @param seed of the schema
 * @param async which nodes publish asynchronously
 * @param steps the steps
 */
record History(long seed, List<Boolean> async, List<Step> steps) {

  static final int NODES = 3;

  private static final int STEPS_MIN = 15;
  private static final int STEPS_MAX = 60;

  /** What is done. */
  enum Kind {
    /** A transaction from its beginning to its end. */
    WRITE(26),
    /** A transaction, or one statement, that may change the schema. */
    SCHEMA(4),
    /** Statements of a transaction that stays open; then it goes on or ends. */
    BEGIN(5),
    CONTINUE(5),
    END(5),
    /** Some messages reach a node. */
    DELIVER(22),
    /** A node that publishes asynchronously sends a message of what waits. */
    SEND(12),
    /** All nodes write, and before what one of them wrote is sent, the others' reaches it. */
    CROSS(10),
    /** A node loses power: its file goes back a few commits. */
    POWER(2),
    /** A node takes a snapshot, whatever it has pending. */
    SNAPSHOT(3),
    /** The stream forgets messages that the latest snapshot has counted. */
    EXPIRE(2),
    /** The engine is closed and opened again. */
    RESTART(2),
    /** A message that the stream has comes once more. */
    REPEAT(4),
    /** Another database writes to the stream. */
    OTHER(2),
    /** The acknowledgement of the node's next message gets lost, or the message, or it is late. */
    FAULT(3),
    /** What is late arrives. */
    LATE(2),
    /** A result set is opened, and stays open for some steps. */
    READ(2);

    private final int weight;

    Kind(int weight) {
      this.weight = weight;
    }
  }

  /** One step. */
  record Step(Kind kind, int node, long seed) {}

  static History of(long seed) {
    Random random = new Random(seed);
    List<Kind> kinds = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      for (int i = 0; i < kind.weight; i++) {
        kinds.add(kind);
      }
    }
    List<Step> steps = new ArrayList<>();
    int count = STEPS_MIN + random.nextInt(STEPS_MAX - STEPS_MIN + 1);
    for (int i = 0; i < count; i++) {
      steps.add(
          new Step(
              kinds.get(random.nextInt(kinds.size())), random.nextInt(NODES), random.nextLong()));
    }
    return new History(seed, async(random), steps);
  }

  /** A third of all histories are synchronous, a third asynchronous, a third mixed. */
  private static List<Boolean> async(Random random) {
    int kind = random.nextInt(3);
    List<Boolean> async = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      async.add(kind == 0 || kind == 1 && random.nextBoolean());
    }
    return async;
  }

  /** Returns this history without some of its steps. */
  History without(int from, int count) {
    List<Step> left = new ArrayList<>(steps.subList(0, from));
    left.addAll(steps.subList(Math.min(steps.size(), from + count), steps.size()));
    return new History(seed, async, left);
  }
}
