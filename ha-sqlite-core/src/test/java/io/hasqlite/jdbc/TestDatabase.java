package io.hasqlite.jdbc;

import io.hasqlite.RowIdentity;
import io.hasqlite.capture.Capture;
import io.hasqlite.capture.CaptureOptions;
import io.hasqlite.capture.StatementPlan;
import io.hasqlite.capture.TriggerCapture;
import io.hasqlite.changeset.Change;
import io.hasqlite.commit.CommitConflictException;
import io.hasqlite.commit.CommitStep;
import io.hasqlite.commit.OpenTransaction;
import io.hasqlite.sql.SqlStatement;
import io.hasqlite.sqlite.Schema;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.WriteLock;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;

/**
 * A database in a file, whose capture writes down what it is asked and whose commit step just
 * commits.
 */
final class TestDatabase implements DatabaseAccess, AutoCloseable {

  final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  final WriteLock writeLock = new WriteLock();
  CommitStep commitStep = new PlainCommitStep();
  boolean rowsIdentifiedByRowid;
  boolean capturing = true;
  boolean triggerCapture;
  boolean failAfter;
  Duration busyTimeout = Duration.ofSeconds(5);

  private final QueryTimer timer = new QueryTimer();
  private final String url;

  TestDatabase(Path directory) {
    url = "jdbc:sqlite:" + directory.resolve("test.db");
  }

  Connection connect() throws SQLException {
    return new HaDataSource(this).getConnection();
  }

  /** Opens a connection of the driver, for looking from outside. */
  SQLiteConnection driver() throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
    config.enforceForeignKeys(true);
    config.setBusyTimeout(100);
    return (SQLiteConnection) config.createConnection(url);
  }

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static @Nullable String one(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getString(1) : null;
    }
  }

  /** Asks through a connection of its own, which sees what is committed. */
  @Nullable String committed(String sql) throws SQLException {
    try (Connection connection = driver()) {
      return one(connection, sql);
    }
  }

  List<String> takeCalls() {
    synchronized (calls) {
      List<String> taken = List.copyOf(calls);
      calls.clear();
      return taken;
    }
  }

  @Override
  public SqliteSession openSession() throws SQLException {
    return new SqliteSession(driver());
  }

  @Override
  public @Nullable Capture captureOf(SqliteSession session) {
    if (triggerCapture) {
      return TriggerCapture.ofApplication(
          session, new CaptureOptions(RowIdentity.PK, Set.of(), true), Clock.systemUTC());
    }
    return capturing ? new RecordingCapture(session) : null;
  }

  @Override
  public WriteLock writeLock() {
    return writeLock;
  }

  @Override
  public CommitStep commitStep() {
    return commitStep;
  }

  @Override
  public Duration busyTimeout() {
    return busyTimeout;
  }

  @Override
  public QueryTimer queryTimer() {
    return timer;
  }

  @Override
  public boolean hasRowsIdentifiedByRowid(SqliteSession session) {
    return rowsIdentifiedByRowid;
  }

  @Override
  public void close() {
    timer.close();
  }

  /** Commits. */
  static class PlainCommitStep implements CommitStep {

    @Override
    public @Nullable SQLWarning commit(
        OpenTransaction transaction, List<Change> changes, boolean ddl) throws SQLException {
      transaction.commit(() -> {});
      return null;
    }

    @Override
    public boolean awaitCaughtUp(CommitConflictException conflict) throws SQLException {
      return true;
    }
  }

  /** Takes each writing statement for one change. */
  private final class RecordingCapture implements Capture {

    @Override
    public Schema currentSchema() {
      throw new UnsupportedOperationException("Nothing is captured here");
    }

    private final List<Change> log = new ArrayList<>();

    private final SqliteSession session;

    RecordingCapture(SqliteSession session) {
      this.session = session;
    }

    @Override
    public StatementPlan plan(SqlStatement statement) throws SQLException {
      session.driver().prepareStatement("EXPLAIN " + statement.text()).close();
      boolean temp = "temp".equalsIgnoreCase(statement.objectSchema());
      boolean writes = statement.modifiesDatabase() && !temp;
      Set<String> tables =
          writes && !statement.isDdl() && statement.objectName() != null
              ? Set.of(statement.objectName())
              : Set.of();
      return new StatementPlan(
          writes, writes && statement.isDdl(), false, tables, false, Set.of(), Set.of(), Set.of());
    }

    @Override
    public void begun() {
      calls.add("begun");
    }

    @Override
    public void before(SqlStatement statement, StatementPlan plan) {
      calls.add("before " + statement.text());
    }

    @Override
    public void after(SqlStatement statement, StatementPlan plan, boolean succeeded) {
      calls.add("after " + succeeded);
      if (failAfter) {
        throw new IllegalStateException("capture failed");
      }
      if (succeeded) {
        log.add(Change.sql(statement.text(), List.of(), 0));
      }
    }

    @Override
    public List<Change> drain() {
      calls.add("drain");
      List<Change> drained = List.copyOf(log);
      log.clear();
      return drained;
    }

    @Override
    public void addSql(String command, List<@Nullable Object> arguments) {
      log.add(Change.sql(command, arguments, 0));
    }

    @Override
    public boolean mayDeferForeignKeys() {
      return false;
    }

    @Override
    public void rolledBackTo() {
      calls.add("rolledBackTo");
    }

    @Override
    public void ended(boolean committed) {
      calls.add("ended " + committed);
      log.clear();
    }
  }
}
