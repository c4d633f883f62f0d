package io.hasqlite.engine;

import io.hasqlite.Origin;
import io.hasqlite.Position;
import io.hasqlite.apply.AppliedPosition;
import io.hasqlite.apply.Applier;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.apply.DeadLetters;
import io.hasqlite.apply.EngineMessages;
import io.hasqlite.apply.PendingWork;
import io.hasqlite.apply.ReadView;
import io.hasqlite.capture.TriggerCapture;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.SentMessages;
import io.hasqlite.commit.AsyncCommit;
import io.hasqlite.commit.CommitStep;
import io.hasqlite.commit.LocalCommit;
import io.hasqlite.commit.SyncCommit;
import io.hasqlite.commit.TransactionNumbers;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.outbox.Outbox;
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
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.stream.Beginning;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.DeliverPolicy;
import io.hasqlite.stream.PayloadStore;
import io.hasqlite.stream.SnapshotStore;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.nats.NatsChangeStream;
import io.hasqlite.stream.nats.NatsConnection;
import io.hasqlite.stream.nats.NatsPayloadStore;
import io.hasqlite.stream.nats.NatsSnapshotStore;
import io.hasqlite.subscribe.CdcSubscriber;
import io.hasqlite.subscribe.NoopSubscriber;
import io.hasqlite.subscribe.OnError;
import io.hasqlite.subscribe.StreamSubscriber;
import io.hasqlite.subscribe.SubscriberStatus;
import io.hasqlite.verify.Verifier;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What makes a local database one of a cluster: connects the stream, the outbox, the applier and
 * the snapshots with each other, and tells what they are doing. Safe for use by several threads
 * once it is started.
 */
final class Replication {

  private static final Logger log = LoggerFactory.getLogger(Replication.class);

  /** The file beside the database for a transaction that was too large for a message. */
  private static final String PAYLOAD_SUFFIX = "-ha-payload";

  private final HaSqliteOptions options;
  private final Origin origin;
  private final LocalDatabase database;
  private final Path path;
  private final Outbox outbox;
  private final AppliedPosition position;
  private final ChangeSetCodec codec;
  private final SentMessages sent;
  private final Deque<AutoCloseable> resources;
  private final List<String> notices;

  private final NatsConnection connection;
  private final ChangeStream stream;
  private final ControlTables controlTables;
  private final PayloadStore payloads;
  private final SnapshotStore snapshots;
  private final PendingWork pendingWork;
  private final Restorer restorer;
  private final Snapshotter ownSnapshotter;
  private final Gate gate;
  private final FenceKeeper fenceKeeper;

  private volatile boolean caughtUp;
  private volatile String streamCreated = "";
  private volatile boolean streamOpened;
  private volatile boolean payloadsChecked;
  private volatile boolean begun;
  private volatile @Nullable Verifier verifier;
  private volatile LongSupplier lastPublished = () -> 0;
  private volatile BooleanSupplier messageOnTheWay = () -> false;
  private @Nullable Relay relay;
  private @Nullable DeadLetters deadLetters;
  private CdcPublisher publisher = new NoopPublisher();
  private CdcSubscriber subscriber = new NoopSubscriber();
  private DbSnapshotter snapshotter = new NoopSnapshotter();

