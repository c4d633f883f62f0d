package io.hasqlite.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.capture.CaptureSelfTest;
import org.junit.jupiter.api.Test;
import org.sqlite.SQLiteJDBCLoader;

class DriverVersionTests {

  @Test
  void theDriverIsTheOneThatThisRunIsMeantToTest() {
    String expected = System.getProperty("sqlite.version.expected");
    if (expected != null) {
      assertThat(SQLiteJDBCLoader.getVersion()).isEqualTo(expected);
    }
    CaptureSelfTest.run();
  }
}
