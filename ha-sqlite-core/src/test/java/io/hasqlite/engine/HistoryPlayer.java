package io.hasqlite.engine;

import io.hasqlite.engine.GatedStream.Fault;
import io.hasqlite.engine.GatedStream.Gate;
import io.hasqlite.engine.History.Kind;
import io.hasqlite.engine.History.Step;
import io.hasqlite.engine.RandomSql.Sql;
import io.hasqlite.stream.PublishInDoubtException;
import io.hasqlite.stream.StoredSnapshot;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.StreamOptions;
import io.hasqlite.testing.TestNode;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.PurgeOptions;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.nats.client.support.NatsJetStreamConstants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Plays a history on three engines with files of their own. All steps are done by one thread, and a
 * node reads no further than the history says: so the same history always ends the same.
 */
final class HistoryPlayer implements AutoCloseable {

  private static final String DATABASE = "convergence";
  private static final int CONNECTIONS = 3;
  private static final int REMEMBERED_MAX = 4;
  private static final long LEDGER_AGE = 3;
  private static final String IN_DOUBT = "08007";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofMillis(200);

  private final History history;
  private final Path folder;
  private final String url;
  private final io.nats.client.Connection nats;
  private final String stream;
  private final RandomSchema schema;
  private final List<Node> nodes = new ArrayList<>();
  private final List<String> trace = new ArrayList<>();
  private final Set<Long> acknowledged = new HashSet<>();
  private final Set<Long> rolledBack = new HashSet<>();
  private final Set<Long> deleted = new HashSet<>();
  private final Set<Long> perhapsDeleted = new HashSet<>();
  private final AtomicInteger rebases = new AtomicInteger();
  private final List<MessageInfo> forgotten = new ArrayList<>();
  private long snapshotAt;
  private long lastLedger;
  private long lastMessage;

  HistoryPlayer(
      History history, Path folder, String url, io.nats.client.Connection nats, String stream) {
    this.history = history;
    this.folder = folder;
    this.url = url;
    this.nats = nats;
    this.stream = stream;
    this.schema = new RandomSchema(new Random(history.seed()));
  }

  /** Returns what was done so far. */
  List<String> trace() {
    return trace;
  }

  /** Returns how often transactions of other nodes came below pending ones. */
  int rebases() {
    return rebases.get();
  }

  /** Plays the history; throws where an invariant is broken. */
  void play() throws Exception {
    makeStream(stream);
    List<String> names = List.of("a", "b", "c");
    for (int i = 0; i < names.size(); i++) {
      nodes.add(new Node(names.get(i), stream, history.async().get(i)));
    }
    makeSchema();
    for (int i = 0; i < history.steps().size(); i++) {
      Step step = history.steps().get(i);
      Node node = nodes.get(step.node());
      trace.add(
          i
              + ": "
              + step.kind()
              + " "
              + node.name
              + (node.async ? " (async, " + node.pending() + " pending)" : "")
              + " at "
              + node.position());
      try {
        node.step(step.kind(), new Random(step.seed()));
      } catch (SQLException e) {
        throw new AssertionError("Step " + i + " failed: " + e, e);
      }
    }
    finish();
  }

  private void say(String what) {
    trace.set(trace.size() - 1, trace.get(trace.size() - 1) + "\n      " + what);
  }

  private void makeSchema() throws Exception {
    Node first = nodes.get(0);
    trace.add("schema");
    first.gate.open(Long.MAX_VALUE);
    try (Statement statement = first.connection(0).createStatement()) {
      first.connection(0).setAutoCommit(false);
      statement.execute("CREATE TABLE ledger(n INTEGER PRIMARY KEY)");
      for (String sql : schema.sql()) {
        try {
          statement.execute(sql);
          say(sql);
        } catch (SQLException e) {
          say(sql + " -> " + e.getMessage());
        }
      }
      first.connection(0).commit();
      first.connection(0).setAutoCommit(true);
    }
    for (Node node : nodes) {
      node.gate.close(node.position());
    }
    first.gate.close(lastSequence());
    Random random = new Random(history.seed());
    for (Node node : nodes) {
      node.gate.open(lastSequence());
      node.settle();
    }
    for (int i = 0; i < 4; i++) {
      first.run(0, new RandomSql(random, schema.tables()).rows());
    }
    first.sendAll();
    for (Node node : nodes) {
      node.gate.open(lastSequence());
      node.settle();
      node.remember();
    }
  }