  /**
   * Connects in the background.
   *
   * @param resources what is to be closed, the last one first; gets all that is opened here
   * @param notices gets what should be known although nothing is wrong
   */
  Replication(
      HaSqliteOptions options,
      Origin origin,
      LocalDatabase database,
      Outbox outbox,
      AppliedPosition position,
      ChangeSetCodec codec,
      Deque<AutoCloseable> resources,
      List<String> notices) {
    this.options = options;
    this.origin = origin;
    this.database = database;
    this.path = database.file().path();
    this.outbox = outbox;
    this.position = position;
    this.codec = codec;
    this.sent = sent(options);
    this.resources = resources;
    this.notices = notices;
    this.gate = new Gate(options.database);
    connection = Connecting.connect(options, resources);
    stream =
        options.streamWrapper.apply(
            new NatsChangeStream(
                connection, options.stream, options.database, origin, options.listener));
    resources.push(stream);
    controlTables =
        new ControlTables(options.stream.name() + "." + options.database.token(), options.clock);
    payloads = new NatsPayloadStore(connection, options.stream);
    snapshots = new NatsSnapshotStore(connection, options.stream, options.database);
    pendingWork =
        new PendingWork(database.captureOptions(), controlTables, codec, options.clock, outbox);
    restorer =
        new Restorer(
            database.file(), snapshots, controlTables, options.excludedTables, pendingWork);
    fenceKeeper =
        new FenceKeeper(
            options.database.value(),
            origin,
            filename(),
            stream,
            codec,
            controlTables.fences(),
            position,
            this::whyNotSendable,
            options.publisherTimeout);
    ownSnapshotter =
        new Snapshotter(
            options.database.value(),
            database.file(),
            options.excludedTables,
            snapshots,
            controlTables,
            pendingWork,
            this::difference,
            this::restoreInPlace,
            options.snapshotInterval,
            options.listener);
  }

  /** Returns when the node is level with the stream as it was, or after the start-up time-out. */
  void start() throws SQLException {
    loadOutbox();
    Bootstrap.Start start = bootstrap().run();
    position.moveTo(start.position());
    streamCreated = start.streamCreated();
    streamOpened = start.reachable();
    notices.addAll(start.notices());
    if (start.reachable()) {
      tryToCheckPayloads();
    }
    TriggerCapture applyCapture = database.openForApply();
    resources.push(applyCapture.session());
    outbox.load(applyCapture.session());
    controlTables.loadFence(applyCapture.session());
    publish();
    Verifier comparing = newVerifier();
    subscribe(applyCapture, comparing, start.first());
    startRelay();
    keepFences();
    if (comparing != null) {
      resources.push(comparing);
      comparing.start();
    }
    verifier = comparing;
    takeSnapshots();
    awaitLevel(start.reachable());
  }

  private void loadOutbox() throws SQLException {
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
  }

  private Bootstrap bootstrap() {
    Seed seed = new Seed(options, origin, database, stream, controlTables, codec, ownSnapshotter);
    return new Bootstrap(
        options,
        path,
        database,
        connection,
        stream,
        snapshots,
        restorer,
        seed,
        controlTables,
        codec);
  }

  /** A node whose rows or schema need not be those of the others is not compared. */
  private @Nullable Verifier newVerifier() {
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
            pendingWork,
            () -> stream.consumers().size()),
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

  private void takeSnapshots() {
    if (!options.snapshotterEnabled || !Bootstrap.takesSnapshots(options)) {
      return;
    }
    snapshotter = options.snapshotter != null ? options.snapshotter : ownSnapshotter;
    resources.push(snapshotter);
    snapshotter.start();
  }

  private void tryToCheckPayloads() {
    try {
      checkPayloads();
    } catch (StreamException e) {
      log.debug("The payloads of {} are checked before the stream is read", options.database, e);
    }
  }

  private void checkPayloads() {
    if (payloadsChecked) {
      return;
    }
    for (String notice : payloads.check()) {
      notices.add(notice);
      log.warn("Database {}: {}", options.database, notice);
    }
    payloadsChecked = true;
  }

  private void publish() {
    if (!options.publisherEnabled) {
      notices.add("This node does not publish: what is written here stays here");
      return;
    }
    publisher =
        options.publisher != null
            ? options.publisher
            : new StreamPublisher(
                options.database,
                stream,
                payloads,
                codec,
                sent,
                this::beginDatabase,
                options.publisherTimeout,
                options.tracing);
    if (publisher instanceof SequencedPublisher sequenced && options.subscriberEnabled) {
      database.commitWith(commitInOrder(sequenced));
      return;
    }
    notices.add(
        options.subscriberEnabled
            ? "The publisher gives no order: this node does not agree with others about conflicts"
            : "This node does not subscribe: it does not see what others write");
    if (options.publisherAsync) {
      notices.add(
          "Asynchronous publishing needs the order of the stream, which this node does not follow:"
              + " each commit waits until its changes are published");
    }
    database.commitWith(new LocalCommit(origin, filename(), publisher, options.clock));
  }

