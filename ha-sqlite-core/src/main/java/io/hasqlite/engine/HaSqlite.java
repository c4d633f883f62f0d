package io.hasqlite.engine;

import io.hasqlite.HaSqliteException;
import io.hasqlite.Origin;
import io.hasqlite.Position;
import io.hasqlite.apply.AppliedPosition;
import io.hasqlite.apply.Applier;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.apply.DeadLetter;
import io.hasqlite.apply.DeadLetters;
import io.hasqlite.apply.EngineMessages;
import io.hasqlite.apply.PendingWork;
import io.hasqlite.apply.ReadView;
import io.hasqlite.capture.CaptureOptions;
import io.hasqlite.capture.CaptureSelfTest;
import io.hasqlite.capture.TriggerCapture;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.commit.AsyncCommit;
import io.hasqlite.commit.LocalCommit;
import io.hasqlite.commit.SyncCommit;
import io.hasqlite.commit.TransactionNumbers;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.jdbc.HaDataSource;
import io.hasqlite.outbox.Outbox;
import io.hasqlite.outbox.PayloadFile;
import io.hasqlite.publish.CdcPublisher;
import io.hasqlite.publish.NoopPublisher;
import io.hasqlite.publish.Relay;
import io.hasqlite.publish.SequencedPublisher;
import io.hasqlite.publish.StreamPublisher;
import io.hasqlite.snapshot.DbSnapshotter;
import io.hasqlite.snapshot.NoopSnapshotter;
import io.hasqlite.snapshot.Restorer;
import io.hasqlite.snapshot.SnapshotException;
import io.hasqlite.snapshot.Snapshotter;
import io.hasqlite.sqlite.FileLock;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.PayloadStore;
import io.hasqlite.stream.SnapshotStore;
import io.hasqlite.stream.StoredSnapshot;
import io.hasqlite.stream.nats.NatsChangeStream;
import io.hasqlite.stream.nats.NatsConnection;
import io.hasqlite.stream.nats.NatsPayloadStore;
import io.hasqlite.stream.nats.NatsSnapshotStore;
import io.hasqlite.subscribe.CdcSubscriber;
import io.hasqlite.subscribe.NoopSubscriber;
import io.hasqlite.subscribe.OnError;
import io.hasqlite.subscribe.StreamSubscriber;
import io.hasqlite.subscribe.SubscriberStatus;
import io.hasqlite.verify.DatabaseDigest;
import io.hasqlite.verify.Verifier;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A SQLite database that is replicated to other nodes. {@link #open} returns when the node is level
 * with the stream as it was then, or after the start-up time-out; {@link #close} stops everything
 * that was started. Safe for use by several threads.
 *
 * <p>What holds while several nodes write: all nodes end up with the same rows; a transaction takes
 * effect once on each of them, or on none; each node shows at any time what some prefix of all
 * transactions, in the one order of the stream, has made. Of two transactions that wrote the same
 * column, the later one wins.
 */
public final class HaSqlite implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(HaSqlite.class);

  /** The file beside the database for a transaction that was too large for a message. */
  private static final String PAYLOAD_SUFFIX = "-ha-payload";

  private final HaSqliteOptions options;
  private final Origin origin;
  private final Path path;
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final List<String> notices = new CopyOnWriteArrayList<>();
  private final ChangeSetCodec codec = new ChangeSetCodec();
  private final AppliedPosition position = new AppliedPosition(Position.NONE);
  private final LocalDatabase database;
  private final HaDataSource dataSource;
  private volatile boolean caughtUp;
  private volatile boolean gateOpen = true;
  private volatile @Nullable Throwable gateFailure;
  private volatile String streamCreated = "";
  private volatile boolean streamOpened;
  private @Nullable ChangeStream stream;
  private final Outbox outbox;
  private @Nullable Relay relay;
  private CdcPublisher publisher = new NoopPublisher();
  private CdcSubscriber subscriber = new NoopSubscriber();
  private DbSnapshotter snapshotter = new NoopSnapshotter();
  private @Nullable DeadLetters deadLetters;
  private @Nullable ControlTables controlTables;
  private volatile @Nullable Verifier verifier;

  private HaSqlite(HaSqliteOptions options) throws SQLException {
    this.options = options;
    this.origin = new Origin(options.node, new SecureRandom().nextLong() & Long.MAX_VALUE);
    this.path = SqliteFile.realPath(options.path);
    boolean ready = false;
    try {
      CaptureSelfTest.run();
      SqliteFile.checkPath(path);
      if (options.isReplicated()) {
        Bootstrap.checkFile(options, path);
      }
      resources.push(FileLock.acquire(path));
      outbox = new Outbox(codec, options.clock, openPayloadFile());
      SqliteFile file = SqliteFile.open(path, options.pragmas, options.extensions);
      database =
          new LocalDatabase(
              file,
              new CaptureOptions(options.rowIdentity, options.excludedTables, options.ddlSync),
              options.clock);
      resources.push(database);
      dataSource = new HaDataSource(database);
      if (options.isReplicated()) {
        startReplication();
      } else {
        startLocal();
      }
      resources.push(() -> dataSource.shutdown(options.publisherTimeout));
      Databases.add(this);
      ready = true;
    } finally {
      if (!ready) {
        close();
      }
    }
  }

  /**
   * Opens a database: starts the embedded server if there is one, connects, and catches up.
   *
   * @throws io.hasqlite.sqlite.SqliteFile.UnusableFileException if the file cannot be used
   * @throws StartRefusedException if starting would lose data or make nodes differ
   * @throws HaSqliteException if the server cannot be started or, without a position in the file,
   *     reached
   */
  public static HaSqlite open(HaSqliteOptions options) {
    try {
      return new HaSqlite(options);
    } catch (SQLException e) {
      throw new StartRefusedException(
          "The database "
              + options.path.toAbsolutePath()
              + " could not be opened: "
              + e.getMessage(),
          e);
    }
  }

  /**
   * Writes the latest snapshot of a database into a new file, without opening the database.
   *
   * @param options where the server is, and the names of the stream and the database; an embedded
   *     server is started for it
   * @param target the file, which must not be there
   * @return what was written; empty if there is no snapshot, and then no file
   * @throws io.hasqlite.snapshot.SnapshotException if no server is configured, or the file is there
   *     or cannot be written
   * @throws HaSqliteException if the server cannot be reached within the start-up time-out
   */
  public static Optional<StoredSnapshot> latestSnapshot(HaSqliteOptions options, Path target) {
    return LatestSnapshot.read(options, target);
  }

  private void startLocal() {
    if (options.publisher != null && options.publisherEnabled) {
      publisher = options.publisher;
      database.commitWith(
          new LocalCommit(origin, path.getFileName().toString(), publisher, options.clock));
      notices.add(
          "The publisher gives no order: this node does not agree with others about conflicts");
    } else {
      notices.add(
          "Standalone: neither ha.sqlite.nats.url nor ha.sqlite.nats.embedded is set, nothing is"
              + " replicated");
      log.info("Database {} is not replicated: no NATS server is configured", path);
    }
    caughtUp = true;
  }

  private void startReplication() throws SQLException {
    NatsConnection connection = Connecting.connect(options, resources);
    resources.push(connection);
    ChangeStream opened =
        options.streamWrapper.apply(
            new NatsChangeStream(connection, options.stream, options.database, origin));
    resources.push(opened);
    stream = opened;
    ControlTables controlTables =
        new ControlTables(options.stream.name() + "." + options.database.token(), options.clock);
    this.controlTables = controlTables;
    PayloadStore payloads = new NatsPayloadStore(connection, options.stream);
    SnapshotStore snapshots = new NatsSnapshotStore(connection, options.stream, options.database);
    try (SqliteSession session = database.openSession()) {
      outbox.load(session);
      outbox.checkFile(session);
    }
    if (!outbox.isEmpty() && !(options.publisherEnabled && options.subscriberEnabled)) {
      throw new StartRefusedException(
          "The database "
              + path
              + " has "
              + outbox.backlog().transactions()
              + " transactions that were committed here and not sent to the stream. Start node "
              + options.node
              + " with publisher and subscriber enabled until they are",
          null);
    }
    PendingWork pendingWork =
        new PendingWork(database.captureOptions(), controlTables, codec, options.clock, outbox);
    Restorer restorer =
        new Restorer(
            database.file(), snapshots, controlTables, options.excludedTables, pendingWork);
    Snapshotter ownSnapshotter =
        new Snapshotter(
            options.database.value(),
            database.file(),
            options.excludedTables,
            snapshots,
            controlTables,
            pendingWork,
            this::difference,
            this::restoreInPlace,
            options.snapshotInterval);
    Seed seed = new Seed(options, origin, database, opened, controlTables, codec, ownSnapshotter);
    Bootstrap.Start start =
        new Bootstrap(
                options,
                path,
                database,
                connection,
                opened,
                snapshots,
                restorer,
                seed,
                controlTables,
                codec)
            .run();
    position.moveTo(start.position());
    streamCreated = start.streamCreated();
    streamOpened = start.reachable();
    notices.addAll(start.notices());
    if (start.reachable()) {
      checkPayloads(payloads);
    }
    TriggerCapture applyCapture = database.openForApply();
    resources.push(applyCapture.session());
    outbox.load(applyCapture.session());
    publishTo(opened, controlTables, payloads);
    Verifier comparing = verifier(opened, snapshots, controlTables);
    subscribeTo(opened, controlTables, payloads, applyCapture, restorer, comparing, start.first());
    startRelay();
    if (comparing != null) {
      resources.push(comparing);
      comparing.start();
    }
    verifier = comparing;
    takeSnapshots(ownSnapshotter);
    awaitLevel(opened, start.reachable());
  }

  /** A node whose rows or schema need not be those of the others is not compared. */
  private @Nullable Verifier verifier(
      ChangeStream opened, SnapshotStore snapshots, ControlTables controlTables) {
    if (options.verifyInterval.isZero() || !Bootstrap.takesSnapshots(options) || !options.ddlSync) {
      return null;
    }
    return new Verifier(
        new Verifier.Settings(
            options.database.value(),
            options.node,
            database.captureOptions(),
            options.verifyInterval,
            outbox::isEmpty,
            () -> opened.consumers().size()),
        database.file(),
        controlTables,
        snapshots,
        change -> EngineMessage.publish(database, change, options.publisherTimeout));
  }

  private void restoreInPlace() {
    if (!(subscriber instanceof StreamSubscriber following)) {
      throw new SnapshotException(
          "The database " + path + " does not follow the stream: it cannot be restored", null);
    }
    try {
      following.restore();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SnapshotException("Interrupted while " + path + " is restored", e);
    }
  }

  private void takeSnapshots(Snapshotter own) {
    if (!options.snapshotterEnabled || !Bootstrap.takesSnapshots(options)) {
      return;
    }
    snapshotter = options.snapshotter != null ? options.snapshotter : own;
    resources.push(snapshotter);
    snapshotter.start();
  }

  private void checkPayloads(PayloadStore payloads) {
    payloads
        .check()
        .forEach(
            notice -> {
              notices.add(notice);
              log.warn("Database {}: {}", options.database, notice);
            });
  }

  private void publishTo(ChangeStream opened, ControlTables controlTables, PayloadStore payloads) {
    if (!options.publisherEnabled) {
      notices.add("This node does not publish: what is written here stays here");
      return;
    }
    publisher =
        options.publisher != null
            ? options.publisher
            : new StreamPublisher(
                options.database, opened, payloads, codec, options.publisherTimeout);
    String filename = path.getFileName().toString();
    if (!(publisher instanceof SequencedPublisher sequenced) || !options.subscriberEnabled) {
      notices.add(
          options.subscriberEnabled
              ? "The publisher gives no order: this node does not agree with others about conflicts"
              : "This node does not subscribe: it does not see what others write");
      if (options.publisherAsync) {
        notices.add(
            "Asynchronous publishing needs the order of the stream, which this node does not follow:"
                + " each commit waits until its changes are published");
      }
      database.commitWith(new LocalCommit(origin, filename, publisher, options.clock));
      return;
    }
    SyncCommit.Settings settings =
        new SyncCommit.Settings(
            origin,
            filename,
            options.publisherTimeout,
            options.interceptor == null,
            () -> streamCreated,
            () -> !(subscriber instanceof StreamSubscriber own) || own.hasCheckedStream(),
            this::whyNotWritable);
    TransactionNumbers numbers = new TransactionNumbers();
    SyncCommit sync =
        new SyncCommit(
            settings,
            numbers,
            outbox,
            sequenced,
            opened,
            controlTables,
            position,
            options.clock,
            options.listener);
    Relay sender =
        new Relay(
            options.database.value(),
            origin,
            filename,
            outbox,
            database::openSession,
            sequenced,
            this::whyNotSendable,
            () -> position.get().sequence(),
            options.publisherTimeout,
            options.clock);
    relay = sender;
    database.commitWith(
        options.publisherAsync
            ? new AsyncCommit(
                settings,
                numbers,
                outbox,
                sender,
                sync,
                options.publisherAwaitAck,
                controlTables,
                position,
                options.listener)
            : sync);
  }

  /** Also without asynchronous publishing: an earlier start may have left transactions behind. */
  private void startRelay() {
    Relay sender = relay;
    if (sender != null && (options.publisherAsync || !outbox.isEmpty())) {
      resources.push(sender); // closed before the subscriber: what is sent may still come back
      if (options.relayStarted) {
        sender.start();
      }
    }
  }

  private @Nullable String whyNotWritable() {
    if (!gateOpen) {
      return whyTheGateIsClosed();
    }
    SubscriberStatus status = subscriber.status();
    return status.state() == SubscriberStatus.State.HALTED ? status.problem() : null;
  }

  /** The subscriber checks, after each connect, that the stream is the one that it was. */
  private @Nullable String whyNotSendable() {
    SubscriberStatus status = subscriber.status();
    return status.state() == SubscriberStatus.State.FOLLOWING
        ? null
        : "this node does not follow the stream at the moment"
            + (status.problem() == null ? "" : ": " + status.problem());
  }

  private String whyTheGateIsClosed() {
    Throwable failure = gateFailure;
    return failure == null
        ? "replication waits for the gate that the application opens (waitFor)"
        : "the gate that the application opens (waitFor) failed; restart the application: "
            + failure;
  }

  private void subscribeTo(
      ChangeStream opened,
      ControlTables controlTables,
      PayloadStore payloads,
      TriggerCapture applyCapture,
      Restorer restorer,
      @Nullable Verifier comparing,
      @Nullable Position start)
      throws SQLException {
    if (!options.subscriberEnabled) {
      caughtUp = true;
      return;
    }
    if (options.subscriber != null) {
      subscriber = options.subscriber;
    } else {
      DeadLetters letters =
          new DeadLetters(
              controlTables,
              database.writeLock(),
              options.publisherTimeout,
              position,
              () -> streamCreated,
              options.clock,
              options.listener);
      letters.refresh(applyCapture.session());
      deadLetters = letters;
      Applier applier =
          new Applier(
              applyCapture,
              database.writeLock(),
              options.publisherTimeout,
              controlTables,
              outbox,
              position,
              () -> streamCreated,
              options.interceptor,
              ReadView.of(applyCapture.session()),
              options.listener);
      subscriber =
          new StreamSubscriber(
              options.database.value(),
              options.node,
              opened,
              this::prepareToRead,
              applier,
              applyCapture.session(),
              controlTables,
              position,
              codec,
              options.onError == OnError.SKIP ? letters : null,
              comparing == null ? EngineMessages.NONE : comparing,
              payloads,
              path.resolveSibling(path.getFileName() + PAYLOAD_SUFFIX),
              options.clock,
              snapshotMin ->
                  restorer.restoreInPlace(
                      applyCapture.session(),
                      database.writeLock(),
                      position,
                      opened.state(),
                      snapshotMin),
              start);
    }
    resources.push(subscriber);
    if (options.gate == null) {
      subscriber.start();
      return;
    }
    gateOpen = false;
    options.gate.whenComplete(
        (ignored, failure) -> {
          if (failure != null) {
            gateFailure = failure;
            log.error(
                "Database {} is never replicated in this run: the gate that the application opens"
                    + " (waitFor) failed",
                options.database,
                failure);
          } else if (!closed.get()) {
            gateOpen = true;
            subscriber.start();
          }
        });
  }

  /** Called by the subscriber each time before it reads: learns what the stream is now. */
  private void prepareToRead() {
    ChangeStream opened = Objects.requireNonNull(stream);
    if (!streamOpened) {
      notices.addAll(opened.open());
      streamOpened = true;
    }
    if (streamCreated.isEmpty()) {
      streamCreated = opened.state().created().toString();
    }
  }

  private void awaitLevel(ChangeStream opened, boolean reachable) {
    if (!options.subscriberEnabled || !reachable || !gateOpen) {
      return;
    }
    long end = opened.lastSequence();
    try {
      caughtUp =
          position.await(
              end,
              options.startupTimeout,
              () -> subscriber.status().state() == SubscriberStatus.State.HALTED);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartRefusedException("Interrupted while catching up with the stream", e);
    }
    if (!caughtUp) {
      log.warn(
          "Database {} has not caught up within {}: it is at {}, the stream was at {}",
          options.database,
          options.startupTimeout,
          position.get().sequence(),
          end);
    }
  }

  /** Returns the data source of the database, without a pool. */
  public DataSource dataSource() {
    return dataSource;
  }

  /** Returns the database file's absolute path, with links resolved. */
  public Path path() {
    return path;
  }

  /** Returns the options that it was opened with. */
  public HaSqliteOptions options() {
    return options;
  }

  /** Returns the publisher; one that does nothing where nothing is published. */
  public CdcPublisher publisher() {
    return publisher;
  }

  /** Returns the subscriber. */
  public CdcSubscriber subscriber() {
    return subscriber;
  }

  private @Nullable PayloadFile openPayloadFile() throws SQLException {
    if (options.outboxFolder == null) {
      return null;
    }
    PayloadFile file = PayloadFile.open(options.outboxFolder, path);
    resources.push(file);
    return file;
  }

  /** Sends one message of what waits in the outbox; for tests in which no thread does. */
  boolean sendNext() throws SQLException {
    try (SqliteSession session = database.openSession()) {
      return Objects.requireNonNull(relay).sendNext(session);
    }
  }

  /** Returns the snapshotter. */
  public DbSnapshotter snapshotter() {
    return snapshotter;
  }

  /**
   * Computes the digests of all replicated tables as this node shows them now. Two nodes with the
   * same position have the same digests, whatever order their rows are in; see {@link
   * DatabaseDigest#differences}. Reads the whole database; writers do not wait for it.
   *
   * @throws SQLException if it could not be read
   */
  public DatabaseDigest digest() throws SQLException {
    try (SqliteSession session = database.openSession()) {
      return Verifier.digest(session, database.captureOptions(), controlTables);
    }
  }

  /**
   * Returns the messages that this node left out because no node can apply them ({@link
   * HaSqliteOptions.Builder#onError}), oldest first. Each node keeps its own.
   *
   * @throws DeadLetterException if they cannot be read
   */
  public List<DeadLetter> deadLetters() {
    return deadLetters == null ? List.of() : office(deadLetters).list();
  }

  /**
   * Runs what a dead letter says as a new transaction of this node and drops the letter here. Like
   * anything written through {@link #dataSource()} it gets its place in the stream now, is checked
   * by constraints, fires triggers and takes effect on all nodes: so it is to be called on one node
   * only, and the letter dropped on the others. Blocks as a commit does. Should the process die
   * right after the commit, the letter is still there although it was applied.
   *
   * @param sequence the letter's sequence
   * @throws DeadLetterException if there is no such letter, if it cannot be read, or if the
   *     transaction failed; the letter is still there. If the cause is an SQLException with
   *     SQLState 08007 the outcome is in doubt
   */
  public void applyDeadLetter(long sequence) {
    office(sequence).apply(sequence);
  }

  /**
   * Removes a dead letter from this node for good.
   *
   * @param sequence the letter's sequence
   * @throws DeadLetterException if there is no such letter, or it could not be removed
   */
  public void dropDeadLetter(long sequence) {
    office(sequence).drop(sequence);
  }

  private DeadLetterOffice office(long sequence) {
    if (deadLetters == null) {
      throw new DeadLetterException(
          "There is no dead letter of sequence " + sequence + ": this node does not subscribe",
          null);
    }
    return office(deadLetters);
  }

  private DeadLetterOffice office(DeadLetters letters) {
    return new DeadLetterOffice(letters, database, dataSource, codec, options.rowIdentity);
  }

  /**
   * Waits until this node has counted a sequence of the stream.
   *
   * @return false if it did not in time
   */
  public boolean await(long sequence, Duration timeout) throws InterruptedException {
    return position.await(sequence, timeout, closed::get);
  }

  /** Returns what the engine is doing. Never blocks. */
  public ReplicationStatus status() {
    SubscriberStatus following = subscriber.status();
    ChangeStream opened = stream;
    boolean connected = opened != null && opened.isConnected();
    long counted = position.get().sequence();
    if (following.state() == SubscriberStatus.State.FOLLOWING && following.lagMessages() == 0) {
      caughtUp = true;
    }
    return new ReplicationStatus(
        options.node,
        options.database,
        path,
        state(following, connected),
        connected,
        opened == null ? "" : options.stream.name(),
        counted,
        Math.max(counted, following.lastSequence()),
        following.lagMessages(),
        following.lag(),
        outbox.backlog(),
        problem(following, connected),
        noticesNow());
  }

  private List<String> noticesNow() {
    long letters = deadLetters == null ? 0 : deadLetters.count();
    if (letters == 0) {
      return List.copyOf(notices);
    }
    List<String> now = new ArrayList<>(notices);
    now.add(
        "Left out because no node can apply them (on-error=skip): "
            + letters
            + " messages. They lie in ha_dead_letters; look at each, then apply or drop it");
    return List.copyOf(now);
  }

  private State state(SubscriberStatus following, boolean connected) {
    if (closed.get()) {
      return State.CLOSED;
    }
    if (stream == null) {
      return State.STANDALONE;
    }
    return switch (following.state()) {
      case HALTED -> State.HALTED;
      case STARTING -> connected ? State.CATCHING_UP : State.DISCONNECTED;
      case OFF -> gateOpen ? State.PARTIAL : State.WAITING;
      case CLOSED -> State.CLOSED;
      case RETRYING -> connected ? State.RETRYING : State.DISCONNECTED;
      case FOLLOWING ->
          !connected
              ? State.DISCONNECTED
              : !caughtUp
                  ? State.CATCHING_UP
                  : difference() == null ? State.RUNNING : State.DIFFERENT;
    };
  }

  /** Returns what is wrong with this node's rows: they must not become those of others. */
  private @Nullable String difference() {
    Verifier comparing = verifier;
    return comparing == null ? null : comparing.problem();
  }

  private @Nullable String problem(SubscriberStatus following, boolean connected) {
    if (gateFailure != null) {
      return whyTheGateIsClosed();
    }
    if (following.problem() != null) {
      return following.problem();
    }
    if (stream != null && !connected) {
      return options.publisherAsync
          ? "There is no connection to NATS: reads and writes go on, and what is written here waits in"
              + " the outbox until it is back"
          : "There is no connection to NATS: reads go on, writes fail until it is back";
    }
    String sending = relay == null ? null : relay.problem();
    return sending != null ? sending : difference();
  }

  /**
   * Stops: gives out no more connections, waits for the transaction that is writing (at most for
   * the publisher's time-out), closes the connections that the application still has, which rolls
   * back what is open on them, and then everything that was opened, in reverse order. Afterwards
   * the file stands alone: nothing of it is left in a write-ahead log. May be called twice.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    Databases.remove(this);
    position.wakeUp();
    if (outbox != null) { // it is not there yet where the file is in use
      outbox.wakeUp();
    }
    RuntimeException failure = null;
    while (!resources.isEmpty()) {
      AutoCloseable resource = resources.pop();
      try {
        resource.close();
      } catch (Exception e) {
        RuntimeException problem =
            e instanceof RuntimeException runtime
                ? runtime
                : new StartRefusedException(
                    "The database " + path + " was not closed cleanly: " + e.getMessage(), e);
        if (failure == null) {
          failure = problem;
        } else {
          failure.addSuppressed(problem);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
