package io.hasqlite.engine;

import io.hasqlite.Origin;
import io.hasqlite.Threads;
import io.hasqlite.apply.AppliedPosition;
import io.hasqlite.apply.Fence;
import io.hasqlite.apply.FenceMessages;
import io.hasqlite.apply.Fences;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.PublishInDoubtException;
import io.hasqlite.stream.PublishResult;
import io.hasqlite.stream.StreamException;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens and ends fences for this node, and ends those whose holder is gone. No clock decides
 * anything: who finds the holder silent for too long says so in the stream, and at that place the
 * fence is over for all nodes, its holder included, rightly or not.
 *
 * <p>Messages about fences pass the outbox by: what waits there may wait for the fence.
 */
final class FenceKeeper implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(FenceKeeper.class);

  private static final Duration RETRY_WAIT = Duration.ofMillis(200);

  /**
   * How long the holder waits until all nodes have come to the fence, of which some may be away.
   */
  private static final Duration SETTLE_MAX = Duration.ofSeconds(1);

  private static final Duration SETTLE_PAUSE = Duration.ofMillis(10);

  /** A holder that lives is asked so often within its expiry that one lost answer does no harm. */
  private static final int PROBES_PER_EXPIRY = 4;

  private static final Duration PROBE_INTERVAL_MAX = Duration.ofSeconds(2);

  private final String name;
  private final Origin origin;
  private final String filename;
  private final ChangeStream stream;
  private final ChangeSetCodec codec;
  private final Fences fences;
  private final AppliedPosition position;
  private final Supplier<@Nullable String> whyNotSendable;
  private final Duration publishTimeout;
  private final Set<String> tokens =
      ConcurrentHashMap.newKeySet(); // of what is wanted or held here
  private final Thread thread;
  private volatile boolean started;
  private volatile boolean stopped;

  /**
   * Creates a keeper that is not started.
   *
   * @param name the database's name, for the thread and the log
   * @param origin this node in this life of the engine
   * @param whyNotSendable why nothing may be published at the moment; null if it may
   */
  FenceKeeper(
      String name,
      Origin origin,
      String filename,
      ChangeStream stream,
      ChangeSetCodec codec,
      Fences fences,
      AppliedPosition position,
      Supplier<@Nullable String> whyNotSendable,
      Duration publishTimeout) {
    this.name = name;
    this.origin = origin;
    this.filename = filename;
    this.stream = stream;
    this.codec = codec;
    this.fences = fences;
    this.position = position;
    this.whyNotSendable = whyNotSendable;
    this.publishTimeout = publishTimeout;
    this.thread = new Thread(this::watch, "ha-sqlite-fences-" + name);
    thread.setDaemon(true);
  }

  void start() {
    started = true;
    thread.start();
  }

  /** Tells whether another node's fence keeps this one from publishing. */
  boolean isHeldByAnother() {
    Fence open = fences.open();
    return open != null && !open.holder().equals(origin);
  }

  /**
   * Runs something while nobody else commits; as part of what this thread runs so already, if it
   * does.
   */
  <T> T run(FenceOptions options, Callable<T> action) throws Exception {
    if (fences.isHeldHere()) {
      return action.call();
    }
    String token = UUID.randomUUID().toString();
    tokens.add(token);
    try {
      Fence fence = open(token, options);
      log.info("Database {}: {} is open, all others wait", name, fence);
      fences.enter(token);
      try {
        return action.call();
      } finally {
        fences.leave();
        end(fence);
      }
    } finally {
      tokens.remove(token); // what is still open under it is ended by the thread
      fences.wakeUp();
    }
  }

  private Fence open(String token, FenceOptions options) {
    long end = System.nanoTime() + options.timeout().toNanos();
    String problem = null;
    int attempt = 1;
    try {
      while (true) {
        if (!fences.await(
            open -> open == null || isMine(open, token), left(end), this::isStopped)) {
          throw notHad(options, "it is waited for " + fences.open(), null);
        }
        Fence open = fences.open();
        if (open != null && isMine(open, token)) {
          settle(open, end);
          return open;
        }
        if (isStopped() || left(end).isZero()) {
          throw notHad(options, problem == null ? "its message did not come back" : problem, null);
        }
        problem = tryToOpen(token, attempt, options, end);
        if (problem == null) {
          attempt++; // the stream knows what it has answered, and would not take it again
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw notHad(options, "the wait was interrupted", e);
    }
  }

  /** Publishes and waits until it is known what became of it; returns what went wrong. */
  private @Nullable String tryToOpen(String token, int attempt, FenceOptions options, long end)
      throws InterruptedException {
    try {
      long sequence =
          publish(
              FenceMessages.open(origin, filename, token, options.purpose(), options.expiry()),
              "open:" + token + ":" + attempt);
      position.await(sequence, left(end), this::isStopped);
      return null;
    } catch (StreamException | PublishInDoubtException e) {
      fences.await(open -> open != null, min(RETRY_WAIT, left(end)), this::isStopped);
      return e.getMessage();
    }
  }

  private FenceException notHad(FenceOptions options, String why, @Nullable Exception cause) {
    return new FenceException(
        "Node "
            + origin.node()
            + " could not have database \""
            + name
            + "\" for itself ("
            + options.purpose()
            + ") within "
            + options.timeout()
            + ": "
            + why
            + ". See whether NATS can be reached and what the holder does, then try again",
        cause);
  }

  /**
   * Waits until all nodes know the fence: afterwards only what is in doubt can come from others. A
   * node that is away is not waited for; what it sends makes a transaction of the holder fail with
   * 40001 at worst.
   */
  private void settle(Fence fence, long end) throws InterruptedException {
    long until = Math.min(end, System.nanoTime() + SETTLE_MAX.toNanos());
    try {
      while (System.nanoTime() < until
          && stream.consumers().stream()
              .anyMatch(node -> node.acknowledgedSequence() < fence.number())) {
        fences.await(open -> !fence.equals(open), SETTLE_PAUSE, this::isStopped);
      }
      position.await(stream.lastSequence(), left(until), this::isStopped);
    } catch (StreamException e) {
      log.debug("Database {}: not known whether all nodes have come to {}", name, fence, e);
    }
  }

  private long publish(ChangeSet message, String id) {
    String why = whyNotSendable.get();
    if (why != null) {
      throw new StreamException(why, true, null);
    }
    PublishResult result =
        stream.publish(
            codec.encode(message),
            Long.toHexString(origin.processId()) + ":fence-" + id,
            ChangeStream.ANY,
            publishTimeout);
    if (result instanceof PublishResult.Accepted accepted) {
      return accepted.sequence();
    }
    throw new IllegalStateException("The stream refused a message that expected nothing");
  }

  /** Publishes that a fence is over, and waits until this node knows it. */
  private void end(Fence fence) {
    try {
      long sequence =
          publish(FenceMessages.end(origin, filename, fence.number()), "end:" + fence.number());
      position.await(sequence, publishTimeout, this::isStopped);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (StreamException | PublishInDoubtException e) {
      log.warn("Database {}: {} could not be ended yet: {}", name, fence, e.getMessage());
    }
  }

  private void watch() {
    try {
      while (!stopped) {
        fences.await(
            open -> open != null && !isHeldHere(open), Duration.ofDays(1), this::isStopped);
        Fence open = fences.open();
        if (!stopped && open != null && !isHeldHere(open)) {
          watch(open);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  /** Watches a fence until it is over. */
  private void watch(Fence fence) throws InterruptedException {
    Duration pause = min(fence.expiry().dividedBy(PROBES_PER_EXPIRY), PROBE_INTERVAL_MAX);
    long silentSince = 0;
    boolean silent = false;
    while (!stopped && fence.equals(fences.open())) {
      boolean gone = isOfThisNode(fence);
      if (!gone) {
        Boolean alive = isAlive(fence);
        if (alive == null || alive) {
          silent = false;
        } else if (!silent) {
          silent = true;
          silentSince = System.nanoTime();
        } else {
          gone = System.nanoTime() - silentSince >= fence.expiry().toNanos();
        }
      }
      if (gone) {
        log.warn("Database {}: {} is ended, since its holder is gone", name, fence);
        end(fence);
      }
      fences.await(open -> !fence.equals(open), gone ? RETRY_WAIT : pause, this::isStopped);
    }
  }

  /** Returns null where that cannot be found out. */
  private @Nullable Boolean isAlive(Fence fence) {
    try {
      return stream.isLive(fence.holder().node());
    } catch (StreamException e) {
      log.debug("Database {}: {} cannot be asked for", name, fence, e);
      return null;
    }
  }

  /** One that this process does not hold was left behind, by an earlier process perhaps. */
  private boolean isOfThisNode(Fence fence) {
    return fence.holder().node().equals(origin.node());
  }

  private boolean isHeldHere(Fence fence) {
    return tokens.contains(fence.token());
  }

  private static boolean isMine(Fence fence, String token) {
    return fence.token().equals(token);
  }

  private boolean isStopped() {
    return stopped;
  }

  private static Duration left(long end) {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** Ends the fences that this node still has. May be called twice. */
  @Override
  public void close() {
    if (stopped) {
      return;
    }
    stopped = true;
    fences.wakeUp();
    thread.interrupt();
    if (started) {
      Threads.awaitEnd(thread);
    }
    Fence open = fences.open();
    if (open != null && isHeldHere(open)) {
      end(open);
    }
  }
}
