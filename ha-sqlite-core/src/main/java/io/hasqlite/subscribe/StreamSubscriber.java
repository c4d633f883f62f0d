package io.hasqlite.subscribe;

import io.hasqlite.FaultPoint;
import io.hasqlite.HaSqliteException;
import io.hasqlite.MessageTracing;
import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.Position;
import io.hasqlite.Threads;
import io.hasqlite.apply.AppliedPosition;
import io.hasqlite.apply.Applier;
import io.hasqlite.apply.ApplyException;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.apply.DeadLetters;
import io.hasqlite.apply.EngineMessages;
import io.hasqlite.apply.IncomingMessage;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.SentMessages;
import io.hasqlite.changeset.UnreadableMessageException;
import io.hasqlite.snapshot.SnapshotException;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.stream.ChangeConsumer;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.ConsumerPosition;
import io.hasqlite.stream.PayloadStore;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.StreamMessage;
import io.hasqlite.stream.StreamState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the stream on a thread of its own and applies what comes, as many messages at once as wait.
 * While the stream is away, or this machine cannot write (a full disk, I/O, a lock of another
 * program), it tries again for ever. It halts, for good and visibly, where going on would lose or
 * spoil something; then writers are refused, too.
 */
public final class StreamSubscriber implements CdcSubscriber {

  private static final Logger log = LoggerFactory.getLogger(StreamSubscriber.class);

  private static final int BATCH_MESSAGES_MAX = 1_000;
  private static final Duration IDLE_WAIT = Duration.ofSeconds(1);

  /** For so long a node counts as level without another look at the stream. */
  private static final Duration LEVEL_FOR = IDLE_WAIT.multipliedBy(5);

  private static final Duration COMPANY_WAIT = Duration.ofMillis(1);

  /** At most so long others' messages wait for one of this node that a commit waits for. */
  private static final Duration OWN_WAIT = Duration.ofMillis(10);

  private static final Duration ADVANCE_INTERVAL = Duration.ofMinutes(1);

  /** Where streams begin to count: one that begins later has forgotten something. */
  private static final long FIRST_SEQUENCE = 1;

  /** How often a node that needs a snapshot looks for one that it can use. */
  private static final Duration SNAPSHOT_WAIT = Duration.ofSeconds(2);

  /** Each attempt downloads the whole snapshot. */
  private static final Duration DOWNLOAD_WAIT_MAX = Duration.ofMinutes(5);

  private final String name;
  private final NodeId node;
  private final byte[] ownBeginning;
  private final ChangeStream stream;
  private final Runnable beforeReading;
  private final Applier applier;
  private final SqliteSession session;
  private final ControlTables controlTables;
  private final AppliedPosition position;
  private final BooleanSupplier ownOnTheWay;
  private final ChangeSetCodec codec;
  private final SentMessages sent;
  private final @Nullable DeadLetters deadLetters;
  private final EngineMessages engineMessages;
  private final PayloadStore payloads;
  private final Path payloadFile;
  private final Clock clock;
  private final SnapshotRestore restore;
  private final MessageTracing tracing;
  private final Thread thread;
  private final AtomicBoolean started = new AtomicBoolean();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Pause pause = new Pause();
  private final FollowState state;
  private final AtomicReference<@Nullable CompletableFuture<Void>> requested =
      new AtomicReference<>();

  private volatile @Nullable String checkedConnection;
  private volatile long lagMessages;
  private volatile long lastSequence;
  private volatile Instant levelAt;
  private Instant advancedAt = Instant.EPOCH;
  private @Nullable Position start;