  /** Whoever may be the first to write the database leaves a mark of that before. */
  private void beginDatabase() {
    if (begun) {
      return;
    }
    Position now = position.get();
    if (now.lastOfSubject() == 0 && options.deliverPolicy.equals(DeliverPolicy.ALL)) {
      snapshots.begin(new Beginning(now.sequence(), streamCreated));
    }
    begun = true;
  }

  private CommitStep commitInOrder(SequencedPublisher sequenced) {
    SyncCommit.Settings settings =
        new SyncCommit.Settings(
            origin,
            filename(),
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
            stream,
            controlTables,
            position,
            options.clock,
            options.listener);
    lastPublished = sync::lastPublished;
    messageOnTheWay = sync::isMessageOnTheWay;
    Relay sender =
        new Relay(
            options.database.value(),
            origin,
            filename(),
            outbox,
            database::openSession,
            sequenced,
            this::whyNotSendable,
            fenceKeeper::isHeldByAnother,
            () -> position.get().sequence(),
            options.publisherAwaitAck,
            options.publisherTimeout,
            options.clock,
            options.tracing);
    relay = sender;
    if (!options.publisherAsync) {
      return sync;
    }
    return new AsyncCommit(
        settings,
        numbers,
        outbox,
        sender,
        sync,
        options.publisherAwaitAck,
        database.writeLock()::isAwaited,
        controlTables,
        position,
        options.listener);
  }

  private String filename() {
    return path.getFileName().toString();
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

  private void keepFences() {
    if (!isOrdered()) {
      return;
    }
    Relay sender = relay;
    if (sender != null) {
      controlTables.fences().onChange(sender::wakeUp);
    }
    resources.push(fenceKeeper);
    fenceKeeper.start();
  }

  /** Tells whether what this node commits has its place in the order of the stream. */
  boolean isOrdered() {
    return publisher instanceof SequencedPublisher && options.subscriberEnabled;
  }

  FenceKeeper fenceKeeper() {
    return fenceKeeper;
  }

  private @Nullable String whyNotWritable() {
    if (!gate.isOpen()) {
      return gate.whyClosed();
    }
    SubscriberStatus status = subscriber.status();
    return switch (status.state()) {
      case HALTED -> status.problem();
      // What waits in the outbox is put on top of what others wrote; nothing else can be.
      case PAUSED -> options.publisherAsync ? null : status.problem();
      default -> null;
    };
  }

  /** The subscriber checks, after each connect, that the stream is the one that it was. */
  private @Nullable String whyNotSendable() {
    SubscriberStatus status = subscriber.status();
    return status.state() == SubscriberStatus.State.FOLLOWING
        ? null
        : "this node does not follow the stream at the moment"
            + (status.problem() == null ? "" : ": " + status.problem());
  }

  private void subscribe(
      TriggerCapture applyCapture, @Nullable Verifier comparing, @Nullable Position start)
      throws SQLException {
    if (!options.subscriberEnabled) {
      caughtUp = true;
      return;
    }
    CdcSubscriber following =
        options.subscriber != null
            ? options.subscriber
            : newSubscriber(applyCapture, comparing, start);
    subscriber = following;
    resources.push(following);
    gate.whenOpen(options.gate, following::start);
  }

  private StreamSubscriber newSubscriber(
      TriggerCapture applyCapture, @Nullable Verifier comparing, @Nullable Position start)
      throws SQLException {
    SqliteSession session = applyCapture.session();
    DeadLetters letters =
        new DeadLetters(
            controlTables,
            database.writeLock(),
            options.publisherTimeout,
            options.clock,
            options.listener);
    letters.refresh(session);
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
            ReadView.of(session),
            options.listener);
    return new StreamSubscriber(
        options.database.value(),
        origin,
        stream,
        this::prepareToRead,
        applier,
        session,
        controlTables,
        position,
        () -> messageOnTheWay.getAsBoolean(),
        codec,
        sent,
        options.onError == OnError.SKIP ? letters : null,
        comparing == null ? EngineMessages.NONE : comparing,
        payloads,
        path.resolveSibling(path.getFileName() + PAYLOAD_SUFFIX),
        options.clock,
        snapshotMin -> {
          restorer.restoreInPlace(
              session, database.writeLock(), position, stream.state(), snapshotMin);
          options.listener.restored(position.get().sequence());
        },
        options.tracing,
        start);
  }

