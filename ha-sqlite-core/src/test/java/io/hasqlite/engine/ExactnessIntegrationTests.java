package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Every value arrives bit for bit, every transaction whole. */
@Timeout(60)
class ExactnessIntegrationTests {

  /** Integers, reals, texts and blobs at the edges of what SQLite holds, as SQL. */
  private static final List<String> VALUES =
      List.of(
          "NULL",
          "0",
          "-1",
          "9223372036854775807",
          "-9223372036854775808",
          "9007199254740993",
          "757836450123456789",
          "1.0",
          "1e0",
          "0.0",
          "-0.0",
          "0.1",
          "0.1 + 0.2",
          "1e300",
          "-1.7976931348623157e308",
          "4.9e-324",
          "2.2250738585072014e-308",
          "9007199254740993.0",
          "9223372036854775807.0",
          "9e999",
          "-9e999",
          "x''",
          "x'00'",
          "x'ff00'",
          "x'31'",
          "zeroblob(1000)",
          "''",
          "' '",
          "' 5 '",
          "'00123'",
          "'1.0'",
          "'1e3'",
          "'9223372036854775808'",
          "'Inf'",
          "'Infinity'",
          "'NaN'",
          "'null'",
          "'AAE='",
          "'it''s \"quoted\" \\ / \t'",
          "char(10, 13, 27, 127, 128, 8232)",
          "char(0)",
          "'a' || char(0) || 'b'",
          "char(128512)",
          "char(65533)",
          "char(65279) || 'bom'",
          "char(1114111)",
          "CAST(x'ff' AS TEXT)",
          "CAST(x'ff00fe41' AS TEXT)",
          "CAST(x'eda080' AS TEXT)",
          "CAST(x'c080' AS TEXT)",
          "CAST(x'f0' AS TEXT)");

  private static final String COLUMNS =
      "(id INTEGER PRIMARY KEY, x, r REAL, i INTEGER, s TEXT, n NUMERIC, b BLOB, d DECIMAL(10,2),"
          + " dt DATETIME, bo BOOLEAN)";

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private TestCluster cluster;
  private TestNode a;
  private TestNode b;

  @BeforeEach
  void startTwoNodes() {
    cluster = new TestCluster(folder, NATS.url());
    a = cluster.node("a");
    b = cluster.node("b");
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  private static String repeat(String value, int times) {
    return (", " + value).repeat(times);
  }

  private interface PerValue {
    String sql(int number, String value);
  }

  private void forEachValue(PerValue statement) throws SQLException {
    List<String> statements = new ArrayList<>();
    for (int i = 0; i < VALUES.size(); i++) {
      statements.add(statement.sql(i, VALUES.get(i)));
    }
    a.transaction(statements.toArray(String[]::new));
  }

  private void assertAllThere(String... tables) throws Exception {
    cluster.converge();
    Map<String, List<String>> content = b.content();
    for (String table : tables) {
      assertThat(content.get("table " + table)).as(table).hasSize(1 + VALUES.size());
    }
  }

  @Test
  @DisplayName("Exactness: inserted and updated in columns of every affinity")
  void valuesOfColumnsOfEveryAffinity() throws Exception {
    a.run("CREATE TABLE inserted" + COLUMNS, "CREATE TABLE updated" + COLUMNS);
    forEachValue((i, v) -> "INSERT INTO inserted VALUES(" + i + repeat(v, 9) + ")");
    forEachValue((i, v) -> "INSERT INTO updated(id) VALUES(" + i + ")");
    cluster.converge();
    forEachValue(
        (i, v) ->
            ("UPDATE updated SET x = %1$s, r = %1$s, i = %1$s, s = %1$s, n = %1$s, b = %1$s, d ="
                        + " %1$s, dt = %1$s, bo = %1$s WHERE id = ")
                    .formatted(v)
                + i);
    assertAllThere("inserted", "updated");
    assertThat(b.conflicts()).isEmpty();
    // each value turned into the next one: nothing is taken for unchanged that is not
    forEachValue(
        (i, v) ->
            "UPDATE updated SET x = (SELECT x FROM inserted WHERE id = "
                + (i + 1) % VALUES.size()
                + ") WHERE id = "
                + i);
    assertAllThere("inserted", "updated");
    forEachValue((i, v) -> "DELETE FROM updated WHERE id = " + i);
    cluster.converge();
    assertThat(b.query("SELECT * FROM updated")).isEmpty();
    assertThat(b.conflicts()).isEmpty();
  }

  @Test
  @DisplayName("Exactness: STRICT tables")
  void valuesOfStrictTables() throws Exception {
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, x ANY, r REAL, i INT, s TEXT, b BLOB) STRICT");
    forEachValue(
        (i, v) ->
            ("INSERT INTO t SELECT %2$d, v, iif(typeof(v) IN ('real', 'integer'), v, NULL),"
                    + " iif(typeof(v) = 'integer', v, NULL), iif(typeof(v) = 'text', v, NULL),"
                    + " iif(typeof(v) = 'blob', v, NULL) FROM (SELECT %1$s AS v)")
                .formatted(v, i));
    assertAllThere("t");
  }

