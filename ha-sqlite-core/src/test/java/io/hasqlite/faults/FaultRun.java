package io.hasqlite.faults;

import io.hasqlite.testing.FileContent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Three nodes, one of them asynchronous, on one or three servers: plays transactions while faults
 * happen, heals everything, and compares what the nodes have with what the clients were told.
 * Faults happen to each node, and to the servers, one after the other; so up to four at a time.
 */
final class FaultRun implements AutoCloseable {

  private static final int NODES = 3;
  private static final int CLIENTS_PER_NODE = 2;
  private static final int DIFFERENCES_SHOWN = 20;

  /** What the loss of the stream takes, of the time of a run in which it happens. */
  private static final Duration STREAM_LOSS = Duration.ofSeconds(20);

  private static final int STREAM_LOSSES = 2;

  /** Kept disks for two wiped ones: a server of 2.9.10 does not always recover from many. */
  private static final int OTHER_SERVER_FAULTS = 5;

  private static final Duration WORK_BETWEEN = Duration.ofSeconds(2);

  private final Duration duration;
  private final int faultsMin;
  private final int timesEach;
  private final Random random;
  private final FaultTable table;
  private final Journal journal = new Journal();
  private final Servers servers;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Lane> lanes = new ArrayList<>();
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final List<Future<?>> faults = new ArrayList<>();
  private final List<Future<?>> clients = new ArrayList<>();
  private final CountDownLatch faultsEnd = new CountDownLatch(1);
  private final CountDownLatch clientsEnd = new CountDownLatch(1);
  private final List<String> timeline = Collections.synchronizedList(new ArrayList<>());
  private final List<String> uncaught = Collections.synchronizedList(new ArrayList<>());
  private final long start = System.nanoTime();

  /**
   * Prepares a run.
   *
   * @param serverCount 1 or 3
   * @param duration how long faults happen; longer if there are too few by then
   * @param faultsMin how many of them there must be
   * @param timesEach how often each kind must come
   */
  FaultRun(
      Path folder,
      int serverCount,
      long seed,
      Duration duration,
      int faultsMin,
      int timesEach,
      FaultTable table)
      throws Exception {
    this.duration = duration;
    this.faultsMin = faultsMin;
    this.timesEach = timesEach;
    this.random = new Random(seed);
    this.table = table;
    Files.createDirectories(folder);
    servers = new Servers(folder, serverCount, this::note);
    for (int i = 1; i <= NODES; i++) {
      boolean async = i == NODES;
      String name = (async ? "async" : "sync") + i;
      nodes.add(new Node(folder, name, async, servers.all(), this::note, uncaught::add));
    }
  }

  private void note(String what) {
    timeline.add("%7.1f s  %s".formatted((System.nanoTime() - start) / 1e9, what));
  }

  /** Plays, heals and judges; what is wrong with the data is in the table afterwards. */
  void run() throws Exception {
    try {
      startAll();
      play();
      awaitLevel();
      checkHealth();
      for (Node node : nodes) {
        node.stop();
      }
      judge();
    } catch (Exception | AssertionError e) {
      throw new AssertionError(e.getMessage() + "\n" + describe(), e);
    }
  }

  private void startAll() throws Exception {
    for (Node node : nodes) {
      node.start();
      node.awaitRunning();
    }
    Answer made = nodes.get(0).ask("setup").get();
    if (!made.isOk()) {
      throw new AssertionError("The tables could not be made: " + made);
    }
    awaitLevel();
  }

  private void play() throws Exception {
    int faultsBefore = table.total();
    for (Node node : nodes) {
      for (int i = 0; i < CLIENTS_PER_NODE; i++) {
        Client client = newClient();
        String prefix = node.name() + "-" + i + "-";
        clients.add(go(() -> client.write(node, prefix)));
      }
    }
    Client counting = newClient();
    clients.add(go(() -> counting.count(nodes)));
    makeLanes();
    for (Lane lane : lanes) {
      faults.add(go(() -> lane.run(faultsEnd)));
    }
    boolean canLoseStream = servers.all().size() == 1;
    Duration losses = STREAM_LOSS.multipliedBy(canLoseStream ? STREAM_LOSSES : 0);
    awaitFaults(() -> false, duration.minus(losses));
    awaitFaults(
        () -> hadAll() && table.total() - faultsBefore >= faultsMin, duration.multipliedBy(2));
    faultsEnd.countDown();
    awaitAll(faults);
    if (canLoseStream) {
      loseStream();
    }
    note("all faults are over");
    clientsEnd.countDown();
    awaitAll(clients);
  }

