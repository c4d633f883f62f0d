package io.hasqlite.jdbc;

import io.hasqlite.sqlite.SqliteErrors;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One execution of a statement as its timeout and {@link java.sql.Statement#cancel} see it. SQLite
 * is interrupted only while it runs the application's own statement: never in a commit, never after
 * the end of the execution.
 */
final class RunningStatement {

  private static final String CANCELLED = "The statement was cancelled";
  private static final String SQLSTATE_CANCELLED = "57014";

  private final SqliteSession session;
  private final OpenCursors cursors;
  private final QueryTimer timer;
  private final long timeoutNanos;
  private final long startNanos = System.nanoTime();

  private boolean stepping;
  private @Nullable String interruption;
  private @Nullable Future<?> repetition;

  RunningStatement(
      SqliteSession session, OpenCursors cursors, QueryTimer timer, int timeoutSeconds) {
    this.session = session;
    this.cursors = cursors;
    this.timer = timer;
    this.timeoutNanos = TimeUnit.SECONDS.toNanos(timeoutSeconds);
  }

  /** Returns how long to wait for a lock: as long as asked, but not beyond the timeout. */
  Duration waitAtMost(Duration wait) {
    Duration left = Duration.ofNanos(Math.max(0, leftNanos()));
    return timeoutNanos == 0 || wait.compareTo(left) < 0 ? wait : left;
  }

  /** Fails if the execution was cancelled or its time is over. */
  synchronized void check() throws SQLException {
    if (interruption == null && timeoutNanos > 0 && leftNanos() <= 0) {
      interruption = timeoutMessage();
    }
    if (interruption != null) {
      throw new SQLTimeoutException(interruption, SQLSTATE_CANCELLED);
    }
  }

  /** Runs the application's statement so that it can be interrupted. */
  Outcome call(SqlCall<Outcome> call) throws SQLException {
    enter();
    Outcome outcome;
    try {
      outcome = call.run();
    } catch (SQLException e) {
      throw failure(e, leave());
    } catch (RuntimeException | Error e) {
      leave();
      throw e;
    }
    String interrupted = leave();
    if (interrupted != null && outcome.rows() != null && outcome.rows().isClosed()) {
      throw new SQLTimeoutException(interrupted, SQLSTATE_CANCELLED);
    }
    return outcome;
  }

  /** Stops the execution, at once or, if it waits for a lock or commits, at its next step. */
  synchronized void cancel() {
    if (interruption == null) {
      interruption = CANCELLED;
    }
    if (stepping && repetition == null) {
      repetition = timer.repeatAfter(0, () -> interrupt(CANCELLED));
    }
    interrupt(CANCELLED);
  }

  private synchronized void enter() throws SQLException {
    check();
    stepping = true;
    if (timeoutNanos > 0) {
      repetition = timer.repeatAfter(Math.max(0, leftNanos()), () -> interrupt(timeoutMessage()));
    }
  }

  /** Ends what {@link #enter} began; returns why it was interrupted, or null. */
  private @Nullable String leave() {
    String interrupted;
    synchronized (this) {
      stepping = false;
      if (repetition != null) {
        repetition.cancel(false);
        repetition = null;
      }
      interrupted = interruption;
    }
    if (interrupted != null) {
      // As long as one cursor is open, SQLite keeps the interrupt and ends every statement with it.
      cursors.closeAll(interrupted + "; it was the connection's running statement", "57014");
    }
    return interrupted;
  }

  private synchronized void interrupt(String why) {
    if (!stepping) {
      return;
    }
    if (interruption == null) {
      interruption = why;
    }
    try {
      session.interrupt();
    } catch (SQLException e) {
      // The session was closed meanwhile: there is nothing left to stop.
      stepping = false;
    }
  }

  private static SQLException failure(SQLException e, @Nullable String interrupted) {
    SQLException translated = SqliteErrors.translate(e);
    return interrupted != null && translated instanceof SQLTimeoutException
        ? new SQLTimeoutException(interrupted, SQLSTATE_CANCELLED, translated.getErrorCode(), e)
        : translated;
  }

  private long leftNanos() {
    return timeoutNanos - (System.nanoTime() - startNanos);
  }

  private String timeoutMessage() {
    return "The statement did not end within its query timeout of "
        + TimeUnit.NANOSECONDS.toSeconds(timeoutNanos)
        + " s";
  }
}