  /**
   * An interceptor is given the same on every node; and where what no node can read is left out,
   * its sender must find that it cannot, too.
   */
  private static SentMessages sent(HaSqliteOptions options) {
    return options.interceptor == null && options.onError != OnError.SKIP
        ? new SentMessages()
        : SentMessages.none();
  }

  /** Called by the subscriber each time before it reads: learns what the stream is now. */
  private void prepareToRead() {
    if (!streamOpened) {
      notices.addAll(stream.open());
      streamOpened = true;
    }
    checkPayloads();
    if (streamCreated.isEmpty()) {
      streamCreated = stream.state().created().toString();
    }
  }

  private void awaitLevel(boolean reachable) {
    if (!options.subscriberEnabled || !reachable || !gate.isOpen()) {
      return;
    }
    long end;
    try {
      end = stream.lastSequence();
    } catch (StreamException e) {
      log.warn("Database {} is not known to be level: {}", options.database, e.getMessage());
      return;
    }
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

  CdcPublisher publisher() {
    return publisher;
  }

  CdcSubscriber subscriber() {
    return subscriber;
  }

  DbSnapshotter snapshotter() {
    return snapshotter;
  }

  WriteTokens writeTokens() {
    return new WriteTokens(
        options.node,
        database,
        outbox,
        position,
        controlTables,
        () -> streamCreated,
        lastPublished,
        options.publisherAsync);
  }

  Peers peers() {
    return new Peers(stream, options.node);
  }

  ControlTables controlTables() {
    return controlTables;
  }

  /** Returns what was left out; null on a node that does not subscribe. */
  @Nullable DeadLetters deadLetters() {
    return deadLetters;
  }

  /** Sends one message of what waits in the outbox. */
  boolean sendNext() throws SQLException {
    try (SqliteSession session = database.openSession()) {
      return Objects.requireNonNull(relay).sendNext(session);
    }
  }

  /** Returns what it is doing. Never blocks. */
  ReplicationStatus status() {
    SubscriberStatus following = subscriber.status();
    boolean connected = stream.isConnected();
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
        stream.server(),
        stream.reconnects(),
        options.stream.name(),
        counted,
        Math.max(counted, following.lastSequence()),
        following.lagMessages(),
        following.lag(),
        outbox.backlog(),
        snapshotter.lastHeard().orElse(null),
        deadLetters == null ? 0 : deadLetters.count(),
        following.lastProblem(),
        problem(following, connected),
        notices);
  }

  private State state(SubscriberStatus following, boolean connected) {
    return switch (following.state()) {
      case HALTED -> State.HALTED;
      case PAUSED -> State.PAUSED;
      case STARTING -> connected ? State.CATCHING_UP : State.DISCONNECTED;
      case OFF -> gate.isOpen() ? State.PARTIAL : State.WAITING;
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
    if (gate.hasFailed()) {
      return gate.whyClosed();
    }
    if (following.problem() != null) {
      return following.problem();
    }
    if (!connected) {
      return options.publisherAsync
          ? "There is no connection to NATS: reads and writes go on, and what is written here waits"
              + " in the outbox until it is back"
          : "There is no connection to NATS: reads go on, writes fail until it is back";
    }
    String sending = relay == null ? null : relay.problem();
    return sending != null ? sending : difference();
  }
}