  private void finish() throws Exception {
    trace.add("end");
    for (Node node : nodes) {
      node.end(true);
      node.settle();
    }
    for (Node node : nodes) {
      node.arrive();
      node.sendAll();
    }
    long end = lastSequence();
    for (Node node : nodes) {
      node.gate.open(end);
      node.await(end);
      if (node.pending() > 0) {
        throw new AssertionError(
            "Node " + node.name + ": a pending transaction never came back: " + node.pending());
      }
    }
    Node fresh = new Node("fresh", wholeStream(), false);
    nodes.add(fresh);
    fresh.await(end);
    Map<String, List<String>> expected = fresh.content();
    if (!expected.get("integrity").isEmpty()) {
      throw new AssertionError("The fresh node's file is not sound: " + expected.get("integrity"));
    }
    StringBuilder differences = new StringBuilder();
    for (Node node : nodes) {
      String difference = DatabaseContent.difference(node.content(), expected);
      if (!difference.isEmpty()) {
        differences
            .append("\n  node ")
            .append(node.name)
            .append(" against the fresh one:")
            .append(difference);
      }
    }
    if (!differences.isEmpty()) {
      throw new AssertionError("The nodes differ:" + differences);
    }
    checkLedger(new HashSet<>(expected.get("table ledger")));
  }

  /** Like the engine's own, but messages can be removed. */
  private void makeStream(String name) throws Exception {
    management()
        .addStream(
            StreamConfiguration.builder()
                .name(name)
                .subjects(name, name + ".>")
                .storageType(StorageType.File)
                .build());
  }

  /** Returns the name of a stream that has everything, what the other one has forgotten, too. */
  private String wholeStream() throws Exception {
    if (forgotten.isEmpty()) {
      return stream;
    }
    remember(management().getStreamInfo(stream).getStreamState().getLastSequence());
    makeStream(whole());
    for (MessageInfo message : forgotten) {
      boolean ours = subject().equals(message.getSubject());
      nats.jetStream().publish(whole() + (ours ? "." + DATABASE : ".other"), message.getData());
    }
    return whole();
  }

  private String whole() {
    return stream + "-whole";
  }

  private void remember(long upTo) throws Exception {
    for (long sequence = forgotten.size() + 1; sequence <= upTo; sequence++) {
      forgotten.add(management().getMessage(stream, sequence));
    }
  }

  private void expire(Random random) throws Exception {
    long upTo = snapshotAt - List.of(0, 0, 2).get(random.nextInt(3));
    if (upTo < 1) {
      return;
    }
    remember(upTo);
    management().purgeStream(stream, PurgeOptions.builder().sequence(upTo + 1).build());
    say("forgotten up to " + upTo);
    for (Node node : nodes) {
      node.end(true);
      if (node.position() < upTo) {
        if (random.nextInt(4) > 0) {
          node.restart(random);
        } else {
          node.gate.open(upTo);
        }
        node.await(upTo);
        node.gate.open(node.position());
        say(node.name + " was behind, and is at " + node.position());
      }
    }
  }

