package io.hasqlite.engine;

import io.hasqlite.capture.Capture;
import io.hasqlite.capture.CaptureOptions;
import io.hasqlite.capture.TriggerCapture;
import io.hasqlite.commit.CommitStep;
import io.hasqlite.jdbc.DatabaseAccess;
import io.hasqlite.jdbc.QueryTimer;
import io.hasqlite.sqlite.Checkpointer;
import io.hasqlite.sqlite.Schema;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.TableSchema;
import io.hasqlite.sqlite.WriteLock;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The file, its write lock and what the connections of the application share. */
final class LocalDatabase implements DatabaseAccess, AutoCloseable {

  private final SqliteFile file;
  private final CaptureOptions captureOptions;
  private final Clock clock;
  private final Duration busyTimeout;
  private final WriteLock writeLock = new WriteLock();
  private final QueryTimer queryTimer = new QueryTimer();
  private final @Nullable Checkpointer checkpointer;
  private volatile @Nullable CommitStep commitStep;
  private volatile boolean closed;

  LocalDatabase(SqliteFile file, CaptureOptions captureOptions, Clock clock) throws SQLException {
    this.file = file;
    this.captureOptions = captureOptions;
    this.clock = clock;
    try (SqliteSession session = file.openSession()) {
      this.busyTimeout = Duration.ofMillis(session.number("PRAGMA busy_timeout"));
    }
    this.checkpointer = Checkpointer.start(file);
  }

  /** From now on transactions are captured and ended by this step. */
  void commitWith(CommitStep step) {
    commitStep = step;
  }

  CaptureOptions captureOptions() {
    return captureOptions;
  }

  SqliteFile file() {
    return file;
  }

  /** Opens the session that applies what other nodes wrote. */
  TriggerCapture openForApply() throws SQLException {
    SqliteSession session = openWriter();
    session.execute("PRAGMA foreign_keys=OFF");
    session.execute("PRAGMA ignore_check_constraints=ON");
    return TriggerCapture.ofApply(session, captureOptions, clock);
  }

  @Override
  public SqliteSession openSession() throws SQLException {
    if (closed) {
      throw new SQLException("The database " + file.path() + " is closed", "08003");
    }
    return openWriter();
  }

  private SqliteSession openWriter() throws SQLException {
    return checkpointer == null ? file.openSession() : checkpointer.openRelieved();
  }

  @Override
  public @Nullable Capture captureOf(SqliteSession session) {
    return commitStep == null ? null : TriggerCapture.ofApplication(session, captureOptions, clock);
  }

  @Override
  public WriteLock writeLock() {
    return writeLock;
  }

  @Override
  public CommitStep commitStep() {
    CommitStep step = commitStep;
    if (step == null) {
      throw new IllegalStateException("Nothing is captured, so nothing can be published");
    }
    return step;
  }

  @Override
  public boolean awaitCommitted(boolean mustBeNext, Duration timeout) throws SQLException {
    CommitStep step = commitStep;
    return step == null || step.awaitCommitted(mustBeNext, timeout);
  }

  @Override
  public Duration awaitFence(boolean mustBeNext, Duration atMost) throws SQLException {
    CommitStep step = commitStep;
    return step == null ? Duration.ZERO : step.awaitFence(mustBeNext, atMost);
  }

  @Override
  public void holdOthers(boolean hold) {
    CommitStep step = commitStep;
    if (step != null) {
      step.holdOthers(hold);
    }
  }

  @Override
  public Duration busyTimeout() {
    return busyTimeout;
  }

  @Override
  public QueryTimer queryTimer() {
    return queryTimer;
  }

  @Override
  public boolean hasRowsIdentifiedByRowid(SqliteSession session) throws SQLException {
    if (commitStep == null) {
      return false;
    }
    Schema schema = Schema.read(session, captureOptions.rowIdentity());
    for (String name : schema.userTables()) {
      TableSchema table = schema.table(name);
      if (table != null && !captureOptions.excludes(name) && table.isIdentifiedByRowid()) {
        return true;
      }
    }
    return false;
  }

  /** To be called when all sessions are closed. */
  @Override
  public void close() {
    closed = true;
    queryTimer.close();
    if (checkpointer != null) {
      checkpointer.close();
    }
    file.standAlone();
  }
}