  /** Alone, since all nodes are restarted then. */
  private void loseStream() throws Exception {
    LostStream loss = new LostStream(servers, nodes, journal, clientsEnd);
    for (int i = 0; i < STREAM_LOSSES; i++) {
      clientsEnd.await(WORK_BETWEEN.toMillis(), TimeUnit.MILLISECONDS);
      note(Fault.STREAM_LOST.toString());
      loss.happen(i % 2 == 1);
      table.add(Fault.STREAM_LOST);
    }
    clientsEnd.await(WORK_BETWEEN.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Client newClient() {
    return new Client(journal, new Random(random.nextLong()), clientsEnd);
  }

  private interface Task {
    void run() throws Exception;
  }

  private Future<?> go(Task task) {
    return executor.submit(
        () -> {
          task.run();
          return null;
        });
  }

  /** Deals every fault that there is; the rest of the time is filled with any of them. */
  private void makeLanes() {
    List<Fault> toDeal = new ArrayList<>();
    for (int i = 0; i < timesEach; i++) {
      toDeal.addAll(Arrays.asList(Fault.values()));
    }
    toDeal.removeIf(Fault::isOfServer);
    Collections.shuffle(toDeal, random);
    Map<Node, List<Fault>> hands = deal(toDeal);
    for (Node node : nodes) {
      List<Fault> dealt = hands.getOrDefault(node, new ArrayList<>());
      dealt.sort(Comparator.comparing(fault -> fault != Fault.NODE_FROZEN)); // the longest first
      List<Fault> others = new ArrayList<>(toDeal);
      others.removeIf(fault -> !fault.isOf(node));
      others.removeIf(fault -> fault == Fault.NODE_FROZEN); // it would fill a run of its own
      NodeFaults victim = new NodeFaults(node, new Random(random.nextLong()), faultsEnd);
      lanes.add(newLane(node.name(), dealt, others, victim::happen));
    }
    List<Fault> ofServers =
        servers.all().size() == 1
            ? List.of(Fault.SERVER_KILLED)
            : List.of(Fault.SERVER_KILLED, Fault.SERVER_WIPED, Fault.SERVER_WIPED);
    List<Fault> moreOfServers = new ArrayList<>(ofServers);
    moreOfServers.addAll(Collections.nCopies(OTHER_SERVER_FAULTS, Fault.SERVER_KILLED));
    ServerFaults victim = new ServerFaults(servers, new Random(random.nextLong()), faultsEnd);
    lanes.add(newLane("servers", ofServers, moreOfServers, victim::happen));
  }

  /** Gives each fault to the node with the fewest of those to which it can happen. */
  private Map<Node, List<Fault>> deal(List<Fault> faultsToDeal) {
    Map<Node, List<Fault>> hands = new LinkedHashMap<>();
    nodes.forEach(node -> hands.put(node, new ArrayList<>()));
    for (Fault fault : faultsToDeal) {
      hands.entrySet().stream()
          .filter(hand -> fault.isOf(hand.getKey()))
          .min(Comparator.comparingInt(hand -> hand.getValue().size()))
          .orElseThrow()
          .getValue()
          .add(fault);
    }
    return hands;
  }

  private Lane newLane(String name, List<Fault> dealt, List<Fault> others, Lane.Victim victim) {
    return new Lane(name, dealt, others, victim, new Random(random.nextLong()), table, this::note);
  }

  private boolean hadAll() {
    return lanes.stream().allMatch(Lane::hadAll);
  }

  /** Waits until a condition holds or the time is over; fails as soon as a thread has failed. */
  private void awaitFaults(Callable<Boolean> condition, Duration patience) throws Exception {
    Patience.until(
        patience,
        () -> {
          for (List<Future<?>> threads : List.of(faults, clients)) {
            for (Future<?> thread : threads) {
              if (thread.isDone()) {
                thread.get();
              }
            }
          }
          return condition.call();
        });
  }

  private static void awaitAll(List<Future<?>> threads) throws Exception {
    for (Future<?> thread : threads) {
      thread.get(2 * Node.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private void awaitLevel() throws Exception {
    servers.awaitReplicas();
    long end = servers.lastSequence();
    for (Node node : nodes) {
      boolean level =
          Patience.until(
              Node.PATIENCE,
              () -> {
                NodeStatus status = node.status();
                return status != null && status.isLevel() && status.position() >= end;
              });
      if (!level) {
        throw new AssertionError(node.name() + " does not become level with " + end);
      }
    }
  }

  private void checkHealth() throws Exception {
    if (!uncaught.isEmpty()) {
      throw new AssertionError("Nobody caught " + uncaught);
    }
    for (Node node : nodes) {
      NodeStatus status = node.status();
      if (status == null || !status.deadThreads().equals("-")) {
        throw new AssertionError("Threads of " + node.name() + " are dead: " + status);
      }
    }
  }

  private void judge() throws SQLException {
    List<String> first = List.of();
    for (Node node : nodes) {
      try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + node.file())) {
        checkFile(node, connection);
        table.add(
            node.name(),
            journal.judge(
                numbers(connection, "SELECT id, 1 FROM entries").keySet(),
                numbers(connection, "SELECT id, value FROM counters")));
        List<String> content = FileContent.of(node.file());
        if (node == nodes.get(0)) {
          first = content;
        } else {
          compare(node.name(), first, content);
        }
      }
    }
    table.add(journal);
  }

  private void checkFile(Node node, Connection connection) throws SQLException {
    String integrity = one(connection, "PRAGMA integrity_check");
    if (!integrity.equals("ok")) {
      table.addDiverged(node.name() + " is damaged: " + integrity);
    }
    String wrong = Workload.perform(connection, "totals", new String[0]);
    String pairs = one(connection, "SELECT count(*) FROM checking");
    if (!wrong.equals("0") || !pairs.equals(String.valueOf(Workload.PAIRS))) {
      table.addDiverged(node.name() + " has " + wrong + " of " + pairs + " pairs without total");
    }
  }

  private static String one(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getString(1) : "";
    }
  }

  private static Map<String, Long> numbers(Connection connection, String sql) throws SQLException {
    Map<String, Long> numbers = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        numbers.put(row.getString(1), row.getLong(2));
      }
    }
    return numbers;
  }