  private void checkLedger(Set<String> present) {
    for (long n = 1; n <= lastLedger; n++) {
      boolean isPresent = present.contains("rowid " + n + ", integer " + n);
      if (!isPresent && acknowledged.contains(n) && !perhapsDeleted.contains(n)) {
        throw new AssertionError("Transaction " + n + " was acknowledged and is lost");
      }
      if (isPresent && rolledBack.contains(n)) {
        throw new AssertionError("Transaction " + n + " was rolled back and took effect");
      }
      if (isPresent && deleted.contains(n)) {
        throw new AssertionError("Transaction " + n + " took effect again");
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private JetStreamManagement management() throws IOException {
    return nats.jetStreamManagement();
  }

  private String subject() {
    return stream + "." + DATABASE;
  }

  private long lastSequence() throws IOException {
    try {
      return management().getLastMessage(stream, subject()).getSeq();
    } catch (JetStreamApiException e) {
      return 0;
    }
  }

  private void publish(String subject, byte[] body, String messageId, long expectedLast)
      throws Exception {
    Headers headers = new Headers();
    headers.add(NatsJetStreamConstants.MSG_ID_HDR, messageId);
    if (expectedLast >= 0) {
      headers.add(NatsJetStreamConstants.EXPECTED_LAST_SUB_SEQ_HDR, Long.toString(expectedLast));
    }
    try {
      say("stored at " + nats.jetStream().publish(subject, headers, body).getSeqno());
    } catch (JetStreamApiException e) {
      say("refused: " + e.getMessage());
    }
  }

  @Override
  public void close() throws Exception {
    for (Node node : nodes) {
      node.close();
    }
    try {
      if (!forgotten.isEmpty()) {
        management().deleteStream(whole());
      }
      management().deleteStream("OBJ_" + stream + "_SNAPSHOTS");
    } catch (JetStreamApiException e) {
      trace.add("not deleted: " + e.getMessage()); // there was none
    }
    try {
      management().deleteStream(stream);
    } catch (JetStreamApiException e) {
      if (nodes.isEmpty()) {
        return; // it was never made
      }
      throw e;
    }
  }

  /** A node's file as it was, and which transactions were acknowledged after that. */
  private record Remembered(Path copy, List<Long> acknowledgedAfter) {}

  /** A node and what the application does on it. */
  private final class Node {

    private final String name;
    private final boolean async;
    private final Gate gate = new Gate();
    private final TestNode node;
    private final Deque<Remembered> remembered = new ArrayDeque<>();
    private final Connection[] connections = new Connection[CONNECTIONS];
    private int open = -1;
    private ResultSet reading;

    Node(String name, String stream, boolean async) {
      this.name = name;
      this.async = async;
      node =
          TestNode.start(
              folder,
              name,
              url,
              options ->
                  options.databaseName(DATABASE).stream(StreamOptions.defaults().withName(stream))
                      .publisherAsync(async)
                      .relayStarted(false)
                      .outboxFolder(
                          history.seed() % 2 == 0 ? folder.resolve(name + "-outbox") : null)
                      .snapshotInterval(Duration.ofHours(1))
                      .pragmas(Map.of("busy_timeout", "200"))
                      .listener(
                          new EngineListener() {
                            @Override
                            public void rebased(long transactions) {
                              rebases.incrementAndGet();
                            }
                          })
                      .streamWrapper(original -> new GatedStream(original, gate)));
    }

    long position() {
      return node.engine().status().position();
    }

    long pending() {
      return node.engine().status().backlog().transactions();
    }

    /** Sends all that waits, whatever gets lost on the way. */
    void sendAll() throws SQLException {
      while (async && send()) {
        trace.add("sent by " + name);
      }
    }

    private boolean send() throws SQLException {
      gate.stayClosed(true);
      try {
        return node.engine().sendNext();
      } catch (StreamException | PublishInDoubtException e) {
        say("not sent: " + e.getMessage());
        return true;
      } finally {
        gate.stayClosed(false);
      }
    }

    /** A change of the schema waits until nothing is pending. */
    private void drain() throws Exception {
      sendAll();
      gate.open(lastSequence());
      settle();
    }

    Connection connection(int i) throws SQLException {
      if (connections[i] == null) {
        connections[i] = node.connect();
      }
      return connections[i];
    }

    /** Reads through a connection of its own: another may still read an older state. */
    Map<String, List<String>> content() throws SQLException {
      try (Connection connection = node.connect()) {
        return DatabaseContent.read(connection);
      }
    }

    void step(Kind kind, Random random) throws Exception {
      RandomSql sql = new RandomSql(random, schema.tables());
      switch (kind) {
        case WRITE, SCHEMA -> {
          if (kind == Kind.SCHEMA && open < 0 && async && random.nextInt(4) > 0) {
            drain();
          }
          if (open >= 0) {
            statements(open, sql, random, kind == Kind.SCHEMA);
            end(true);
          } else if (random.nextInt(3) == 0) {
            run(random.nextInt(CONNECTIONS), kind == Kind.SCHEMA ? sql.ddl() : sql.rows());
          } else {
            begin(random.nextInt(CONNECTIONS));
            statements(open, sql, random, kind == Kind.SCHEMA);
            end(random.nextInt(8) > 0);
          }
        }
        case BEGIN -> {
          end(true);
          begin(random.nextInt(CONNECTIONS));
          statements(open, sql, random, false);
        }
        case CONTINUE -> {
          if (open >= 0) {
            statements(open, sql, random, false);
          } else {
            run(random.nextInt(CONNECTIONS), sql.rows());
          }
        }
        case END -> end(random.nextInt(4) > 0);
        case SEND -> {
          boolean fails = async && random.nextInt(4) == 0;
          if (fails) {
            failNextPublish(random);
          }
          say(async && send() ? "sent" : "nothing to send");
          if (fails && random.nextInt(3) == 0) {
            restart(random); // it will not know what became of its message
          }
        }
        case CROSS -> cross(sql, random);
        case POWER -> losePower(random);
        case SNAPSHOT -> {
          Optional<StoredSnapshot> latest = node.engine().snapshotter().take();
          snapshotAt = latest.map(snapshot -> snapshot.stamp().sequence()).orElse(snapshotAt);
          say("the latest snapshot is at " + snapshotAt);
        }
        case EXPIRE -> expire(random);
        case DELIVER -> deliver(random.nextInt(3) == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(3));
        case RESTART -> restart(random);
        case REPEAT -> repeat(random);
        case OTHER ->
            HistoryPlayer.this.publish(
                stream + ".other", new byte[] {'x'}, "other-" + ++lastMessage, -1);
        case FAULT -> failNextPublish(random);
        case LATE -> arrive();
        case READ -> read(random.nextInt(CONNECTIONS), random);
      }
      settle();
      remember();
    }

    private void cross(RandomSql sql, Random random) throws Exception {
      for (Node writer : nodes) {
        writer.end(true);
        writer.begin(random.nextInt(CONNECTIONS));
        writer.statements(writer.open, sql, random, false);
        writer.end(true);
        if (writer != this && writer.async) {
          writer.send();
        }
      }
      gate.open(lastSequence());
    }

    private void failNextPublish(Random random) {
      gate.failNextPublish(Fault.values()[random.nextInt(Fault.values().length)]);
    }

    /** Waits until all that the gate let through is applied, unless a transaction is in its way. */
    void settle() throws Exception {
      if (open < 0 && gate.limit() != Long.MAX_VALUE) {
        await(gate.limit());
      }
    }

    void await(long sequence) throws Exception {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!node.engine().await(sequence, LOOK)) {
        ReplicationStatus status = node.engine().status();
        if (status.state() == ReplicationStatus.State.HALTED || System.nanoTime() > deadline) {
          throw new AssertionError("Node " + name + " does not get to " + sequence + ": " + status);
        }
      }
    }

    private void begin(int i) throws SQLException {
      connection(i).setAutoCommit(false);
      open = i;
    }

    private void statements(int i, RandomSql sql, Random random, boolean schemaToo)
        throws SQLException {
      int count = 1 + random.nextInt(4);
      for (int j = 0; j < count; j++) {
        int kind = random.nextInt(20);
        if (schemaToo && kind < 10) {
          run(i, sql.ddl());
        } else if (kind >= 17) {
          run(i, sql.savepoint());
        } else if (kind == 16 && random.nextInt(3) == 0) {
          run(i, sql.temporary());
        } else {
          run(i, sql.rows());
        }
      }
    }

    /** Ends the open transaction, if there is one. */
    void end(boolean commit) throws SQLException {
      if (open < 0) {
        return;
      }
      Connection connection = connections[open];
      int which = open;
      open = -1;
      if (!commit) {
        connection.rollback();
        connection.setAutoCommit(true);
        say("rolled back");
        return;
      }
      long n = ++lastLedger;
      List<Long> old = List.of();
      try {
        try (Statement statement = connection.createStatement()) {
          statement.execute("INSERT INTO ledger VALUES(" + n + ")");
          old = deleteOld(statement, n);
        }
        perhapsDeleted.addAll(old);
        connection.commit();
        acknowledged.add(n);
        deleted.addAll(old);
        if (!remembered.isEmpty()) {
          remembered.getLast().acknowledgedAfter().add(n);
        }
        say("connection " + which + " committed " + n + ", node at " + position());
      } catch (SQLException e) {
        if (!IN_DOUBT.equals(e.getSQLState())) {
          rolledBack.add(n);
          perhapsDeleted.removeAll(old);
          perhapsDeleted.addAll(deleted);
        }
        say("connection " + which + " not committed " + n + ": " + e.getMessage());
        check(e);
        connection.rollback();
      }
      connection.setAutoCommit(true);
    }

    /** A message that took effect again would bring the row of its transaction back. */
    private List<Long> deleteOld(Statement statement, long n) throws SQLException {
      List<Long> old = new ArrayList<>();
      try (ResultSet rows =
          statement.executeQuery(
              "DELETE FROM ledger WHERE n = " + (n - LEDGER_AGE) + " RETURNING n")) {
        while (rows.next()) {
          old.add(rows.getLong(1));
        }
      }
      return old;
    }

    void run(int i, Sql sql) throws SQLException {
      try {
        if (sql.arguments().isEmpty()) {
          try (Statement statement = connection(i).createStatement()) {
            readAll(statement.execute(sql.text()) ? statement.getResultSet() : null);
          }
        } else {
          try (PreparedStatement statement = connection(i).prepareStatement(sql.text())) {
            for (int j = 0; j < sql.arguments().size(); j++) {
              Object argument = sql.arguments().get(j);
              statement.setObject(j + 1, argument == RandomSql.NULL ? null : argument);
            }
            readAll(statement.execute() ? statement.getResultSet() : null);
          }
        }
        say("connection " + i + ": " + sql);
      } catch (SQLException e) {
        say("connection " + i + ": " + sql + " -> " + e.getMessage());
        check(e);
      }
    }

    private void readAll(ResultSet rows) throws SQLException {
      if (rows != null) {
        while (rows.next()) {
          rows.getObject(1);
        }
      }
    }

    /** A statement may fail, but not because of what the engine did to the database. */
    private void check(SQLException e) {
      String message = String.valueOf(e.getMessage());
      if (message.contains("ha_")
          || message.contains("malformed")
          || message.contains("SQLITE_BUSY")) {
        throw new AssertionError("The engine shows through: " + message, e);
      }
    }

    private void deliver(int messages) throws Exception {
      long from = Math.max(position(), gate.limit());
      long to = from;
      for (int i = 0; i < messages; i++) {
        try {
          to = management().getNextMessage(stream, to + 1, subject()).getSeq();
        } catch (JetStreamApiException e) {
          break;
        }
      }
      gate.open(to);
      say("up to " + to);
    }

    /** Remembers the file as it is, so that it can go back to it. */
    void remember() throws IOException {
      if (open >= 0 || reading != null) {
        return;
      }
      Path copy = Files.createTempDirectory(folder, name);
      for (String suffix : List.of("", "-wal")) {
        Path file = node.file().resolveSibling(node.file().getFileName() + suffix);
        if (Files.exists(file)) {
          Files.copy(file, copy.resolve("db" + suffix));
        }
      }
      remembered.addLast(new Remembered(copy, new ArrayList<>()));
      if (remembered.size() > REMEMBERED_MAX) {
        delete(remembered.removeFirst().copy());
      }
    }

    /**
     * The last commits are gone, position, marks and outbox with them. What was published comes
     * back from the stream; what an asynchronous node had not sent is gone.
     */
    private void losePower(Random random) throws Exception {
      int lost = 1 + random.nextInt(REMEMBERED_MAX);
      Path copy = null;
      Set<Long> lostTransactions = new HashSet<>();
      for (int i = 0; i < lost && !remembered.isEmpty(); i++) {
        copy = remembered.getLast().copy();
        lostTransactions.addAll(remembered.removeLast().acknowledgedAfter());
      }
      if (copy == null) {
        return;
      }
      open = -1;
      closeConnections();
      node.close();
      for (String suffix : List.of("", "-wal", "-shm")) {
        Path file = node.file().resolveSibling(node.file().getFileName() + suffix);
        Path before = copy.resolve("db" + suffix);
        if (Files.exists(before)) {
          Files.copy(before, file, StandardCopyOption.REPLACE_EXISTING);
        } else {
          Files.deleteIfExists(file);
        }
      }
      if (async) {
        for (long n : lostTransactions) {
          acknowledged.remove(n);
          if (deleted.remove(n - LEDGER_AGE)) {
            perhapsDeleted.add(n - LEDGER_AGE);
          }
        }
      }
      openAgain(random);
      forgetRemembered();
      say("went back, at " + position() + " with " + pending() + " pending");
    }

    private void forgetRemembered() throws IOException {
      while (!remembered.isEmpty()) {
        delete(remembered.removeFirst().copy());
      }
    }

    private void restart(Random random) throws Exception {
      open = -1;
      closeConnections();
      node.close();
      openAgain(random);
      forgetRemembered(); // closing has synced the file
      say("opened again at " + position() + " with " + pending() + " pending");
    }

    /** Opens the engine, which reads all that there is first, or no more than the gate lets it. */
    private void openAgain(Random random) {
      if (random.nextBoolean()) {
        gate.open(Long.MAX_VALUE);
      }
      gate.opening(node::open);
      gate.close(position());
    }

    private void repeat(Random random) throws Exception {
      long end = lastSequence();
      if (end > 0) {
        int sequence = 1 + random.nextInt((int) end);
        MessageInfo message =
            sequence <= forgotten.size()
                ? forgotten.get(sequence - 1)
                : management().getMessage(stream, sequence);
        if (subject().equals(message.getSubject())) {
          say("again: " + sequence);
          HistoryPlayer.this.publish(subject(), message.getData(), "again-" + ++lastMessage, -1);
        }
      }
    }

    void arrive() throws Exception {
      for (GatedStream.Late late : gate.takeLate()) {
        HistoryPlayer.this.publish(subject(), late.body(), late.messageId(), late.expectedLast());
      }
    }

    private void read(int i, Random random) throws SQLException {
      if (reading != null) {
        reading.close();
        reading = null;
      }
      if (i == open) {
        return;
      }
      try {
        Statement statement = connection(i).createStatement();
        reading = statement.executeQuery("SELECT * FROM " + schema.tables().get(0).name());
        reading.next();
        say("connection " + i + " reads");
      } catch (SQLException e) {
        check(e);
        reading = null;
      }
    }

    private void closeConnections() throws SQLException {
      reading = null;
      for (int i = 0; i < CONNECTIONS; i++) {
        if (connections[i] != null) {
          connections[i].close();
          connections[i] = null;
        }
      }
    }

    void close() throws SQLException {
      closeConnections();
      node.close();
    }
  }
}
