package io.hasqlite.boot.autoconfigure;

import static com.zaxxer.hikari.SQLExceptionOverride.Override.CONTINUE_EVICT;
import static com.zaxxer.hikari.SQLExceptionOverride.Override.DO_NOT_EVICT;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HaSqliteExceptionOverrideTests {

  private final HaSqliteExceptionOverride override = new HaSqliteExceptionOverride();

  @ParameterizedTest
  @ValueSource(strings = {"08006", "08007", "0A000", "40001", "57014"})
  void failureOfTheStreamKeepsTheConnection(String state) {
    assertThat(override.adjudicate(new SQLException("", state))).isEqualTo(DO_NOT_EVICT);
  }

  @Test
  void closedConnectionGoes() {
    assertThat(override.adjudicate(new SQLException("", "08003"))).isEqualTo(CONTINUE_EVICT);
  }

  @Test
  void failureWithoutStateKeepsTheConnection() {
    assertThat(override.adjudicate(new SQLException("no state"))).isEqualTo(DO_NOT_EVICT);
  }
}