  /**
   * Creates a subscriber that is not started.
   *
   * @param name the database's name, for the thread and the log
   * @param beforeReading called each time before the stream is read, to make sure that it is there
   * @param session the applier's session
   * @param ownOnTheWay whether a commit of this node waits for a message that is soon to come
   * @param sent what this node sent and need not decode
   * @param deadLetters where messages go that no node can apply; null to halt at them
   * @param engineMessages hears what the engines say to each other
   * @param payloads where the changes of large transactions are
   * @param payloadFile where they are put while they are applied; nobody else's
   * @param restore what to do where the stream alone does not lead on
   * @param start where to read on where the file has no position
   */
  public StreamSubscriber(
      String name,
      Origin origin,
      ChangeStream stream,
      Runnable beforeReading,
      Applier applier,
      SqliteSession session,
      ControlTables controlTables,
      AppliedPosition position,
      BooleanSupplier ownOnTheWay,
      ChangeSetCodec codec,
      SentMessages sent,
      @Nullable DeadLetters deadLetters,
      EngineMessages engineMessages,
      PayloadStore payloads,
      Path payloadFile,
      Clock clock,
      SnapshotRestore restore,
      MessageTracing tracing,
      @Nullable Position start) {
    this.tracing = tracing;
    this.name = name;
    this.node = origin.node();
    this.ownBeginning = codec.beginning(origin);
    this.stream = stream;
    this.beforeReading = beforeReading;
    this.applier = applier;
    this.session = session;
    this.controlTables = controlTables;
    this.position = position;
    this.ownOnTheWay = ownOnTheWay;
    this.codec = codec;
    this.sent = sent;
    this.deadLetters = deadLetters;
    this.engineMessages = engineMessages;
    this.payloads = payloads;
    this.payloadFile = payloadFile;
    this.clock = clock;
    this.restore = restore;
    this.start = start;
    this.state = new FollowState(name, origin.node(), position, clock);
    this.levelAt = clock.instant();
    this.thread = new Thread(this::run, "ha-sqlite-subscriber-" + name);
    thread.setDaemon(true);
  }

  @Override
  public void start() {
    if (stop.getCount() > 0 && started.compareAndSet(false, true)) {
      state.is(SubscriberStatus.State.STARTING);
      thread.start();
    }
  }

  private void run() {
    deleteLeftover();
    while (stop.getCount() > 0) {
      try {
        followOrRestore();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      } catch (SQLException | RuntimeException | Error e) {
        if (!FollowState.isRetryable(e)) {
          halt(e);
          return;
        }
        retry(e);
      }
    }
    state.is(SubscriberStatus.State.CLOSED);
  }

  /** A process that died while it applied a payload left its file. */
  private void deleteLeftover() {
    try {
      Files.deleteIfExists(payloadFile);
    } catch (IOException e) {
      log.warn("The file {} of an earlier run could not be deleted", payloadFile, e);
    }
  }