  private void compare(String name, List<String> first, List<String> content) {
    List<String> missing = new ArrayList<>(first);
    missing.removeAll(new HashSet<>(content));
    List<String> more = new ArrayList<>(content);
    more.removeAll(new HashSet<>(first));
    missing.stream()
        .limit(DIFFERENCES_SHOWN)
        .forEach(line -> table.addDiverged(name + " lacks " + line));
    more.stream()
        .limit(DIFFERENCES_SHOWN)
        .forEach(line -> table.addDiverged(name + " alone has " + line));
    if (first.size() != content.size()) {
      table.addDiverged(name + " has " + content.size() + " instead of " + first.size() + " lines");
    }
  }

  /** Returns all that is needed to find out what went wrong. */
  String describe() throws Exception {
    StringBuilder text = new StringBuilder("Timeline:\n");
    synchronized (timeline) {
      timeline.forEach(line -> text.append(line).append('\n'));
    }
    for (Node node : nodes) {
      text.append(node.describe());
    }
    return text.append(table).toString();
  }

  @Override
  public void close() throws InterruptedException {
    faultsEnd.countDown();
    clientsEnd.countDown();
    executor.shutdownNow();
    for (Node node : nodes) {
      node.close();
    }
    executor.awaitTermination(Node.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    servers.close();
  }
}
