package io.hasqlite.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteSessionTests {

  @TempDir Path folder;

  @Test
  void aPreparedStatementThatFailedOnAFullDiskCanBeRunAgain() throws SQLException {
    SqliteFile file = SqliteFile.open(folder.resolve("full.db"), Map.of(), List.of());
    try (SqliteSession session = file.openSession()) {
      session.execute("CREATE TABLE t(a)");
      session.execute("PRAGMA max_page_count = 1"); // the file as it is
      String insert = "INSERT INTO t VALUES(zeroblob(?))";
      assertThatThrownBy(() -> session.update(insert, 100_000))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("full");
      session.execute("PRAGMA max_page_count = 1000");
      assertThat(session.update(insert, 100_000)).isEqualTo(1);
      assertThat(session.number("SELECT length(a) FROM t")).isEqualTo(100_000);
    }
  }
}
