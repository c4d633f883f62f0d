package io.hasqlite.sqlite;

import io.hasqlite.Threads;
import io.hasqlite.Waiting;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what is in a database's write-ahead log into its file on a thread of its own, while others
 * commit. SQLite does that in the commit that finds 1,000 pages in the log, which then waits for
 * the disk, and all that want to write wait with it. What a commit has left to do here is to begin
 * the log anew, once it has 32 MB: most of it is in the file by then.
 *
 * <p>A checkpoint beside commits needs a SQLite without its WAL-reset bug: see {@link
 * #isSafe(String)}. Safe for use by several threads.
 *
 * @see <a href="https://www.sqlite.org/wal.html#ckpt">SQLite: Checkpointing</a>
 */
public final class Checkpointer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Checkpointer.class);

  /** SQLite's own measure, at which it has a commit checkpoint. */
  private static final int PAGES_MIN = 1_000;

  private static final long LOG_BYTES = 32L << 20;

  /** A changed row is about a page in a small transaction, and less in a large one. */
  private static final long ROWS_PER_CHECKPOINT = PAGES_MIN;

  /** Each one waits for the disk, twice: more often would only make it busy. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

  private final SqliteFile file;
  private final long pages;
  private final AtomicLong rows = new AtomicLong();
  private final Waiting waiting = new Waiting();
  private final Thread thread;
  private volatile boolean closed;

  // For the thread.
  private @Nullable SqliteSession session;

  private volatile @Nullable String problem; // written by the thread

  private Checkpointer(SqliteFile file, long pageSize) {
    this.file = file;
    this.pages = Math.max(PAGES_MIN, LOG_BYTES / Math.max(1, pageSize));
    this.thread = new Thread(this::run, "ha-sqlite-checkpoint-" + file.path().getFileName());
    thread.setDaemon(true);
  }

  /**
   * Starts one for a database.
   *
   * @return null where checkpoints stay with the commits: the application has set {@code
   *     wal_autocheckpoint}, perhaps since another program is to do them, or SQLite has the bug
   */
  public static @Nullable Checkpointer start(SqliteFile file) throws SQLException {
    if (file.isSet("wal_autocheckpoint")) {
      return null;
    }
    long pageSize;
    try (SqliteSession asking = file.openSession()) {
      String version = String.valueOf(asking.one("SELECT sqlite_version()"));
      if (!isSafe(version)) {
        log.info(
            "SQLite {} has the WAL-reset bug: checkpoints of {} stay in the commits. Use 3.51.3 or"
                + " later",
            version,
            file.path());
        return null;
      }
      pageSize = asking.number("PRAGMA main.page_size");
    }
    Checkpointer checkpointer = new Checkpointer(file, pageSize);
    checkpointer.thread.start();
    return checkpointer;
  }

  /**
   * Tells whether a checkpoint may run while another connection commits. Up to 3.51.2 SQLite may
   * then take pages for copied that were not, in a race that was seen in production; the fix is in
   * 3.50.7 and 3.44.6, too.
   *
   * @param version a version of SQLite, three numbers at least
   * @see <a href="https://www.sqlite.org/wal.html#walresetbug">SQLite: The WAL-Reset Bug</a>
   */
  static boolean isSafe(String version) {
    String[] numbers = version.split("\\.");
    int major = Integer.parseInt(numbers[0]);
    int minor = Integer.parseInt(numbers[1]);
    int patch = Integer.parseInt(numbers[2]);
    if (major != 3) {
      return major > 3;
    }
    return switch (minor) {
      case 44 -> patch >= 6;
      case 50 -> patch >= 7;
      case 51 -> patch >= 3;
      default -> minor > 51;
    };
  }

  /**
   * Relieves a session of checkpoints, and watches what it commits.
   *
   * @return the session
   */
  public SqliteSession relieve(SqliteSession session) throws SQLException {
    session.execute("PRAGMA wal_autocheckpoint=" + pages);
    session.onCommit(this::written);
    return session;
  }

  /** Opens a session of the file that is relieved. */
  public SqliteSession openRelieved() throws SQLException {
    SqliteSession opened = file.openSession();
    boolean relieved = false;
    try {
      relieve(opened);
      relieved = true;
      return opened;
    } finally {
      if (!relieved) {
        opened.close();
      }
    }
  }

  /** Returns why the last checkpoint failed; null if it did not. */
  @Nullable String problem() {
    return problem;
  }

  /** Tells that a transaction with that many changed rows was committed. */
  private void written(long changedRows) {
    long now = rows.addAndGet(changedRows);
    if (now >= ROWS_PER_CHECKPOINT && now - changedRows < ROWS_PER_CHECKPOINT) {
      waiting.wakeUp();
    }
  }

  private void run() {
    try {
      while (awaitWork()) {
        checkpoint();
        waiting.await(() -> closed, PAUSE, () -> false);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // commits checkpoint by themselves from now on
    } finally {
      closeSession();
    }
  }

  private boolean awaitWork() throws InterruptedException {
    if (rows.get() < ROWS_PER_CHECKPOINT) {
      closeSession();
      waiting.await(() -> closed || rows.get() >= ROWS_PER_CHECKPOINT, FOREVER, () -> false);
    }
    return !closed;
  }

  private void checkpoint() {
    rows.set(0);
    try {
      if (session == null) {
        session = file.openSession();
      }
      try (Rows result = session.rows("PRAGMA main.wal_checkpoint(PASSIVE)")) {
        result.next(); // whether somebody else is at it does not matter
      }
      if (problem != null) {
        log.info("The write-ahead log of {} is brought into the file again", file.path());
        problem = null;
      }
    } catch (SQLException | RuntimeException | Error e) {
      if (problem == null) {
        log.warn(
            "The write-ahead log of {} was not brought into the file: {}. It is tried"
                + " again; until it works, commits do it when the log has 32 MB. See whether the"
                + " disk is full or failing",
            file.path(),
            e.getMessage());
      }
      problem = String.valueOf(e.getMessage());
      closeSession();
    }
  }

  private void closeSession() {
    SqliteSession open = session;
    session = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        log.debug("A session of {} was not closed", file.path(), e);
      }
    }
  }

  /** Stops it, when the checkpoint that runs has ended. May be called twice. */
  @Override
  public void close() {
    waiting.change(() -> closed = true);
    Threads.awaitEnd(thread);
  }
}
