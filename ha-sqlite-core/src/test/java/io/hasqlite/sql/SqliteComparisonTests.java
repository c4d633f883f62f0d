package io.hasqlite.sql;

import static java.util.Comparator.naturalOrder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Reads statements, good and bad ones, and asks SQLite what it makes of them. More and others:
 * {@code -Dsql.mutants=100000 -Dsql.seed=1}.
 */
@Timeout(120)
class SqliteComparisonTests {

  private static final long SEED = Long.getLong("sql.seed", 20260101);
  private static final int MUTANTS = Integer.getInteger("sql.mutants", 5_000);
  private static final int SCRIPTS = 100;

  /** How many mutants have their grammar checked, each in a database of its own. */
  private static final int CHECKED = MUTANTS / 5;

  private static final List<String> PIECES =
      List.of(
          "'",
          "\"",
          "`",
          "[",
          "]",
          "''",
          "\"\"",
          "--",
          "/*",
          "*/",
          "\n",
          ";",
          "; ",
          "(",
          ")",
          ",",
          ".",
          "?",
          "?1",
          "?3",
          ":a",
          "@b",
          "$c::d(e)",
          "#f",
          "$",
          ":",
          "::",
          "x'0f'",
          "x'0'",
          "1_0",
          "1__0",
          "0x1F",
          "1e3",
          "1e",
          ".5",
          "5.",
          "->",
          "->>",
          "||",
          "!=",
          "!",
          "\0",
          "\uFEFF",
          "\u000b",
          "é",
          "\uD83D\uDE00",
          "\uD83D",
          " BEGIN ",
          " END ",
          " END;",
          " CASE ",
          " WITH ",
          " AS ",
          " RETURNING *",
          " DISTINCT ",
          " EXPLAIN ",
          " TEMP ",
          " TRIGGER ",
          " FROM t ",
          " a ",
          " 1 ",
          " , ",
          " WHERE ",
          " COLLATE nocase ",
          " OVER () ",
          " NOT ",
          " NULL ");

  private Connection connection;

