package io.hasqlite.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteFileTests {

  @TempDir Path folder;

  @Test
  void onlyWhatIsThrownAwayIsNotSynced() throws Exception {
    SqliteFile file =
        SqliteFile.open(folder.resolve("a.db"), Map.of("synchronous", "FULL"), List.of());
    try (SqliteSession session = file.openSession();
        SqliteSession temporary = file.temporary("-side").openSession()) {
      assertThat(session.number("PRAGMA synchronous")).isEqualTo(2);
      assertThat(session.one("PRAGMA journal_mode")).isEqualTo("wal");
      assertThat(temporary.number("PRAGMA synchronous")).isZero();
      assertThat(temporary.one("PRAGMA journal_mode")).isEqualTo("delete");
      assertThat(temporary.number("PRAGMA foreign_keys")).isEqualTo(1);
    }
    file.temporary("-side").delete();
    assertThat(folder.resolve("a.db-side")).doesNotExist();
  }
}
