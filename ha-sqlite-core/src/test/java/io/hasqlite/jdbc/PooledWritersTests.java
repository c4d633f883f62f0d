package io.hasqlite.jdbc;

import static io.hasqlite.jdbc.TestDatabase.execute;
import static io.hasqlite.jdbc.TestDatabase.one;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConnection;

@Timeout(60)
class PooledWritersTests {

  private static final int THREADS = 30;
  private static final int ROUNDS = 20;

  @TempDir Path directory;
  private TestDatabase database;
  private HikariDataSource pool;

  @BeforeEach
  void open() throws SQLException {
    database = new TestDatabase(directory);
    database.busyTimeout = Duration.ofSeconds(30);
    HikariConfig config = new HikariConfig();
    config.setDataSource(new HaDataSource(database));
    config.setMaximumPoolSize(10);
    pool = new HikariDataSource(config);
    try (Connection connection = pool.getConnection()) {
      execute(connection, "CREATE TABLE counter(n INTEGER)");
      execute(connection, "INSERT INTO counter VALUES (0)");
    }
  }

  @AfterEach
  void close() {
    pool.close();
    database.close();
  }

  /** D40: thirty threads read, modify and write one row through ten connections. */
  @Test
  void readModifyWriteIsNeverBusyAndLosesNothing() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    List<Future<?>> results = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      results.add(
          threads.submit(
              () -> {
                for (int k = 0; k < ROUNDS; k++) {
                  increment();
                }
                return null;
              }));
    }
    for (Future<?> result : results) {
      result.get(50, TimeUnit.SECONDS);
    }
    threads.shutdown();
    assertThat(database.committed("SELECT n FROM counter"))
        .isEqualTo(String.valueOf(THREADS * ROUNDS));
  }

  private void increment() throws SQLException {
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      long n = Long.parseLong(String.valueOf(one(connection, "SELECT n FROM counter")));
      try (PreparedStatement update = connection.prepareStatement("UPDATE counter SET n = ?")) {
        update.setLong(1, n + 1);
        update.executeUpdate();
      }
      connection.commit();
      connection.setAutoCommit(true);
    }
  }

  @Test
  void innerTransactionOfTheSameThreadFailsAtOnceInsteadOfWaitingForItself() throws SQLException {
    try (Connection outer = pool.getConnection();
        Connection inner = pool.getConnection()) {
      outer.setAutoCommit(false);
      execute(outer, "UPDATE counter SET n = 1");
      assertThat(one(inner, "SELECT n FROM counter")).isEqualTo("0");
      assertThatThrownBy(() -> execute(inner, "UPDATE counter SET n = 2"))
          .hasMessageContaining("REQUIRES_NEW");
      outer.commit();
      execute(inner, "UPDATE counter SET n = 3");
    }
    assertThat(database.committed("SELECT n FROM counter")).isEqualTo("3");
  }

  @Test
  void driverConnectionComesOutOfThePool() throws SQLException {
    try (Connection connection = pool.getConnection()) {
      assertThat(connection.isWrapperFor(SQLiteConnection.class)).isTrue();
      assertThat(connection.unwrap(SQLiteConnection.class).libversion()).startsWith("3.");
    }
  }

  @Test
  void readOnlyDoesNotStayOnAPooledConnection() throws SQLException {
    for (int i = 0; i < 12; i++) {
      try (Connection connection = pool.getConnection()) {
        connection.setReadOnly(true);
        assertThatThrownBy(() -> execute(connection, "DELETE FROM counter"))
            .isInstanceOf(SQLException.class);
      }
      try (Connection connection = pool.getConnection()) {
        execute(connection, "UPDATE counter SET n = n + 1");
      }
    }
    assertThat(database.committed("SELECT n FROM counter")).isEqualTo("12");
  }
}