  @BeforeEach
  void open() throws SQLException {
    connection = withTables();
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  @Test
  void statementsAreReadAsSqliteReadsThem() throws Exception {
    List<String> statements = statements();
    assertThat(statements).hasSizeGreaterThan(150);
    int prepared = 0;
    for (String sql : statements) {
      prepared += compare(sql, false) ? 1 : 0;
      compareGrammar(sql);
    }
    assertThat(prepared).isGreaterThan(120);
    assertThat(statements.size() - prepared).isGreaterThan(30);
  }

  @Test
  void mutantsAreReadAsSqliteReadsThem() throws Exception {
    List<String> statements = statements();
    Random random = new Random(SEED);
    int prepared = 0;
    for (int i = 0; i < MUTANTS; i++) {
      String mutant = mutant(statements, random);
      splitsIntoTheSameAgain(mutant);
      prepared += compare(mutant, true) ? 1 : 0;
      if (i < CHECKED) {
        compareGrammar(mutant);
      }
    }
    assertThat(prepared).isGreaterThan(MUTANTS / 20);
  }

  @Test
  void noiseIsReadWithoutEnd() throws Exception {
    Random random = new Random(SEED);
    for (int i = 0; i < 5_000; i++) {
      StringBuilder noise = new StringBuilder();
      for (int n = random.nextInt(30); n > 0; n--) {
        noise.append(PIECES.get(random.nextInt(PIECES.size())));
      }
      splitsIntoTheSameAgain(noise.toString());
      compare(noise.toString(), true);
    }
  }

  @Test
  void scriptHasTheSameEffectStatementByStatement() throws Exception {
    List<String> blocks = List.of(resource("scripts.sql").split("\n====\n"));
    assertThat(blocks).hasSizeGreaterThan(8);
    Random random = new Random(SEED);
    for (int i = 0; i < SCRIPTS; i++) {
      StringBuilder script = new StringBuilder();
      for (int n = 1 + random.nextInt(6); n > 0; n--) {
        String block = blocks.get(random.nextInt(blocks.size())).strip();
        script
            .append(block.replace("%", String.valueOf(n)))
            .append(random.nextBoolean() ? "\n" : "");
      }
      String sql = script.toString();
      assertThat(contentAfterEach(sql)).as(shown(sql)).isEqualTo(contentAfterAll(sql));
    }
  }

  /**
   * Returns whether SQLite prepares the text; if so, it must agree about the first statement. In a
   * mutant, what is in double quotes may have become text, and a name differ from the schema's in
   * letter case.
   */
  private boolean compare(String sql, boolean mutated) {
    SqlStatement scanned = SqlStatement.scan(sql);
    scanned.columns();
    scanned.withIfExists();
    scanned.indexedExpressions();
    if (scanned.text().isEmpty()) {
      return false; // The driver cannot prepare a text without a statement.
    }
    List<String> columns = new ArrayList<>();
    int parameters;
    try (PreparedStatement prepared = connection.prepareStatement(sql)) {
      parameters = prepared.getParameterMetaData().getParameterCount();
      columns.addAll(columns(prepared));
    } catch (SQLException e) {
      if (String.valueOf(e.getMessage()).contains("finalized")) {
        fail("SQLite finds no statement in: " + shown(sql));
      }
      return false;
    }
    assertThat(scanned.type()).as(shown(sql)).isNotEqualTo(SqlStatement.Type.OTHER);
    assertThat(scanned.parameterCount()).as(shown(sql)).isEqualTo(parameters);
    try (PreparedStatement prepared = connection.prepareStatement(scanned.text())) {
      assertThat(prepared.getParameterMetaData().getParameterCount()).isEqualTo(parameters);
      assertThat(columns(prepared)).as(shown(sql)).hasSameSizeAs(columns);
      if (namesItsColumns(scanned) && (!mutated || !sql.contains("\""))) {
        assertThat(scanned.columns())
            .as(shown(sql))
            .usingElementComparator(mutated ? String.CASE_INSENSITIVE_ORDER : naturalOrder())
            .isEqualTo(columns(prepared));
      }
    } catch (SQLException e) {
      fail(shown(sql), e);
    }
    return true;
  }

  /** What SQLite prepares is right, and what it finds malformed is wrong. */
  private void compareGrammar(String sql) throws SQLException {
    SqlStatement scanned = SqlStatement.scan(sql);
    if (scanned.text().isEmpty()) {
      return;
    }
    String error = "";
    try (PreparedStatement prepared = connection.prepareStatement(scanned.text())) {
      assertThat(prepared).isNotNull();
    } catch (SQLException e) {
      error = String.valueOf(e.getMessage());
    }
    boolean malformed =
        error.contains(": syntax error")
            || error.contains("incomplete")
            || error.contains("unrecog");
    try {
      SqlStatement.parse(scanned.text());
      assertThat(malformed).as(shown(sql) + ": " + error).isFalse();
    } catch (SQLSyntaxErrorException e) {
      assertThat(error).as(shown(sql) + ": " + e.getMessage()).isNotEmpty();
    }
  }

  private static void splitsIntoTheSameAgain(String sql) {
    List<SqlStatement> statements = SqlStatement.scanAll(sql);
    StringBuilder script = new StringBuilder();
    for (SqlStatement statement : statements) {
      assertThat(SqlStatement.scanAll(statement.text())).as(shown(sql)).containsExactly(statement);
      // Without the space a parameter with an open parenthesis would go on.
      script.append(script.isEmpty() ? "" : "\n;").append(statement.text());
    }
    assertThat(SqlStatement.scanAll(script.toString())).as(shown(sql)).isEqualTo(statements);
  }

  /** A report cannot hold every character. */
  private static String shown(String sql) {
    StringBuilder shown = new StringBuilder();
    for (char c : sql.toCharArray()) {
      shown.append(c >= ' ' && c < 127 ? "" + c : String.format("\\u%04x", (int) c));
    }
    return shown.toString();
  }

  private static String mutant(List<String> statements, Random random) {
    StringBuilder text = new StringBuilder(statements.get(random.nextInt(statements.size())));
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      int at = random.nextInt(text.length() + 1);
      switch (random.nextInt(5)) {
        case 0 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
        case 1 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(4)));
        case 2 -> text.insert(at, (char) random.nextInt(128));
        case 3 -> text.setLength(at);
        default -> text.append(';').append(statements.get(random.nextInt(statements.size())));
      }
    }
    return text.toString();
  }

  /** Stars are not resolved, and the rowid takes the name of the column that is its alias. */
  private static boolean namesItsColumns(SqlStatement statement) {
    boolean result =
        switch (statement.type()) {
          case SELECT, EXPLAIN, INSERT, UPDATE, DELETE -> true;
          default -> false;
        };
    return result && !statement.text().contains("*") && !statement.text().contains("rowid");
  }

  private static List<String> columns(PreparedStatement prepared) throws SQLException {
    List<String> names = new ArrayList<>();
    ResultSetMetaData result;
    try {
      result = prepared.getMetaData();
      for (int i = 1; i <= result.getColumnCount(); i++) {
        names.add(result.getColumnLabel(i));
      }
    } catch (SQLException e) {
      return names; // The driver's way to say that there is no result.
    }
    return names;
  }

  private static List<String> contentAfterAll(String script) throws SQLException {
    try (Connection database = withTables();
        Statement statement = database.createStatement()) {
      statement.executeUpdate(script);
      return content(database);
    }
  }

  private static List<String> contentAfterEach(String script) throws SQLException {
    try (Connection database = withTables();
        Statement statement = database.createStatement()) {
      for (SqlStatement each : SqlStatement.scanAll(script)) {
        statement.execute(each.text());
      }
      return content(database);
    }
  }

  private static List<String> content(Connection database) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = database.createStatement()) {
      for (String sql :
          List.of(
              "SELECT type, name, sql FROM sqlite_schema ORDER BY name",
              "SELECT type, name, sql FROM temp.sqlite_schema ORDER BY name",
              "SELECT a, b, c FROM t ORDER BY rowid",
              "SELECT id, name, 0 FROM u ORDER BY id")) {
        try (ResultSet result = statement.executeQuery(sql)) {
          while (result.next()) {
            rows.add(result.getString(1) + "|" + result.getString(2) + "|" + result.getString(3));
          }
        }
      }
    }
    return rows;
  }

  private static Connection withTables() throws SQLException {
    Connection database = DriverManager.getConnection("jdbc:sqlite::memory:");
    try (Statement statement = database.createStatement()) {
      statement.execute("CREATE TABLE t(a, b, c)");
      statement.execute("CREATE TABLE u(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)");
      statement.execute("CREATE VIEW v AS SELECT a, b FROM t");
      statement.execute("CREATE INDEX ta ON t(a)");
      statement.execute("CREATE TRIGGER tt AFTER DELETE ON t BEGIN SELECT 1; END");
    }
    return database;
  }

  /**
   * One statement a line; {@code \n} stands for a line break and {@code \}{@code ufeff} for a BOM.
   */
  private static List<String> statements() throws Exception {
    return resource("statements.txt")
        .lines()
        .filter(line -> !line.isBlank())
        .map(line -> line.replace("\\n", "\n").replace("\\ufeff", "\uFEFF"))
        .toList();
  }

  private static String resource(String name) throws Exception {
    try (var in = SqliteComparisonTests.class.getResourceAsStream(name)) {
      assertThat(in).as(name).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
