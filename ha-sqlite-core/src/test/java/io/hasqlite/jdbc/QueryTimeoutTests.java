package io.hasqlite.jdbc;

import static io.hasqlite.jdbc.TestDatabase.execute;
import static io.hasqlite.jdbc.TestDatabase.one;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class QueryTimeoutTests {

  private static final String ENDLESS =
      "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s) SELECT count(*) FROM s";
  private static final String ENDLESS_INSERT =
      "INSERT INTO t(v) WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s) SELECT i"
          + " FROM s";

  @TempDir Path directory;
  private TestDatabase database;
  private Connection connection;

  @BeforeEach
  void open() throws SQLException {
    database = new TestDatabase(directory);
    connection = database.connect();
    execute(connection, "CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    execute(connection, "INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  private static void assertTimesOut(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(1);
      assertThatThrownBy(() -> statement.execute(sql))
          .isInstanceOfSatisfying(
              SQLTimeoutException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"))
          .hasMessageContaining("query timeout of 1 s");
    }
  }

  @Test
  void endlessQueryEndsAndTheNextOneRuns() throws SQLException {
    assertTimesOut(connection, ENDLESS);
    assertThat(one(connection, "SELECT count(*) FROM t")).isEqualTo("3");
  }

  @Test
  void preparedStatementCanBeUsedAgainAfterATimeout() throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i < ?)"
                + " SELECT count(*) FROM s")) {
      query.setQueryTimeout(1);
      query.setLong(1, Long.MAX_VALUE);
      assertThatThrownBy(query::executeQuery).isInstanceOf(SQLTimeoutException.class);
      query.setLong(1, 5);
      try (ResultSet rows = query.executeQuery()) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getInt(1)).isEqualTo(5);
      }
    }
  }

  @Test
  void interruptedWriteEndsTheTransaction() throws SQLException {
    connection.setAutoCommit(false);
    execute(connection, "DELETE FROM t");
    assertTimesOut(connection, ENDLESS_INSERT);
    assertThatThrownBy(() -> execute(connection, "DELETE FROM t"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40000"));
    database.writeLock.acquire(this, Duration.ZERO);
    database.writeLock.release(this);
    connection.rollback();
    connection.setAutoCommit(true);
    assertTimesOut(connection, ENDLESS_INSERT);
    execute(connection, "DELETE FROM t WHERE id = 1");
    assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("2");
  }

  @Test
  void openCursorIsToldAndDoesNotKeepTheInterruptAlive() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT id FROM t")) {
      rows.next();
      assertTimesOut(connection, ENDLESS);
      assertThat(one(connection, "SELECT count(*) FROM t")).isEqualTo("3");
      assertThatThrownBy(rows::next)
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
    }
  }

  @Test
  void timeoutEndsWithTheStatement() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(1);
      try (ResultSet rows = statement.executeQuery("SELECT id FROM t")) {
        rows.next();
        // Runs on beyond the first statement's timeout.
        execute(
            connection,
            "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i < 4000000)"
                + " SELECT count(*) FROM s");
        assertThat(rows.next()).isTrue();
      }
    }
  }

  @Test
  void waitForTheWriteLockCounts() throws Exception {
    FutureTask<Boolean> holder =
        new FutureTask<>(
            () -> {
              database.writeLock.acquire(this, Duration.ZERO);
              return true;
            });
    new Thread(holder).start();
    holder.get(10, TimeUnit.SECONDS);
    database.busyTimeout = Duration.ofSeconds(50);
    try (Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(1);
      long start = System.nanoTime();
      assertThatThrownBy(() -> statement.execute("DELETE FROM t")).isInstanceOf(SQLException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }
    database.writeLock.release(this);
  }

  @Test
  void cancelFromAnotherThread() throws Exception {
    try (Statement statement = connection.createStatement()) {
      CountDownLatch running = new CountDownLatch(1);
      FutureTask<SQLException> query =
          new FutureTask<>(
              () -> {
                running.countDown();
                try {
                  statement.execute(ENDLESS);
                  throw new AssertionError("ended");
                } catch (SQLException e) {
                  return e;
                }
              });
      new Thread(query).start();
      running.await();
      do {
        // Has no effect before the statement runs.
        statement.cancel();
      } while (!endsWithin(query, 10));
      assertThat((Throwable) query.get())
          .isInstanceOf(SQLTimeoutException.class)
          .hasMessageContaining("cancelled");
      statement.cancel();
      assertThat(one(connection, "SELECT count(*) FROM t")).isEqualTo("3");
    }
  }

  private static boolean endsWithin(FutureTask<?> task, long millis) throws Exception {
    try {
      task.get(millis, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  @Test
  void negativeTimeoutIsRefused() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.setQueryTimeout(-1)).isInstanceOf(SQLException.class);
    }
  }
}
