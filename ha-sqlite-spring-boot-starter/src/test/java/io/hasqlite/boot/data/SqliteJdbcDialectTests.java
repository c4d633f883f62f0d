package io.hasqlite.boot.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.data.relational.core.dialect.LockClause;
import org.springframework.data.relational.core.sql.From;
import org.springframework.data.relational.core.sql.LockMode;
import org.springframework.data.relational.core.sql.LockOptions;
import org.springframework.data.relational.core.sql.Select;
import org.springframework.data.relational.core.sql.Table;

@ExtendWith(OutputCaptureExtension.class)
class SqliteJdbcDialectTests {

  @Test
  @DisplayName("A lock hint adds nothing to a query, and is answered by one warning")
  void aLockHintIsAnsweredByOneWarning(CapturedOutput output) {
    Table table = Table.create("t");
    From from = Select.builder().select(table.column("id")).from(table).build().getFrom();
    LockClause lock = new SqliteJdbcDialect().lock();
    LockOptions options = new LockOptions(LockMode.PESSIMISTIC_WRITE, from);

    assertThat(lock.getLock(options)).isEmpty();
    assertThat(lock.getLock(options)).isEmpty();

    assertThat(output.getAll().split("@Lock has no effect", -1)).hasSize(2);
  }
}
