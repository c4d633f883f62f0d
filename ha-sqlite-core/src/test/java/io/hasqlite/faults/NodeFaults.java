package io.hasqlite.faults;

import io.hasqlite.FaultPoint;
import io.hasqlite.testing.TcpProxy;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Lets one fault after the other happen to a node, and waits each time until it has recovered. */
final class NodeFaults {

  /** Longer than a server waits for an acknowledgement (30 s) or for two pongs (10 s). */
  private static final Duration FREEZE = Duration.ofSeconds(32);

  /** How long to wait for something that traffic brings about. */
  private static final Duration OPPORTUNITY = Duration.ofSeconds(20);

  private static final String DISK_FULL = "53100";
  private static final String IO_ERROR = "58030";

  private final Node node;
  private final Random random;
  private final CountDownLatch stop;

  /**
   * Owns a node.
   *
   * @param stop ends what lasts
   */
  NodeFaults(Node node, Random random, CountDownLatch stop) {
    this.node = node;
    this.random = random;
    this.stop = stop;
  }

  /** Lets a fault happen; false if there was no opportunity. The node runs afterwards. */
  boolean happen(Fault fault) throws Exception {
    boolean happened =
        switch (fault) {
          case NODE_KILLED -> kill();
          case NODE_KILLED_AFTER_PUBLISH -> dieAt(FaultPoint.PUBLISHED, FaultPoint.COMMITTED);
          case NODE_KILLED_BEFORE_RELAY -> dieBeforeRelay();
          case NODE_KILLED_WHILE_APPLYING -> dieAt(FaultPoint.APPLYING, FaultPoint.APPLIED);
          case NODE_KILLED_WHILE_SNAPSHOTTING -> dieWhileSnapshotting();
          case NODE_KILLED_WHILE_RESTORING -> dieWhileRestoring();
          case NODE_FROZEN -> freeze();
          case NETWORK_CUT -> cut();
          case NETWORK_CUT_ONE_WAY -> cutOneWay();
          case NETWORK_SLOW -> slow();
          case CONNECTION_RESET, ACKNOWLEDGEMENT_LOST -> springTrap(fault);
          case DISK_FULL -> fillDisk();
          case FILE_NOT_WRITABLE -> forbidWriting();
          case CLOCK_JUMP -> jump();
          case SERVER_KILLED, SERVER_WIPED, STREAM_LOST ->
              throw new IllegalArgumentException("Not of a node");
        };
    node.awaitRunning();
    return happened;
  }

  private void last(int millisMin, int millisMax) throws InterruptedException {
    stop.await(millisMin + random.nextInt(millisMax - millisMin), TimeUnit.MILLISECONDS);
  }

  private WorkerProcess worker() {
    return Objects.requireNonNull(node.worker());
  }

  private boolean kill() throws Exception {
    node.kill();
    last(1, 2_000);
    node.start();
    return true;
  }

  private FaultPoint either(FaultPoint one, FaultPoint other) {
    return random.nextInt(3) > 0 ? one : other;
  }

  private boolean dieAt(FaultPoint usually, FaultPoint sometimes) throws Exception {
    node.ask("dieAt " + either(usually, sometimes)).get();
    return restartIfDead(node.diedAtFaultPoint());
  }

  private boolean dieBeforeRelay() throws Exception {
    return random.nextInt(3) == 0
        ? dieAt(FaultPoint.OUTBOX_WRITTEN, FaultPoint.OUTBOX_WRITTEN)
        : dieAt(FaultPoint.COMMITTED, FaultPoint.RELAYED);
  }

  private boolean restartIfDead(boolean died) throws Exception {
    if (!died && worker().isAlive()) {
      node.ask("dieAt -").get();
    }
    if (!worker().isAlive()) {
      boolean atFaultPoint = died || node.diedAtFaultPoint();
      node.start();
      return atFaultPoint;
    }
    return false;
  }

  private boolean dieWhileSnapshotting() throws Exception {
    node.ask("dieAt " + either(FaultPoint.SNAPSHOT_COPIED, FaultPoint.SNAPSHOT_STORED)).get();
    Patience.until(
        OPPORTUNITY,
        () -> {
          node.ask("snapshot").get();
          return !node.isAlive();
        });
    return restartIfDead(!node.isAlive() && node.diedAtFaultPoint());
  }

  private boolean dieWhileRestoring() throws Exception {
    boolean hasSnapshot =
        Patience.until(
            OPPORTUNITY, () -> node.ask("snapshot").get().text().contains("StoredSnapshot"));
    if (!hasSnapshot) {
      return false;
    }
    node.kill();
    node.deleteFiles();
    boolean died = node.startDyingAt(FaultPoint.RESTORING);
    node.kill();
    node.start();
    return died;
  }

  private boolean freeze() throws Exception {
    worker().freeze();
    try {
      return !stop.await(FREEZE.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      worker().thaw();
    }
  }

  private boolean cut() throws Exception {
    node.network().forEach(TcpProxy::refuse);
    last(500, 4_000);
    node.healNetwork();
    return true;
  }

  private boolean cutOneWay() throws Exception {
    boolean ofRequests = random.nextBoolean();
    node.network().forEach(ofRequests ? TcpProxy::holdRequests : TcpProxy::holdAnswers);
    last(2_000, 7_000);
    if (random.nextBoolean()) {
      node.network().forEach(TcpProxy::cut);
    }
    node.healNetwork();
    return true;
  }

  private boolean slow() throws Exception {
    Duration delay = Duration.ofMillis(20 + random.nextInt(200));
    node.network().forEach(proxy -> proxy.slow(delay));
    last(2_000, 6_000);
    node.healNetwork();
    return true;
  }

  private boolean springTrap(Fault fault) throws Exception {
    String publish = "HPUB " + Servers.SUBJECT + " ";
    var traps =
        node.network().stream()
            .map(
                proxy ->
                    fault == Fault.CONNECTION_RESET
                        ? proxy.resetInside(publish)
                        : proxy.loseAcknowledgementOf(publish))
            .toList();
    boolean sprung = Patience.until(OPPORTUNITY, () -> traps.stream().anyMatch(Future::isDone));
    node.healNetwork();
    return sprung;
  }

  private boolean fillDisk() throws Exception {
    node.kill();
    boolean full = node.startWithDiskFull();
    if (!full) {
      full = Patience.until(OPPORTUNITY, () -> worker().hasSeen(DISK_FULL) || isRetrying());
      last(1, 1_000);
    }
    node.kill();
    node.start();
    return full;
  }

  private boolean isRetrying() throws Exception {
    NodeStatus status = node.status();
    return status != null && status.isRetrying();
  }

  private boolean forbidWriting() throws Exception {
    worker().setFilesWritable(false);
    boolean noticed = Patience.until(OPPORTUNITY, () -> worker().hasSeen(IO_ERROR) || isRetrying());
    last(1, 1_000);
    worker().setFilesWritable(true);
    return noticed;
  }

  private boolean jump() throws Exception {
    return node.moveClock(Duration.ofMinutes(random.nextInt(12 * 60) - 6 * 60));
  }
}