  /**
   * Brings the database to the latest snapshot, between two messages. Waits until that is done.
   *
   * @throws SnapshotException if it could not be restored, or this does not follow the stream
   */
  public void restore() throws InterruptedException {
    CompletableFuture<Void> request = new CompletableFuture<>();
    if (!requested.compareAndSet(null, request)) {
      throw new SnapshotException("The database \"" + name + "\" is being restored already", null);
    }
    try {
      while (!request.isDone()) {
        if (!thread.isAlive()) {
          throw new SnapshotException(
              "The database \"" + name + "\" does not follow the stream: " + state.problem(), null);
        }
        try {
          request.get(IDLE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          log.debug("The restore of database {} has not begun or goes on", name);
        }
      }
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw new SnapshotException(
          "The database \""
              + name
              + "\" was not restored: "
              + (cause == null ? e : cause).getMessage(),
          e);
    } finally {
      requested.set(null);
    }
  }

  private void restoreAsRequested() {
    CompletableFuture<Void> request = requested.get();
    if (request == null || request.isDone()) {
      return;
    }
    try {
      restore.run(0);
      request.complete(null);
    } catch (SQLException | HaSqliteException e) {
      request.completeExceptionally(e);
    }
  }

  private boolean isRestoreRequested() {
    CompletableFuture<Void> request = requested.get();
    return request != null && !request.isDone();
  }

  private void followOrRestore() throws SQLException, InterruptedException {
    restoreAsRequested();
    if (pause.isSet()) {
      standStill();
      return;
    }
    try {
      follow();
    } catch (MessagesMissingException e) {
      log.warn("Database {} needs a snapshot: {}", name, e.getMessage());
      state.is(SubscriberStatus.State.STARTING);
      awaitRestore(e);
    }
  }

  /** The durable consumer stays on the server meanwhile, so that others see this node's lag. */
  private void standStill() throws InterruptedException {
    state.paused(
        "Paused on this node: what other nodes write is not applied here until it is resumed"
            + " (HaSqlite.resume(), or Actuator's endpoint hasqlite)");
    position.wakeUp();
    log.info("Database {} is paused at position {}", name, position.get().sequence());
    while (stop.getCount() > 0 && pause.isSet() && !isRestoreRequested()) {
      pause.awaitEnd(IDLE_WAIT);
      countWaiting();
    }
    log.info("Database {} goes on after a pause", name);
    state.starting();
  }

  private void countWaiting() {
    try {
      stream
          .consumer(node)
          .ifPresent(consumer -> lagMessages = consumer.pending() + consumer.unacknowledged());
    } catch (StreamException e) {
      log.debug("It is not known how many messages wait for database {}", name, e);
    }
  }

  /** Until there is a usable snapshot, another node's perhaps, nothing can be committed here. */
  private void awaitRestore(MessagesMissingException missing)
      throws SQLException, InterruptedException {
    Backoff downloads = new Backoff(SNAPSHOT_WAIT, DOWNLOAD_WAIT_MAX);
    while (stop.getCount() > 0) {
      try {
        restore.run(missing.snapshotMin());
        state.starting();
        return;
      } catch (SnapshotException e) {
        awaitAnotherRestore(missing, e, e.isMissing() ? SNAPSHOT_WAIT : downloads.failed());
      } catch (SQLException e) {
        if (!FollowState.isRetryable(e)) {
          throw e;
        }
        awaitAnotherRestore(missing, e, downloads.failed());
      }
    }
  }

  private void awaitAnotherRestore(
      MessagesMissingException missing, Exception failure, Duration wait)
      throws InterruptedException {
    state.awaitingSnapshot(missing, failure);
    applier.wakeUp();
    stop.await(wait.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Follows the stream until that fails or is stopped. */
  private void follow() throws SQLException, InterruptedException {
    checkStream();
    try (ChangeConsumer consumer = stream.consume(position.get().sequence() + 1)) {
      lagMessages = waiting();
      state.following();
      Acknowledgements acknowledgements = new Acknowledgements(consumer);
      try {
        while (stop.getCount() > 0 && !isRestoreRequested() && !pause.isSet()) {
          followOn(consumer, acknowledgements);
        }
      } finally {
        acknowledgements.send();
      }
    }
  }

  private void followOn(ChangeConsumer consumer, Acknowledgements acknowledgements)
      throws SQLException, InterruptedException {
    List<StreamMessage> messages =
        consumer.next(BATCH_MESSAGES_MAX, acknowledgements.patience(IDLE_WAIT));
    if (ownOnTheWay.getAsBoolean()) {
      messages = withOwn(messages, consumer);
    } else if (isOnlyOwn(messages) && !applier.isAwaited()) {
      messages = withCompany(messages, consumer);
    }
    if (pause.isSet()) {
      return; // they come again
    }
    if (!messages.isEmpty()) {
      StreamMessage last = messages.get(messages.size() - 1);
      lagMessages = messages.size() + Math.max(0, last.pending());
      lastSequence = Math.max(lastSequence, last.sequence());
      apply(messages);
      FaultPoint.APPLIED.reached();
      acknowledgements.applied(last.sequence());
      lagMessages = Math.max(0, last.pending());
      if (last.pending() == 0) {
        levelAt = clock.instant();
      }
    } else if (!acknowledgements.send()) {
      idle();
    }
    state.progressed();
    state.following();
  }

  private boolean isOnlyOwn(List<StreamMessage> messages) {
    return !messages.isEmpty() && messages.stream().allMatch(this::isOwn);
  }

  private boolean isOwn(StreamMessage message) {
    byte[] body = message.body();
    return body.length >= ownBeginning.length
        && Arrays.equals(body, 0, ownBeginning.length, ownBeginning, 0, ownBeginning.length);
  }

  /**
   * A commit that other nodes came before waits for its own message, with the write lock or for its
   * place to be counted: what is before that in the stream can be applied with it, at once.
   */
  private List<StreamMessage> withOwn(List<StreamMessage> first, ChangeConsumer consumer)
      throws InterruptedException {
    List<StreamMessage> all = new ArrayList<>(first);
    long end = System.nanoTime() + OWN_WAIT.toNanos();
    boolean more = !all.isEmpty();
    while (more && all.size() < BATCH_MESSAGES_MAX && all.stream().noneMatch(this::isOwn)) {
      Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
      List<StreamMessage> next = consumer.next(BATCH_MESSAGES_MAX - all.size(), left);
      all.addAll(next);
      more = !next.isEmpty() && ownOnTheWay.getAsBoolean();
    }
    return all;
  }

  /**
   * What this node committed itself is mostly in its file already, and nobody waits for it. To
   * count each such message at once would cost writers the lock.
   */
  private List<StreamMessage> withCompany(List<StreamMessage> own, ChangeConsumer consumer)
      throws InterruptedException {
    stop.await(COMPANY_WAIT.toNanos(), TimeUnit.NANOSECONDS);
    List<StreamMessage> all = new ArrayList<>(own);
    all.addAll(consumer.next(BATCH_MESSAGES_MAX, Duration.ZERO));
    return all;
  }

  /** Returns how many messages wait, those included that are already on their way. */
  private long waiting() {
    return stream
        .consumer(node)
        .map(consumer -> consumer.pending() + consumer.unacknowledged())
        .orElse(0L);
  }

  private void checkStream() throws SQLException {
    String connection = stream.connection();
    beforeReading.run();
    ControlTables.Stored stored = controlTables.read(session);
    if (stored != null) {
      StreamIdentity.check(stream, stored, codec);
    } else if (start != null) {
      position.moveTo(start);
    }
    start = null;
    checkedConnection = connection;
  }

  /**
   * Tells whether the stream was compared with the position since the present connection was made:
   * before, it may be another one, or have lost its last messages. Never blocks.
   */
  public boolean hasCheckedStream() {
    return stream.connection().equals(checkedConnection);
  }

  private void apply(List<StreamMessage> messages) throws SQLException {
    List<IncomingMessage> incoming = new ArrayList<>(messages.size());
    long before = position.get().sequence();
    long lastOfSubject = position.get().lastOfSubject();
    long first = -1;
    for (StreamMessage message : messages) {
      if (message.sequence() > before + 1) {
        // What is between is of other databases, unless it expired before it was sent to us.
        first = first < 0 ? stream.state().firstSequence() : first;
        if (first > before + 1) {
          applyAll(incoming, messages);
          throw MessagesMissingException.expired(before, Math.min(first, message.sequence()));
        }
      }
      before = Math.max(before, message.sequence());
      if (message.sequence() <= position.get().sequence()) {
        continue; // committed in place by this node, or delivered again
      }
      try {
        ChangeSet own = sent.take(message.body());
        ChangeSet changeSet = own != null ? own : codec.decode(message.body());
        if (beginsAnew(changeSet, message.sequence(), lastOfSubject)) {
          applyAll(incoming, messages); // its place is before that, however they are delivered
          throw MessagesMissingException.replaced(
              message.sequence(), changeSet.origin().node().value());
        }
        lastOfSubject = message.sequence();
        if (changeSet.object() == null) {
          incoming.add(new IncomingMessage(message.sequence(), changeSet, message.headers()));
        } else {
          applyAll(incoming, messages);
          incoming.clear();
          applyPayload(message, changeSet);
        }
      } catch (UnreadableMessageException e) {
        applyAll(incoming, messages); // what came before it is fine
        incoming.clear();
        HaltException failure =
            new HaltException(
                "The message at sequence "
                    + message.sequence()
                    + " of the stream cannot be read: "
                    + e.getMessage()
                    + ". Nothing after it is applied. If it was written by a newer version, upgrade"
                    + " this node; otherwise find out who can publish to the stream",
                e);
        if (!e.isSameOnEveryNode()) {
          throw failure;
        }
        leaveOut(message, null, e, failure);
        lastOfSubject = message.sequence();
      }
    }
    applyAll(incoming, messages);
  }

  /**
   * Applies a message whose changes are in the store. They are fetched before, while writers go on;
   * but those of this node mostly are not needed, since they were committed in place.
   */
  private void applyPayload(StreamMessage message, ChangeSet named) throws SQLException {
    long sequence = message.sequence();
    if (sequence <= position.get().sequence()) {
      return;
    }
    try (IncomingPayload payload =
        new IncomingPayload(sequence, named, payloads, codec, payloadFile)) {
      try {
        if (!named.origin().node().equals(node)) {
          payload.fetch();
        }
        applyTraced(
            List.of(new IncomingMessage(sequence, payload.changeSet(), message.headers())),
            () -> {});
      } catch (ApplyException e) {
        HaSqliteException cause = payload.failure();
        if (cause != null || !e.isSameOnEveryNode()) {
          throw cause == null ? e : cause;
        }
        leaveOut(message, named, e, e);
      }
    }
  }

  /**
   * Tells whether a message makes another file the database of all nodes: not if its node did not
   * know all that came before it.
   */
  private boolean beginsAnew(ChangeSet changeSet, long sequence, long lastOfSubject) {
    return changeSet.requires().contains(ChangeSet.REQUIRES_SNAPSHOT)
        && sequence > position.get().sequence()
        && changeSet.transactions().stream().allMatch(t -> t.baseSequence() >= lastOfSubject);
  }

  /** Applies messages whose bytes are at hand, and leaves out those that no node can apply. */
  private void applyAll(List<IncomingMessage> incoming, List<StreamMessage> bytes)
      throws SQLException {
    List<IncomingMessage> waiting = incoming;
    while (!waiting.isEmpty()) {
      try {
        applyUntilFailure(waiting);
        return;
      } catch (ApplyException e) {
        if (!e.isSameOnEveryNode()) {
          throw e;
        }
        long failed = e.sequence();
        IncomingMessage message =
            waiting.stream().filter(m -> m.sequence() == failed).findFirst().orElseThrow();
        StreamMessage body =
            bytes.stream().filter(m -> m.sequence() == failed).findFirst().orElseThrow();
        leaveOut(body, message.changeSet(), e, e);
        waiting = waiting.stream().filter(m -> m.sequence() > failed).toList();
      }
    }
  }

  /** The messages before the one that failed are applied, so that the position points at it. */
  private void applyUntilFailure(List<IncomingMessage> incoming) throws SQLException {
    try {
      int from = 0;
      for (int i = 0; i < incoming.size(); i++) {
        IncomingMessage message = incoming.get(i);
        if (engineMessages.isOne(message.changeSet())) {
          applyTraced(
              incoming.subList(from, i + 1),
              () -> engineMessages.reached(message.sequence(), message.changeSet()));
          from = i + 1;
        }
      }
      if (from < incoming.size()) {
        applyTraced(incoming.subList(from, incoming.size()), () -> {});
      }
    } catch (ApplyException e) {
      List<IncomingMessage> before =
          incoming.stream().filter(message -> message.sequence() < e.sequence()).toList();
      if (!before.isEmpty()) {
        applyTraced(before, () -> {});
      }
      throw e;
    }
  }

  /** Each message of another node that came with a trace is a step of that. */
  private void applyTraced(List<IncomingMessage> messages, Runnable afterCommit)
      throws SQLException {
    long counted = position.get().sequence();
    List<MessageTracing.Step> steps = new ArrayList<>();
    for (IncomingMessage message : messages) {
      Origin sender = message.changeSet().origin();
      if (!message.headers().isEmpty()
          && message.sequence() > counted
          && !sender.node().equals(node)) {
        steps.add(tracing.applying(name, sender, message.sequence(), message.headers()));
      }
    }
    try {
      applier.apply(messages, afterCommit);
    } catch (SQLException | RuntimeException e) {
      steps.forEach(step -> step.failed(e));
      throw e;
    } finally {
      steps.forEach(MessageTracing.Step::close);
    }
  }

  /** Keeps a message as a dead letter; halts where that is not wanted or not possible. */
  private void leaveOut(
      StreamMessage message,
      @Nullable ChangeSet changeSet,
      HaSqliteException why,
      HaSqliteException halt)
      throws SQLException {
    if (deadLetters == null) {
      throw halt;
    }
    if (!deadLetters.hasRoom(session, message.body())) {
      throw new HaltException(
          halt.getMessage()
              + ". It is not left out, since there is no room for another dead letter (at most "
              + DeadLetters.LETTERS_MAX
              + ", or "
              + DeadLetters.BYTES_MAX
              + " bytes): look at those in ha_dead_letters and apply or drop them, then restart"
              + " this node",
          halt);
    }
    deadLetters.keep(
        applier,
        session,
        message.sequence(),
        message.body(),
        changeSet,
        String.valueOf(why.getMessage()));
  }

  private void idle() throws SQLException {
    Instant time = clock.instant();
    // The end of the stream first, then that nothing waits: the other order would lose a message
    // that comes in between.
    StreamState whole = stream.state();
    if (whole.firstSequence() > position.get().sequence() + 1) {
      throw MessagesMissingException.expired(position.get().sequence(), whole.firstSequence());
    }
    boolean due = Duration.between(advancedAt, time).compareTo(ADVANCE_INTERVAL) >= 0;
    if (due || isSoonForgotten(whole)) {
      lastSequence = stream.lastSequence();
      if (lastSequence <= position.get().sequence()) {
        level(time);
        applier.advance(whole.lastSequence());
        advancedAt = time;
      }
    } else if (nothingWaits()) {
      level(time);
    }
  }

  /**
   * Tells whether a stream that is busy with other databases has already forgotten half of what it
   * held when the position was written: to wait longer would look as if messages of this database
   * were among what is gone.
   */
  private boolean isSoonForgotten(StreamState whole) {
    long kept = whole.lastSequence() + 1 - whole.firstSequence();
    long behind = whole.lastSequence() - position.get().sequence();
    return whole.firstSequence() > FIRST_SEQUENCE && behind > kept / 2;
  }

  /**
   * Asks for numbers only: the last message itself, each second, may be large. How far the server
   * says that it delivered is no sign: messages of other databases count there.
   */
  private boolean nothingWaits() {
    return stream
        .consumer(node)
        .filter(consumer -> consumer.pending() == 0 && consumer.unacknowledged() == 0)
        .isPresent();
  }

  private void level(Instant now) {
    state.level();
    lagMessages = 0;
    levelAt = now;
  }

  private void retry(Throwable cause) {
    try {
      stop.await(state.retrying(cause).toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stop.countDown();
    }
  }

  private void halt(Throwable cause) {
    if (stop.getCount() == 0) {
      state.is(SubscriberStatus.State.CLOSED);
      return;
    }
    state.halted(cause);
    applier.wakeUp();
  }

  @Override
  public void pause() {
    pause.set(true);
  }

  @Override
  public void resume() {
    pause.set(false);
  }

  @Override
  public long latestSeq() {
    return position.get().sequence();
  }

  @Override
  public Optional<ConsumerPosition> deliveredInfo() {
    return stream.consumer(node);
  }

  @Override
  public void removeConsumer(NodeId gone) {
    stream.removeConsumer(gone);
  }

  @Override
  public SubscriberStatus status() {
    Duration sinceLevel = Duration.between(levelAt, clock.instant());
    boolean level =
        state.state() == SubscriberStatus.State.FOLLOWING
            && lagMessages == 0
            && sinceLevel.compareTo(LEVEL_FOR) < 0;
    return new SubscriberStatus(
        state.state(),
        Math.max(lastSequence, latestSeq()),
        lagMessages,
        level || sinceLevel.isNegative() ? Duration.ZERO : sinceLevel,
        state.lastProblem(),
        state.problem());
  }

  @Override
  public void close() {
    stop.countDown();
    if (!started.get()) {
      return;
    }
    thread.interrupt();
    Threads.awaitEnd(thread);
  }
}
