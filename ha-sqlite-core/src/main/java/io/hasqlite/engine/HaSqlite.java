package io.hasqlite.engine;

import io.hasqlite.HaSqliteException;
import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.Position;
import io.hasqlite.WriteToken;
import io.hasqlite.apply.AppliedPosition;
import io.hasqlite.apply.DeadLetter;
import io.hasqlite.apply.DeadLetters;
import io.hasqlite.apply.Fence;
import io.hasqlite.capture.CaptureOptions;
import io.hasqlite.capture.CaptureSelfTest;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.commit.LocalCommit;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.jdbc.HaDataSource;
import io.hasqlite.outbox.Outbox;
import io.hasqlite.outbox.PayloadFile;
import io.hasqlite.publish.CdcPublisher;
import io.hasqlite.publish.NoopPublisher;
import io.hasqlite.snapshot.DbSnapshotter;
import io.hasqlite.snapshot.NoopSnapshotter;
import io.hasqlite.sqlite.FileLock;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.stream.StoredSnapshot;
import io.hasqlite.subscribe.CdcSubscriber;
import io.hasqlite.subscribe.NoopSubscriber;
import io.hasqlite.verify.DatabaseDigest;
import io.hasqlite.verify.Verifier;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
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
  private final Outbox outbox;
  private final @Nullable Replication replication;
  private final CdcPublisher localPublisher;
  private final CdcSubscriber localSubscriber = new NoopSubscriber();
  private final DbSnapshotter localSnapshotter = new NoopSnapshotter();

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
        replication =
            new Replication(options, origin, database, outbox, position, codec, resources, notices);
        localPublisher = new NoopPublisher();
        replication.start();
      } else {
        replication = null;
        localPublisher = startLocal();
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

  private CdcPublisher startLocal() {
    CdcPublisher own = options.publisher;
    if (own != null && options.publisherEnabled) {
      database.commitWith(
          new LocalCommit(origin, path.getFileName().toString(), own, options.clock));
      notices.add(
          "The publisher gives no order: this node does not agree with others about conflicts");
      return own;
    }
    notices.add(
        "Standalone: neither ha.sqlite.nats.url nor ha.sqlite.nats.embedded is set, nothing is"
            + " replicated");
    log.info("Database {} is not replicated: no NATS server is configured", path);
    return new NoopPublisher();
  }

  /** Returns the data source of the database, without a pool. */
  public DataSource dataSource() {
    return dataSource;
  }

  /** Opens a connection without a pool; its end is told. */
  Connection connect(HaDataSource.AfterClose afterClose) throws SQLException {
    return dataSource.open(afterClose);
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
    return replication == null ? localPublisher : replication.publisher();
  }

  /** Returns the subscriber. */
  public CdcSubscriber subscriber() {
    return replication == null ? localSubscriber : replication.subscriber();
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
    return Objects.requireNonNull(replication).sendNext();
  }

  /** Returns the snapshotter. */
  public DbSnapshotter snapshotter() {
    return replication == null ? localSnapshotter : replication.snapshotter();
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
      return Verifier.digest(
          session,
          database.captureOptions(),
          replication == null ? null : replication.controlTables());
    }
  }

  /**
   * Returns the messages that this node left out because no node can apply them ({@link
   * HaSqliteOptions.Builder#onError}), oldest first. Each node keeps its own.
   *
   * @throws DeadLetterException if they cannot be read
   */
  public List<DeadLetter> deadLetters() {
    DeadLetters letters = letters();
    return letters == null ? List.of() : office(letters).list();
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
    DeadLetters letters = letters();
    if (letters == null) {
      throw new DeadLetterException(
          "There is no dead letter of sequence " + sequence + ": this node does not subscribe",
          null);
    }
    return office(letters);
  }

  private @Nullable DeadLetters letters() {
    return replication == null ? null : replication.deadLetters();
  }

  private DeadLetterOffice office(DeadLetters letters) {
    return new DeadLetterOffice(letters, database, dataSource, codec, options.rowIdentity);
  }

  /**
   * Returns the nodes of this database, this one included, as the server knows them: a node that
   * was closed stays until its consumer expires (7 days) or is removed. Empty without replication.
   * Blocks: asks the server, and each node whether it lives.
   *
   * @throws io.hasqlite.stream.StreamException if the stream is away
   */
  public List<Peer> peers() {
    return replication == null ? List.of() : replication.peers().list();
  }

  /**
   * Removes what the server keeps for a node that is gone, so that nobody counts on it any more.
   * Should it come back, it goes on where its file is.
   *
   * @return false if the server knows no such node
   * @throws PeerInUseException if it is this node, or a process answers under its name
   * @throws io.hasqlite.stream.StreamException if the stream is away
   */
  public boolean removePeer(NodeId node) {
    return replication != null && replication.peers().remove(node);
  }

  /**
   * Lets this node stand still: it applies nothing of what others write until {@link #resume}, or
   * until it is opened again. Reads go on; synchronous commits fail (SQLState 55000), what is
   * committed asynchronously waits in the outbox. Returns at once; {@link #status} says {@code
   * PAUSED} when nothing is applied any more. No effect if it is paused already.
   *
   * @throws UnsupportedOperationException if this node does not subscribe, or by a subscriber that
   *     cannot be paused
   */
  public void pause() {
    subscriber().pause();
  }

  /**
   * Ends a pause; returns at once. No effect without one.
   *
   * @throws UnsupportedOperationException as {@link #pause} does
   */
  public void resume() {
    subscriber().resume();
  }

  /**
   * Waits until this node has counted a sequence of the stream.
   *
   * @return false if it did not in time
   */
  public boolean await(long sequence, Duration timeout) throws InterruptedException {
    return position.await(sequence, timeout, closed::get);
  }

  /**
   * Returns what a client has seen that has read and written here until now. With it, another node
   * shows it no older state: see {@link #await(WriteToken, Duration)}.
   *
   * @throws SQLException if the database cannot be read; only while transactions of this node wait
   *     to be published
   */
  public WriteToken writeToken() throws SQLException {
    return replication == null ? WriteToken.NONE : replication.writeTokens().current();
  }

  /**
   * Waits until this node shows what a client has seen elsewhere. What is read afterwards is not
   * older than that. Blocks; returns at once if there is nothing to wait for.
   *
   * @param token from {@link #writeToken()} of any node of this database
   * @param timeout how long to wait at most
   * @return false if this node does not show it in time, was closed, or if the token is one of a
   *     stream that is no more
   * @throws SQLException if the database cannot be read
   */
  public boolean await(WriteToken token, Duration timeout)
      throws InterruptedException, SQLException {
    return replication == null
        ? token.isEmpty()
        : replication.writeTokens().await(token, timeout, closed::get);
  }

  /**
   * Runs something while nobody else commits to the database: no other node, and no other thread of
   * this one. For migrations, and for jobs that are to run on one node at a time. What the calling
   * thread commits meanwhile follows directly on what it has read.
   *
   * <p>Waits until no other thread or node is in such a section, tells all nodes through the
   * stream, and waits until they know. Their transactions wait before they begin, at most for the
   * expiry, and then fail with SQLState 40001; a node that publishes asynchronously goes on
   * committing, except for changes of the schema, and publishes when the section is over. Reads go
   * on, but for those in a transaction that may write. The calling thread's commits are synchronous
   * in any case.
   *
   * <p>If this process dies, is frozen or is cut off from NATS for longer than the expiry, others
   * go on. Nothing that this thread commits from then on takes effect: it gets SQLState 40001, and
   * what it has committed before stays. The same SQLState where a message of another node that was
   * under way came in between: run the transaction, or the whole section, again.
   *
   * <p>Within such a section another one is part of it. Where nothing is replicated the action is
   * run at once. No transaction of this thread may be open at the begin, nor at the end.
   *
   * @return what the action returned
   * @throws FenceException if it could not begin in time; the action was not run
   * @throws IllegalStateException if this node takes no part in the order of transactions, since it
   *     does not publish or subscribe
   * @throws Exception what the action threw
   */
  public <T> T exclusively(FenceOptions fence, Callable<T> action) throws Exception {
    if (replication == null) {
      return action.call();
    }
    if (!isOrdered()) {
      throw new IllegalStateException(
          "Node "
              + options.node
              + " takes no part in the order of transactions: it cannot have database \""
              + options.database
              + "\" for itself. Enable its publisher and its subscriber");
    }
    return replication.fenceKeeper().run(fence, action);
  }

  /**
   * Tells whether what this node commits has its place in the order that all nodes share: whether
   * it is replicated, publishes and subscribes.
   */
  public boolean isOrdered() {
    return replication != null && replication.isOrdered();
  }

  /** Returns what the engine is doing. Never blocks. */
  public ReplicationStatus status() {
    ReplicationStatus now = replication == null ? standalone() : replication.status();
    return now.with(closed.get() ? State.CLOSED : now.state(), noticesNow());
  }

  private ReplicationStatus standalone() {
    return new ReplicationStatus(
        options.node,
        options.database,
        path,
        State.STANDALONE,
        false,
        "",
        0,
        "",
        0,
        0,
        0,
        Duration.ZERO,
        outbox.backlog(),
        null,
        0,
        null,
        null,
        notices);
  }

  private List<String> noticesNow() {
    List<String> now = new ArrayList<>(notices);
    Fence fence = replication == null ? null : replication.controlTables().fences().open();
    if (fence != null) {
      now.add(
          "Writers wait: node "
              + fence.holder().node()
              + " has the database for itself ("
              + fence.purpose()
              + ")");
    }
    DeadLetters left = letters();
    long letters = left == null ? 0 : left.count();
    if (letters == 0) {
      return List.copyOf(now);
    }
    now.add(
        "Left out because no node can apply them (on-error=skip): "
            + letters
            + " messages. They lie in ha_dead_letters; look at each, then apply or drop it");
    return List.copyOf(now);
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
