package io.hasqlite.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointerTests {

  private static final int ROWS = 2_000;

  @TempDir Path folder;

  private Path path = Path.of("");

  @BeforeEach
  void nameFile() {
    path = folder.resolve("a.db");
  }

  private SqliteFile open(Map<String, String> pragmas) throws Exception {
    SqliteFile file = SqliteFile.open(path, pragmas, List.of());
    try (SqliteSession session = file.openSession()) {
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    }
    return file;
  }

  private static void insert(SqliteSession session, int rows) throws Exception {
    session.execute("BEGIN IMMEDIATE");
    session.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
            + rows
            + ") INSERT INTO t(v) SELECT hex(randomblob(200)) FROM n");
    session.execute("COMMIT");
  }

  /** Returns how many rows the file has without its log; less than 0 in the middle of a change. */
  private long rowsInFile() throws Exception {
    Path copy = Files.createTempDirectory(folder, "copy").resolve("copy.db");
    Files.copy(path, copy);
    try (SqliteSession session = SqliteFile.open(copy, Map.of(), List.of()).openSession()) {
      return session.number("SELECT count(*) FROM t");
    } catch (SQLException | SqliteFile.UnusableFileException e) {
      return -1;
    }
  }

  @Test
  @DisplayName("What is committed comes into the file although no commit brings it there")
  void theLogIsBroughtIntoTheFile() throws Exception {
    SqliteFile file = open(Map.of());
    try (Checkpointer checkpointer = Objects.requireNonNull(Checkpointer.start(file));
        SqliteSession session = checkpointer.openRelieved()) {
      assertThat(session.number("PRAGMA wal_autocheckpoint")).isEqualTo(8_192);
      insert(session, ROWS);
      Eventually.holds(() -> assertThat(rowsInFile()).isEqualTo(ROWS));
      insert(session, ROWS); // and again, after it had nothing to do
      Eventually.holds(() -> assertThat(rowsInFile()).isEqualTo(2 * ROWS));
    }
  }

  @Test
  @DisplayName("Few changes stay in the log, as SQLite leaves them there")
  void fewChangesStay() throws Exception {
    SqliteFile file = open(Map.of());
    try (Checkpointer checkpointer = Objects.requireNonNull(Checkpointer.start(file));
        SqliteSession session = checkpointer.openRelieved()) {
      insert(session, 600);
      assertThat(rowsInFile()).isNotPositive(); // the table itself is in the log
      insert(session, 600);
      Eventually.holds(() -> assertThat(rowsInFile()).isEqualTo(1_200));
    }
  }

  @Test
  @DisplayName("The log has a bound, not much beyond 32 MB unless the disk is slow")
  void theLogIsBounded() throws Exception {
    SqliteFile file = open(Map.of());
    try (Checkpointer checkpointer = Objects.requireNonNull(Checkpointer.start(file));
        SqliteSession session = checkpointer.openRelieved()) {
      for (int i = 0; i < 300; i++) {
        insert(session, ROWS); // about a megabyte
      }
      // No commit begins it anew while the thread waits for the disk.
      assertThat(Files.size(folder.resolve("a.db-wal"))).isLessThan(100L << 20);
    }
  }

  @Test
  @DisplayName("Who sets wal_autocheckpoint has it as it was set")
  void theApplicationDecides() throws Exception {
    assertThat(Checkpointer.start(open(Map.of("wal_autocheckpoint", "0")))).isNull();
  }

  @Test
  @DisplayName("After a failure it is tried again")
  void afterAFailureItIsTriedAgain() throws Exception {
    SqliteFile file = open(Map.of());
    Path away = folder.resolve("away.db");
    try (Checkpointer checkpointer = Objects.requireNonNull(Checkpointer.start(file));
        SqliteSession session = checkpointer.openRelieved()) {
      Files.move(path, away);
      Files.createDirectory(path); // nothing can be opened there
      insert(session, ROWS);
      Eventually.holds(() -> assertThat(checkpointer.problem()).isNotNull());
      Files.delete(path);
      Files.move(away, path);
      insert(session, ROWS);
      Eventually.holds(() -> assertThat(rowsInFile()).isEqualTo(2 * ROWS));
      Eventually.holds(() -> assertThat(checkpointer.problem()).isNull());
    }
  }

  @Test
  @DisplayName("It may be closed twice, and ends its thread")
  void closesTwice() throws Exception {
    Checkpointer checkpointer = Objects.requireNonNull(Checkpointer.start(open(Map.of())));
    checkpointer.close();
    checkpointer.close();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("ha-sqlite-checkpoint-a.db");
  }

  @ParameterizedTest
  @CsvSource({
    "3.44.5,false",
    "3.44.6,true",
    "3.45.0,false",
    "3.50.6,false",
    "3.50.7,true",
    "3.51.2,false",
    "3.51.3,true",
    "3.53.4,true",
    "4.0.0,true",
    "2.99.9,false",
    "3.51.3.1,true"
  })
  @DisplayName("Checkpoints stay in the commits where SQLite has the WAL-reset bug")
  void oldVersions(String version, boolean safe) {
    assertThat(Checkpointer.isSafe(version)).isEqualTo(safe);
  }
}
