package io.hasqlite.sample.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareFilesTests {

  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void filesWithTheSameRowsInAnotherOrderAreEqual() throws SQLException {
    assertThat(
            areEqual(
                "CREATE TABLE t(a); INSERT INTO t VALUES (1), (1), ('x'); CREATE TABLE ha_x(a)",
                "CREATE TABLE t(a); INSERT INTO t VALUES ('x'), (1), (1)"))
        .isTrue();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("t: 3 equal");
  }

  @Test
  void anotherTypeOfTheSameValueIsADifference() throws SQLException {
    assertThat(
            areEqual(
                "CREATE TABLE t(a); INSERT INTO t VALUES (1)",
                "CREATE TABLE t(a); INSERT INTO t VALUES (1.0)"))
        .isFalse();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("integer1", "real1.0");
  }

  @Test
  void textAfterANulIsCompared() throws SQLException {
    assertThat(
            areEqual(
                "CREATE TABLE t(a); INSERT INTO t VALUES (CAST(x'610062' AS TEXT))",
                "CREATE TABLE t(a); INSERT INTO t VALUES (CAST(x'610063' AS TEXT))"))
        .isFalse();
  }

  @Test
  void aRowThatIsThereOnceMoreIsADifference() throws SQLException {
    assertThat(
            areEqual(
                "CREATE TABLE t(a); INSERT INTO t VALUES (1)",
                "CREATE TABLE t(a); INSERT INTO t VALUES (1), (1)"))
        .isFalse();
  }

  @Test
  void aNullIsSeen() throws SQLException {
    assertThat(
            areEqual(
                "CREATE TABLE t(a, b); INSERT INTO t VALUES (1, NULL)",
                "CREATE TABLE t(a, b); INSERT INTO t VALUES (2, NULL)"))
        .isFalse();
  }

  @Test
  void anotherSchemaIsADifference() throws SQLException {
    assertThat(areEqual("CREATE TABLE t(a)", "CREATE TABLE t(a); CREATE INDEX i ON t(a)"))
        .isFalse();
  }

  @Test
  void emptyFilesAreNoProof() throws SQLException {
    assertThat(areEqual("CREATE TABLE ha_x(a)", "CREATE TABLE ha_x(a)")).isFalse();
  }

  private boolean areEqual(String first, String second) throws SQLException {
    return CompareFiles.areEqual(new PrintStream(out, true), make("1", first), make("2", second));
  }

  private String make(String name, String sql) throws SQLException {
    String file = directory.resolve(name + ".db").toString();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      for (String part : sql.split(";")) {
        statement.execute(part);
      }
    }
    return file;
  }
}