  @Test
  @DisplayName("Exactness: as keys, with updates, key changes and deletes")
  void valuesAsKeys() throws Exception {
    List<String> tables =
        List.of(
            "untyped(k NOT NULL PRIMARY KEY, v)",
            "without_rowid(k PRIMARY KEY, v) WITHOUT ROWID",
            "texts(k TEXT NOT NULL PRIMARY KEY, v)",
            "numerics(k NUMERIC NOT NULL PRIMARY KEY, v)",
            "reals(k REAL NOT NULL PRIMARY KEY, v)",
            "blobs(k BLOB NOT NULL, l TEXT NOT NULL, v, PRIMARY KEY(l, k))",
            "nullable(k PRIMARY KEY, v)",
            "keyless(k, v)",
            "by_unique(id INTEGER PRIMARY KEY, k UNIQUE, v)");
    for (String table : tables) {
      a.run("CREATE TABLE " + table);
      String name = table.substring(0, table.indexOf('('));
      String columns = name.equals("blobs") ? "(k, l, v)" : "(k, v)";
      // Where two values are equal as keys the first one stays.
      forEachValue(
          (i, v) ->
              "INSERT OR IGNORE INTO "
                  + name
                  + columns
                  + " VALUES("
                  + v
                  + (name.equals("blobs") ? ", " + v : "")
                  + ", 'v')");
      cluster.converge();
      forEachValue((i, v) -> "UPDATE " + name + " SET v = " + i + " WHERE k IS " + v);
      cluster.converge();
      b.run("UPDATE " + name + " SET v = 'from b: ' || v");
      cluster.converge();
      forEachValue(
          (i, v) ->
              i % 2 == 0
                  ? "DELETE FROM " + name + " WHERE k IS " + v
                  : "UPDATE OR IGNORE "
                      + name
                      + " SET k = CAST('moved ' || "
                      + i
                      + " AS BLOB) WHERE k IS "
                      + v);
      cluster.converge();
      assertThat(b.conflicts()).as(name).isEmpty();
      assertThat(b.query("SELECT count(*) FROM " + name + " WHERE v LIKE 'from b%'"))
          .as(name)
          .isNotEqualTo(List.of("0"));
    }
  }

  @Test
  @DisplayName("Exactness: values bound through JDBC, unpaired surrogates included")
  void boundValues() throws Exception {
    a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    List<Object> values =
        List.of(
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            Double.MIN_VALUE,
            Double.NEGATIVE_INFINITY,
            Double.NaN,
            -0.0,
            "\uD800x",
            "x\uDC00",
            "\uD83D\uDE00",
            "a\u0000b",
            "\uFFFD",
            new byte[] {0, -1, 127, -128},
            new byte[0],
            "x".repeat(100_000));
    try (Connection connection = a.connect();
        PreparedStatement insert = connection.prepareStatement("INSERT INTO t(v) VALUES(?)")) {
      connection.setAutoCommit(false);
      for (Object value : values) {
        insert.setObject(1, value);
        insert.executeUpdate();
      }
      connection.commit();
    }
    cluster.converge();
    assertThat(b.one("SELECT count(*) FROM t")).isEqualTo(String.valueOf(values.size()));
  }

  @Test
  @DisplayName("A transaction is seen whole or not at all by a reader of another node")
  void aReaderOfAnotherNodeNeverSeesHalfATransaction() throws Exception {
    int transactions = 200;
    a.run(
        "CREATE TABLE account(id INTEGER PRIMARY KEY, amount NOT NULL)",
        "CREATE TABLE total(id INTEGER PRIMARY KEY, moves)",
        "INSERT INTO account VALUES(1, 1000), (2, 0)",
        "INSERT INTO total VALUES(1, 0)");
    cluster.converge();
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService reader = Executors.newSingleThreadExecutor();
    try {
      Future<Integer> states = reader.submit(() -> watch(b, done));
      for (int i = 0; i < transactions; i++) {
        a.transaction(
            "UPDATE account SET amount = amount - 1 WHERE id = 1",
            "UPDATE account SET amount = amount + 1 WHERE id = 2",
            "UPDATE total SET moves = moves + 1");
      }
      cluster.converge();
      done.set(true);
      assertThat(states.get(20, TimeUnit.SECONDS)).isGreaterThan(5);
    } finally {
      done.set(true);
      reader.shutdownNow();
    }
    assertThat(b.query("SELECT amount FROM account ORDER BY id"))
        .containsExactly(String.valueOf(1000 - transactions), String.valueOf(transactions));
  }

  /** Reads until it is told to stop; returns how many different states it saw. */
  private static int watch(TestNode node, AtomicBoolean done) throws SQLException {
    String sql =
        "SELECT (SELECT sum(amount) FROM account), (SELECT amount FROM account WHERE id = 2),"
            + " (SELECT moves FROM total)";
    int states = 0;
    long before = -1;
    try (Connection connection = node.connect();
        Statement statement = connection.createStatement()) {
      while (!done.get()) {
        try (ResultSet row = statement.executeQuery(sql)) {
          row.next();
          long moves = row.getLong(3);
          assertThat(row.getLong(1)).isEqualTo(1000);
          assertThat(row.getLong(2)).isEqualTo(moves).isGreaterThanOrEqualTo(before);
          states += moves == before ? 0 : 1;
          before = moves;
        }
      }
    }
    return states;
  }
}
