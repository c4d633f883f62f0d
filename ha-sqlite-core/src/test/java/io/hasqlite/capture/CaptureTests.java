package io.hasqlite.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.RowIdentity;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.Operation;
import io.hasqlite.changeset.RawText;
import io.hasqlite.testing.FileContent;
import io.hasqlite.testing.LocalWriter;
import io.hasqlite.testing.Replica;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the triggers capture: the transactions of a real connection are applied to a second file,
 * which must end up with the same rows.
 */
class CaptureTests {

  /** Makes capture use candidates instead of recursive triggers. */
  private static final String[] ANY_TRIGGER = {
    "CREATE TABLE any_table(x)",
    "CREATE TRIGGER any_trigger AFTER INSERT ON any_table BEGIN SELECT 1; END"
  };

  @TempDir Path folder;

  private LocalWriter writer;
  private Replica replica;

  @BeforeEach
  void open() throws SQLException {
    open(RowIdentity.PK);
  }

  @AfterEach
  void close() throws SQLException {
    replica.close();
    writer.close();
  }

  private void open(RowIdentity identity) throws SQLException {
    writer = LocalWriter.open(folder.resolve("writer.db"), o -> o.rowIdentity(identity));
    replica = new Replica(folder.resolve("replica.db"), identity, null);
  }

  private void reopen(RowIdentity identity) throws SQLException {
    close();
    open(identity);
  }

  private void assertSame() throws SQLException {
    replica.apply(writer);
    assertThat(FileContent.of(replica.path())).isEqualTo(FileContent.of(writer.engine().path()));
    assertThat(replica.conflicts()).isEmpty();
  }

  /** Applies what was published; returns it. */
  private List<Change> applied() throws SQLException {
    List<ChangeSet> changeSets = writer.takeChangeSets();
    replica.apply(changeSets);
    return changeSets.stream().flatMap(changeSet -> changeSet.changes().stream()).toList();
  }

  private List<String> query(String sql) throws SQLException {
    try (Statement statement = writer.connection().createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> result = new ArrayList<>();
      while (rows.next()) {
        result.add(rows.getString(1));
      }
      return result;
    }
  }

  private void runElsewhere(String... statements) throws SQLException {
    try (Connection other = writer.connect();
        Statement statement = other.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  // --- What is armed ---

  private List<String> armedTables() throws SQLException {
    return query(
        "SELECT DISTINCT tbl_name FROM temp.sqlite_schema WHERE type = 'trigger' ORDER BY 1");
  }

  @Test
  void armsOnlyTablesThatAreWritten() throws SQLException {
    writer.run("CREATE TABLE a(x)", "CREATE TABLE b(x)", "CREATE TABLE c(x)");
    assertThat(armedTables()).isEmpty();
    writer.run("INSERT INTO b VALUES(1)");
    query("SELECT * FROM c");
    assertThat(armedTables()).containsExactly("b");
  }

  @Test
  void armsTablesBehindTriggersCascadesAndViews() throws SQLException {
    writer.run(
        "CREATE TABLE parent(id INTEGER PRIMARY KEY)",
        "CREATE TABLE child(p REFERENCES parent ON DELETE CASCADE)",
        "CREATE TABLE audit(x)",
        "CREATE TRIGGER gone AFTER DELETE ON child BEGIN INSERT INTO audit VALUES(old.p); END",
        "CREATE VIEW v AS SELECT id FROM parent",
        "CREATE TRIGGER v_delete INSTEAD OF DELETE ON v BEGIN DELETE FROM parent WHERE id ="
            + " old.id; END",
        "INSERT INTO parent VALUES(1)",
        "INSERT INTO child VALUES(1), (1)");
    writer.take();
    writer.run("DELETE FROM v");
    assertThat(armedTables()).containsExactly("audit", "child", "parent");
    assertThat(writer.takeTexts())
        .containsExactlyInAnyOrder(
            "DELETE child (1)",
            "INSERT audit (1)",
            "DELETE child (1)",
            "INSERT audit (1)",
            "DELETE parent (1)");
  }

  @Test
  void foreignKeysThatAreSwitchedOnLaterAreSeen() throws SQLException {
    String delete = "DELETE FROM parent WHERE id = 1";
    writer.run(
        "CREATE TABLE parent(id INTEGER PRIMARY KEY)",
        "CREATE TABLE child(p REFERENCES parent ON DELETE CASCADE)",
        "INSERT INTO parent VALUES(1)",
        "INSERT INTO child VALUES(1)",
        "CREATE TABLE other(x)", // disarms child
        "PRAGMA foreign_keys = OFF",
        delete,
        "INSERT INTO parent VALUES(1)",
        "PRAGMA foreign_keys = ON",
        delete);
    assertSame();
    assertThat(query("SELECT * FROM child")).isEmpty();
  }

  @Test
  void namesThatDifferInTheCaseOfOtherLettersThanAsciiAreTwo() throws SQLException {
    writer.run(
        "CREATE TABLE É(É, é, k INTEGER PRIMARY KEY)",
        "CREATE TABLE é(é PRIMARY KEY NOT NULL)",
        "INSERT INTO É VALUES(1, 2, 3)",
        "INSERT INTO é VALUES(4)",
        "UPDATE É SET é = 9",
        "UPDATE É SET É = 8");
    assertSame();
  }

  @Test
  void temporaryAttachedExcludedAndOwnTablesAreLeftOut() throws SQLException {
    close();
    writer =
        LocalWriter.open(folder.resolve("excluding.db"), o -> o.excludedTables(Set.of("Secret")));
    replica = new Replica(folder.resolve("other.db"));
    writer.run(
        "ATTACH ':memory:' AS aux",
        "CREATE TABLE t(a)",
        "CREATE TABLE secret(a)",
        "CREATE UNIQUE INDEX secret_a ON secret(a)",
        "CREATE TABLE aux.t(a)",
        "CREATE TABLE aux.only_there(a)",
        "CREATE TEMP TABLE mine(a)",
        "INSERT INTO secret VALUES(1)",
        "INSERT INTO aux.t VALUES(1)",
        "INSERT INTO only_there VALUES(1)",
        "INSERT INTO mine VALUES(1)",
        "PRAGMA aux.user_version = 5",
        "PRAGMA temp.user_version = 5",
        "DROP TABLE only_there",
        "CREATE TEMP TABLE t(a)",
        "INSERT INTO t VALUES(2)",
        "DROP TABLE temp.t",
        "INSERT INTO t SELECT a + 2 FROM aux.t");
    assertThat(writer.takeTexts()).containsExactly("SQL 'CREATE TABLE t(a)' ()", "INSERT t (3)");
  }

  // --- When triggers are made anew ---

  @Test
  void anotherConnectionsSchemaIsCaptured() throws SQLException {
    writer.run("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)");
    runElsewhere("ALTER TABLE t ADD COLUMN b DEFAULT 5");
    writer.run("INSERT INTO t VALUES(2, 3)", "UPDATE t SET b = b + 1");
    runElsewhere("ALTER TABLE t RENAME COLUMN b TO c");
    writer.run("UPDATE t SET c = c + 1");
    runElsewhere("ALTER TABLE t RENAME TO u");
    writer.run("UPDATE u SET c = c + 1");
    runElsewhere("DROP TABLE u", "CREATE TABLE u(k INTEGER PRIMARY KEY, c)");
    writer.run("INSERT INTO u VALUES(7, 8)");
    runElsewhere("CREATE TRIGGER g AFTER UPDATE ON u BEGIN UPDATE u SET c = -1; END");
    writer.run("UPDATE u SET c = 9");
    assertSame();
  }

  @Test
  void rolledBackSchemaWithTheSameVersionAsTheNextIsNotTakenForIt() throws SQLException {
    writer.run("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)");
    writer.connection().setAutoCommit(false);
    writer.run("ALTER TABLE t ADD COLUMN b", "INSERT INTO t VALUES(2, 2)");
    writer.connection().rollback();
    writer.connection().setAutoCommit(true);
    runElsewhere("CREATE TABLE other(a, b)");
    writer.run("INSERT INTO t VALUES(3)", "INSERT INTO other VALUES(1, 2)", "UPDATE t SET a = 4");
    assertSame();
  }

  @Test
  void failedDdlLeavesTheConnectionArmed() throws SQLException {
    writer.run("CREATE TABLE t(a, b)", "INSERT INTO t VALUES(1, 1), (1, 2)");
    assertThatThrownBy(() -> writer.run("CREATE UNIQUE INDEX i ON t(a)"))
        .isInstanceOf(SQLException.class);
    assertThatThrownBy(
            () ->
                writer.transaction(
                    "INSERT INTO t VALUES(8, 8)", "ALTER TABLE t RENAME COLUMN x TO y"))
        .isInstanceOf(SQLException.class);
    writer.connection().setAutoCommit(false);
    writer.run("INSERT INTO t VALUES(2, 2)");
    assertThatThrownBy(() -> writer.run("CREATE UNIQUE INDEX i ON t(a)"))
        .isInstanceOf(SQLException.class);
    writer.run("UPDATE t SET b = 9 WHERE a = 2");
    writer.connection().commit();
    writer.connection().setAutoCommit(true);
    assertSame();
    assertThat(query("SELECT count(*) FROM t WHERE a = 8")).containsExactly("0");
  }

  @Test
  void savepointsTakeBackWhatWasArmedAfterThem() throws SQLException {
    writer.run("CREATE TABLE t(a)", "CREATE TABLE u(a)");
    writer.transaction(
        "INSERT INTO t VALUES(1)",
        "SAVEPOINT s",
        "INSERT INTO u VALUES(1)",
        "CREATE TABLE w(a)",
        "INSERT INTO w VALUES(1)",
        "ROLLBACK TO s",
        "INSERT INTO u VALUES(2)",
        "INSERT INTO t VALUES(2)",
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO u VALUES(9); END",
        "INSERT INTO t VALUES(3)",
        "RELEASE s");
    writer.run("INSERT INTO t VALUES(4)");
    assertSame();
    assertThat(query("SELECT count(*) FROM u")).containsExactly("3");
  }

  @Test
  void theSchemaChangesBetweenRowsOfOneTransaction() throws SQLException {
    writer.transaction(
        "CREATE TABLE t(a, b)",
        "INSERT INTO t VALUES(1, 'x'), (2, NULL)",
        "ALTER TABLE t ADD COLUMN c DEFAULT 7",
        "UPDATE t SET c = a WHERE a = 2",
        "ALTER TABLE t RENAME COLUMN b TO bb",
        "UPDATE t SET bb = 1",
        "ALTER TABLE t DROP COLUMN a",
        "INSERT INTO t VALUES(5, 6)",
        "ALTER TABLE t RENAME TO u",
        "DELETE FROM u WHERE c = 2",
        "CREATE TABLE gone(a)",
        "INSERT INTO gone VALUES(1)",
        "DROP TABLE gone",
        "PRAGMA user_version = 4");
    assertSame();
  }

  @Test
  void theLogGrowsWithTheWidestTable() throws SQLException {
    writer.run("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)");
    runElsewhere(
        "CREATE TABLE wide("
            + IntStream.range(0, 40).mapToObj(i -> "c" + i).collect(Collectors.joining(","))
            + ")");
    writer.run("INSERT INTO t VALUES(2)", "INSERT INTO wide(c0, c39) VALUES(1, 2)");
    assertSame();
  }

  @Test
  void anOpenCursorDoesNotKeepTriggersFromBeingMadeAnew() throws SQLException {
    writer.run(ANY_TRIGGER);
    writer.run("CREATE TABLE t(a)", "INSERT INTO t VALUES(1), (2), (3)");
    runElsewhere("CREATE TABLE u(" + "a".repeat(3) + ")");
    try (Statement statement = writer.connection().createStatement();
        ResultSet rows = statement.executeQuery("SELECT a FROM t")) {
      assertThat(rows.next()).isTrue();
      writer.run("INSERT INTO t VALUES(4)");
      assertThat(rows.next()).isTrue();
    }
    assertSame();
  }

  @Test
  void armingAgainLeavesNothingBehind() throws SQLException {
    writer.run(ANY_TRIGGER);
    writer.run("CREATE TABLE t(a)");
    for (int i = 0; i < 5; i++) {
      writer.run("INSERT INTO t VALUES(1)", "CREATE TEMP TABLE x(a)", "DROP TABLE temp.x");
    }
    assertThat(
            query(
                "SELECT name FROM temp.sqlite_schema WHERE name LIKE 'ha\\_candidate%' ESCAPE '\\'"))
        .hasSize(1);
  }

  @Test
  void rowsWrittenThroughTheDriverAreDiscarded() throws SQLException {
    writer.run("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)");
    writer.take();
    try (Statement driver =
        writer.connection().unwrap(org.sqlite.SQLiteConnection.class).createStatement()) {
      driver.execute("INSERT INTO t VALUES(2)");
    }
    writer.run("INSERT INTO t VALUES(3)");
    assertThat(writer.takeTexts()).containsExactly("INSERT t (3)");
    try (Statement driver =
        writer.connection().unwrap(org.sqlite.SQLiteConnection.class).createStatement()) {
      driver.execute("INSERT INTO t VALUES(4)");
    }
    writer.run(
        "CREATE TEMP TABLE disarms(a)", "INSERT INTO t VALUES(5)", "INSERT INTO t VALUES(6)");
    assertThat(writer.takeTexts()).containsExactly("INSERT t (5)", "INSERT t (6)");
  }

  // --- Users' temporary triggers ---

  @ParameterizedTest
  @ValueSource(strings = {"TEMP TRIGGER g", "TRIGGER temp.g", "TEMPORARY TRIGGER IF NOT EXISTS g"})
  void ourTriggersFireBeforeUsersTemporaryOnes(String trigger) throws SQLException {
    writer.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a)",
        "CREATE TABLE u(a)",
        "CREATE "
            + trigger
            + " AFTER INSERT ON main.t BEGIN UPDATE t SET a = a + 1; INSERT INTO u VALUES(new.a);"
            + " END",
        "INSERT INTO t VALUES(1, 1)");
    assertThat(writer.takeTexts().subList(2, 5))
        .containsExactly("INSERT t (1, 1)", "UPDATE t (1, 1) to (1, 2)", "INSERT u (1)");
    writer.run("CREATE TABLE disarms(a)", "INSERT INTO t VALUES(2, 1)");
    assertThat(writer.takeTexts())
        .containsExactly(
            "SQL 'CREATE TABLE disarms(a)' ()",
            "INSERT t (2, 1)",
            "UPDATE t (1, 2) to (1, 3)",
            "UPDATE t (2, 1) to (2, 2)",
            "INSERT u (1)");
  }

  // --- Displaced rows ---

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void displacedRowsAreDeletions(boolean candidates) throws SQLException {
    if (candidates) {
      writer.run(ANY_TRIGGER);
    }
    writer.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, u TEXT COLLATE NOCASE UNIQUE, v, g AS (v * 2))",
        "CREATE UNIQUE INDEX i ON t(abs(v)) WHERE v <> 0",
        "CREATE UNIQUE INDEX j ON t(g)",
        "INSERT INTO t VALUES(1, 'a', 1), (2, 'b', 2), (3, 'c', 3)");
    replica.apply(writer);
    writer.run("REPLACE INTO t VALUES(4, 'A', -2)");
    assertThat(applied())
        .map(Change::toString)
        .containsExactlyInAnyOrder(
            "DELETE t (1, 'a', 1)", "DELETE t (2, 'b', 2)", "INSERT t (4, 'A', -2)");
    writer.run("UPDATE OR REPLACE t SET u = 'C', v = 9 WHERE id = 4");
    assertSame();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"abc", "'abc'", "\"abc\"", "('a' || 'bc')", "TRUE", "-5", "x'00'", "2.5e1"})
  void nullMeetsTheRowWithTheDefault(String value) throws SQLException {
    writer.run(ANY_TRIGGER);
    writer.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, u NOT NULL DEFAULT " + value + " UNIQUE)",
        "INSERT INTO t(id) VALUES(1)");
    replica.apply(writer);
    writer.run("INSERT OR REPLACE INTO t VALUES(2, NULL)");
    assertThat(applied())
        .map(Change::operation)
        .containsExactly(Operation.DELETE, Operation.INSERT);
    assertSame();
  }

  @Test
  void candidatesOfEarlierStatementsDoNotSlowLaterOnes() throws SQLException {
    writer.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    writer.run(ANY_TRIGGER);
    writer.connection().setAutoCommit(false);
    try (PreparedStatement upsert =
        writer
            .connection()
            .prepareStatement("INSERT INTO t VALUES(?, 0) ON CONFLICT DO UPDATE SET v = v + 1")) {
      for (int i = 0; i < 6; i++) {
        upsert.setInt(1, i % 3);
        upsert.execute();
        List<String> waiting =
            query(
                "SELECT name FROM temp.sqlite_schema WHERE name LIKE 'ha\\_candidate%' ESCAPE '\\'"
                    + " AND type = 'table'");
        assertThat(waiting).hasSize(1);
        assertThat(Integer.parseInt(query("SELECT count(*) FROM temp." + waiting.get(0)).get(0)))
            .isLessThan(2);
      }
      writer.connection().commit();
    }
    writer.connection().setAutoCommit(true);
    assertSame();
  }

  @Test
  void outerConflictClausesDoNotLoseLogRows() throws SQLException {
    writer.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE, v)",
        "CREATE TABLE l(id INTEGER PRIMARY KEY, x)",
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT OR REPLACE INTO l VALUES(1, new.id); END",
        "INSERT OR IGNORE INTO t VALUES(1, 1, 1), (1, 2, 2), (2, 1, 3), (3, 3, 3)",
        "INSERT OR IGNORE INTO t VALUES(3, 9, 9), (4, 4, 4)",
        "REPLACE INTO t VALUES(4, 3, 7)");
    assertSame();
  }

  @Test
  void staleOldImagesAreCorrected() throws SQLException {
    writer.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE, boss REFERENCES t ON DELETE SET NULL, v)",
        "CREATE TRIGGER b BEFORE UPDATE OF v ON t WHEN new.v = 5 BEGIN UPDATE t SET boss = NULL"
            + " WHERE id = new.id; END",
        "INSERT INTO t VALUES(1, 1, NULL, 1), (2, 2, 1, 2), (3, 3, 2, 3)");
    writer.take();
    writer.run("UPDATE t SET v = 5 WHERE id = 3");
    assertThat(writer.takeTexts())
        .containsExactly(
            "UPDATE t (3, 3, 2, 3) to (3, 3, NULL, 3)",
            "UPDATE t (3, 3, NULL, 3) to (3, 3, NULL, 5)");
  }

  @Test
  void updatesThatChangeNothingAreLeftOut() throws SQLException {
    writer.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES(1, 1)");
    writer.take();
    writer.run("UPDATE t SET v = 1");
    assertThat(writer.take()).isEmpty();
    writer.run("UPDATE t SET v = 1.0");
    assertThat(writer.take()).hasSize(1);
  }

  // --- Identity and names ---

  @Test
  void identityIsAKeyThatCannotBeNullElseTheRowid() throws SQLException {
    writer.run(
        "CREATE TABLE a(id INTEGER PRIMARY KEY)",
        "CREATE TABLE b(id INT PRIMARY KEY)",
        "CREATE TABLE c(id INT PRIMARY KEY NOT NULL)",
        "CREATE TABLE d(x, y, PRIMARY KEY(y, x)) WITHOUT ROWID",
        "CREATE TABLE e(x NOT NULL, y, PRIMARY KEY(y, x))",
        "CREATE TABLE f(x UNIQUE NOT NULL)",
        "CREATE TABLE g(id INTEGER PRIMARY KEY DESC)");
    writer.take();
    for (String table : List.of("a", "b", "c", "e", "f", "g")) {
      writer.run("INSERT INTO " + table + " SELECT 1" + (table.equals("e") ? ", 2" : ""));
    }
    writer.run("INSERT INTO d VALUES(1, 2)");
    assertThat(writer.take())
        .map(change -> change.table() + change.keyColumns())
        .containsExactly("a[id]", "b[]", "c[id]", "e[]", "f[]", "g[]", "d[y, x]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PK", "ROWID", "FULL"})
  void everyIdentityFindsItsRow(String identity) throws SQLException {
    reopen(RowIdentity.valueOf(identity));
    writer.run(
        "CREATE TABLE t(a, b)",
        "CREATE TABLE k(id INTEGER PRIMARY KEY, a)",
        "CREATE TABLE w(a PRIMARY KEY, b) WITHOUT ROWID",
        "INSERT INTO t VALUES(1, 1), (1, 1), (NULL, 2), (1.5, x'00')",
        "INSERT INTO k VALUES(1, 'a'), (2, 'b')",
        "INSERT INTO w VALUES(1, 'a'), (2, 'b')",
        "UPDATE t SET b = 3 WHERE rowid = 2",
        "UPDATE t SET b = 4 WHERE a IS NULL",
        "DELETE FROM t WHERE a = 1.5",
        "UPDATE k SET id = id + 10",
        "DELETE FROM k WHERE id = 11",
        "UPDATE w SET a = a + 10, b = NULL");
    assertSame();
  }

  @Test
  void aTableWithoutAnyIdentityIsRefused() throws SQLException {
    writer.run("CREATE TABLE t(rowid, oid, _rowid_)");
    assertThatThrownBy(() -> writer.run("INSERT INTO t VALUES(1, 2, 3)"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("no key identifies its rows");
    writer.run("CREATE TABLE u(rowid INTEGER PRIMARY KEY, oid, _rowid_ UNIQUE)");
    writer.run(ANY_TRIGGER);
    writer.run(
        "INSERT INTO u VALUES(1, 2, 3)",
        "REPLACE INTO u VALUES(2, 2, 3)",
        "UPDATE u SET rowid = 7");
    assertSame();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void namesMayBeOdd(boolean candidates) throws SQLException {
    if (candidates) {
      writer.run(ANY_TRIGGER);
    }
    writer.run(
        "CREATE TABLE \"a\"\"b'c\"(x, new, old, rowid, v0, n, \"q\"\"q\", [sp ace], \"select\")",
        "CREATE UNIQUE INDEX \"i\"\"x\" ON \"a\"\"b'c\"(new, abs(old))",
        "INSERT INTO \"a\"\"b'c\" VALUES(1, 2, 3, 4, 5, 6, 7, 8, 9)",
        "REPLACE INTO \"a\"\"b'c\" VALUES(2, 2, -3, 4, 5, 6, 7, 8, 9)",
        "CREATE TABLE new(old, x, arm, op, v0)",
        "CREATE UNIQUE INDEX new_old ON new(old)",
        "INSERT INTO new VALUES(1, 2, 3, 4, 5)",
        "REPLACE INTO new VALUES(1, 3, 3, 4, 5)",
        "UPDATE new SET old = 3",
        "DELETE FROM \"a\"\"b'c\"");
    assertSame();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void wideRowsTravelInPieces(boolean candidates) throws SQLException {
    if (candidates) {
      writer.run(ANY_TRIGGER);
    }
    int width = 1_200;
    IntFunction<String> values =
        factor ->
            IntStream.range(0, width)
                .mapToObj(i -> String.valueOf(i * factor))
                .collect(Collectors.joining(","));
    String columns = values.apply(1).replaceAll("\\d+", "c$0");
    writer.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE," + columns + ")",
        "INSERT INTO t VALUES(1, 1," + values.apply(1) + "), (2, 2," + values.apply(2) + ")",
        "REPLACE INTO t VALUES(1, 2," + values.apply(3) + ")",
        "UPDATE t SET c1100 = 'x', id = 5",
        "CREATE TABLE copy AS SELECT * FROM t",
        "DELETE FROM t");
    assertSame();
  }

  // --- Values ---

  @Test
  void valuesKeepTheirTypesAndBytes() throws SQLException {
    writer.run(
        "CREATE TABLE t(a)",
        "INSERT INTO t VALUES(x''), (''), (1.0), (1), (9e999), (-9e999), ('a' || char(0) || 'b'),"
            + " (zeroblob(100000)), (CAST(x'ff41' AS TEXT)), (char(65533)), (9223372036854775807),"
            + " (-9223372036854775808), (-0.0), (1e300), (NULL), (CAST(x'' AS TEXT))",
        "UPDATE t SET a = 1.0 WHERE typeof(a) = 'integer' AND a = 1",
        "UPDATE t SET a = NULL WHERE rowid = 1");
    assertSame();
  }

  @Test
  void textThatIsNotUnicodeTravelsRaw() throws SQLException {
    writer.run("CREATE TABLE t(a)");
    writer.take();
    writer.run("INSERT INTO t VALUES(CAST(x'ff41' AS TEXT)), (char(65533))");
    List<Change> changes = writer.take();
    assertThat(changes.get(0).newValues().get(0)).isInstanceOf(RawText.class);
    assertThat(changes.get(1).newValues().get(0)).isEqualTo("\uFFFD");
  }

  // --- Large transactions ---

  /** Five megabytes: more than is read into memory, so that the log is read page by page. */
  private static String manyRows(String table, String... more) {
    return "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 500)"
        + " INSERT INTO "
        + table
        + " SELECT i, hex(randomblob(5000))"
        + String.join("", more)
        + " FROM s";
  }

  @Test
  void aLargeTransactionIsReadPageByPage() throws SQLException {
    String columns = IntStream.range(0, 700).mapToObj(i -> ",c" + i).collect(Collectors.joining());
    writer.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "CREATE TABLE wide(id, v" + columns + ")");
    writer.transaction(
        manyRows("t"),
        "INSERT INTO wide(id, v, c0, c699) SELECT id, v, -id, v FROM t WHERE id < 200",
        "UPDATE t SET v = v || id WHERE id % 2 = 0",
        "SAVEPOINT s",
        "DELETE FROM t",
        "ROLLBACK TO s",
        "ALTER TABLE t ADD COLUMN w DEFAULT 5",
        "UPDATE t SET w = id, id = id + 10000",
        "DELETE FROM t WHERE id % 3 = 0",
        "CREATE TABLE u AS SELECT id, v FROM wide WHERE id < 100",
        "UPDATE u SET v = v");
    assertSame();
    assertThat(query("SELECT count(*) FROM temp.ha_log")).containsExactly("0");
    writer.run("INSERT INTO t(id) VALUES(1)");
    assertThat(applied()).hasSize(1);
    assertSame();
  }

  @Test
  void largeTransactionsAreOrderedStatementByStatement() throws SQLException {
    writer.run(
        "CREATE TABLE p(id INTEGER PRIMARY KEY, v)",
        "CREATE TABLE c(id INTEGER PRIMARY KEY REFERENCES p(id) ON UPDATE CASCADE ON DELETE CASCADE,"
            + " v, n)",
        "CREATE TRIGGER ai AFTER INSERT ON c BEGIN UPDATE c SET n = new.id * 2 WHERE id = new.id;"
            + " END",
        "CREATE TRIGGER bu BEFORE UPDATE OF v ON p BEGIN UPDATE p SET v = 'before' WHERE id ="
            + " old.id; END");
    writer.transaction(
        manyRows("p"),
        manyRows("c", ", NULL"),
        "UPDATE p SET v = 'after' || id WHERE id % 2 = 0",
        "UPDATE p SET id = -id WHERE id % 5 = 0",
        "DELETE FROM p WHERE id % 7 = 0");
    assertSame();
    assertThat(query("SELECT count(*) FROM temp.ha_log")).containsExactly("0");
  }

  @Test
  void aLargeTransactionThatIsRolledBackLeavesNothing() throws SQLException {
    writer.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    writer.take();
    writer.connection().setAutoCommit(false);
    writer.run(manyRows("t"));
    writer.connection().rollback();
    writer.connection().setAutoCommit(true);
    writer.run("INSERT INTO t VALUES(1, 'small')");
    assertThat(writer.take()).hasSize(1);
  }

  // --- Statements ---

  @Test
  void createTableAsSelectTravelsAsItsResult() throws SQLException {
    writer.run("CREATE TABLE t(a, b)", "INSERT INTO t VALUES(1, 'x'), (2, NULL)");
    replica.apply(writer);
    writer.run("CREATE TABLE IF NOT EXISTS \"as\" AS SELECT a AS rowid, random() AS r, b FROM t");
    assertThat(applied())
        .map(Change::operation)
        .containsExactly(Operation.SQL, Operation.INSERT, Operation.INSERT);
    writer.run(
        "CREATE TABLE IF NOT EXISTS \"as\" AS SELECT 5",
        "CREATE TEMP TABLE other AS SELECT 5 AS x",
        "INSERT INTO \"as\" VALUES(8, 9, 10)");
    assertSame();
  }

  @Test
  void droppingATableCascades() throws SQLException {
    writer.run(
        "CREATE TABLE p(a INTEGER PRIMARY KEY)",
        "CREATE TABLE c(x REFERENCES p(a) ON DELETE CASCADE, y)",
        "CREATE TABLE d(x REFERENCES p(a) ON DELETE SET NULL, y)",
        "INSERT INTO p VALUES(1), (2)",
        "INSERT INTO c VALUES(1, 1)",
        "INSERT INTO d VALUES(1, 1)",
        "DROP TABLE p");
    assertSame();
    assertThat(query("SELECT x FROM d")).containsExactly((String) null);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "user_version = 0x10",
        "user_version = '7'",
        "user_version = -7",
        "main.application_id(12)",
        "user_version = 1.5",
        "user_version = 12345678901"
      })
  void theNumbersInTheHeaderAreTheSameEverywhere(String pragma) throws SQLException {
    writer.run("CREATE TABLE t(a)", "PRAGMA user_version = 3", "PRAGMA " + pragma);
    assertSame();
    for (String name : List.of("user_version", "application_id")) {
      assertThat(replica.session().one("PRAGMA " + name))
          .hasToString(query("PRAGMA " + name).get(0));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE VIEW v AS SELECT * FROM ha_stats",
        "CREATE VIEW v AS SELECT * FROM ha_outbox_effects",
        "CREATE TABLE u(ha_outbox)",
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM 'ha_marks'; END",
        "CREATE TABLE ha_own(a)",
        "ALTER TABLE t RENAME TO ha_t"
      })
  void whatOtherNodesWouldRefuseIsRefusedHere(String ddl) throws SQLException {
    writer.run("CREATE TABLE t(a)");
    assertThatThrownBy(() -> writer.run(ddl))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("ha_");
    assertSame();
  }

  @Test
  void aDisplacedRowIsLoggedAsATriggerLeftItBefore() throws SQLException {
    writer.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE, v)",
        "CREATE TRIGGER changes BEFORE INSERT ON t BEGIN UPDATE t SET v = 'changed'; END",
        "INSERT INTO t VALUES(1, 'x', 'old')");
    assertSame();
    writer.run("INSERT OR REPLACE INTO t VALUES(2, 'x', 'new')");
    assertThat(writer.takeTexts())
        .containsExactly(
            "UPDATE t (1, 'x', 'old') to (1, 'x', 'changed')",
            "DELETE t (1, 'x', 'changed')",
            "INSERT t (2, 'x', 'new')");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 5, 8})
  void whatTemporaryTriggersWriteIsLoggedAfterWhatFiredThemHoweverManyThereAre(int others)
      throws SQLException {
    writer.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
        "CREATE TEMP TRIGGER inserted AFTER INSERT ON t BEGIN"
            + " DELETE FROM t WHERE id = new.id; INSERT INTO t VALUES(new.id, 'after'); END",
        "CREATE TEMP TRIGGER updated AFTER UPDATE ON t BEGIN"
            + " DELETE FROM t WHERE id = new.id; INSERT INTO t VALUES(new.id, 'updated'); END",
        "CREATE TEMP TRIGGER deleted AFTER DELETE ON t WHEN old.v = 'back' BEGIN"
            + " INSERT OR REPLACE INTO t VALUES(old.id, 'again'); END");
    for (int i = 0; i < others; i++) {
      writer.run(
          "CREATE TABLE t" + i + "(a)",
          "CREATE TEMP TRIGGER other" + i + " AFTER INSERT ON t" + i + " BEGIN SELECT 1; END");
      writer.run("INSERT INTO t" + i + " VALUES(1)");
    }
    writer.run(
        "INSERT INTO t VALUES(1, 'before')",
        "UPDATE t SET v = 'before'",
        "INSERT INTO t(id) VALUES(2)",
        "DELETE FROM t WHERE id = 1");
    for (int i = 0; i < others; i++) {
      writer.run("INSERT INTO t" + i + " VALUES(2)");
      writer.run("INSERT INTO t VALUES(" + (10 + i) + ", 'before')");
    }
    assertSame();
  }

  @Test
  void commentsAndQualifiedNamesInDdlAreNoObstacle() throws SQLException {
    writer.run(
        "CREATE TABLE t(a) -- hello",
        "/* x */ CREATE INDEX i ON t(a); -- bye",
        "CREATE TABLE u(a)",
        "CREATE TRIGGER IF NOT EXISTS main.g BEFORE INSERT ON t BEGIN UPDATE t SET a = 1; SELECT"
            + " CASE WHEN 1 THEN 2 END; END;",
        "CREATE TRIGGER [x y] INSERT ON t BEGIN INSERT INTO u VALUES(1); END",
        "INSERT INTO t VALUES(3); ",
        "DROP INDEX IF EXISTS main.i",
        "DROP TRIGGER g",
        "ANALYZE",
        "REINDEX",
        "INSERT INTO t VALUES(1) RETURNING a",
        "UPDATE t SET a = x FROM (SELECT 77 AS x) WHERE t.a = 1");
    assertSame();
  }

  @Test
  void triggersMayRaise() throws SQLException {
    writer.run(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
        "CREATE TRIGGER b BEFORE INSERT ON t WHEN new.v = 1 BEGIN SELECT RAISE(IGNORE); END",
        "CREATE TRIGGER c BEFORE INSERT ON t WHEN new.v = 2 BEGIN SELECT RAISE(FAIL, 'no'); END",
        "CREATE TRIGGER d AFTER INSERT ON t WHEN new.v = 3 BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
        "INSERT INTO t VALUES(1, 1), (2, 5)");
    for (String sql :
        List.of(
            "INSERT INTO t VALUES(3, 5), (4, 2)",
            "INSERT OR ROLLBACK INTO t VALUES(8, 5), (2, 5)",
            "INSERT INTO t VALUES(9, 3)")) {
      assertThatThrownBy(() -> writer.run(sql)).isInstanceOf(SQLException.class);
    }
    writer.connection().setAutoCommit(false);
    writer.run("INSERT INTO t VALUES(20, 20)");
    assertThatThrownBy(() -> writer.run("INSERT INTO t VALUES(21, 21), (22, 2)"))
        .isInstanceOf(SQLException.class);
    writer.connection().commit();
    writer.connection().setAutoCommit(true);
    assertSame();
    assertThat(query("SELECT group_concat(id) FROM (SELECT id FROM t ORDER BY id)"))
        .first()
        .asString()
        .contains("20,21");
  }

  // --- Deferred foreign keys ---

  @Test
  void deferredForeignKeysAreCheckedBeforeTheChangesArePublished() throws SQLException {
    writer.run(
        "CREATE TABLE p(a INTEGER PRIMARY KEY)",
        "CREATE TABLE c(x REFERENCES p(a) DEFERRABLE INITIALLY DEFERRED)");
    replica.apply(writer);
    assertThatThrownBy(() -> writer.run("INSERT INTO c VALUES(1)"))
        .isInstanceOf(SQLException.class)
        .extracting("SQLState")
        .isEqualTo("23503");
    assertThat(writer.take()).isEmpty();
    writer.transaction("INSERT INTO c VALUES(2)", "INSERT INTO p VALUES(2)");
    assertSame();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void deferredForeignKeysCanBeCheckedWhileACursorIsOpen(boolean autoCommit) throws SQLException {
    writer.run(
        "CREATE TABLE p(a INTEGER PRIMARY KEY)",
        "CREATE TABLE c(x REFERENCES p(a) DEFERRABLE INITIALLY DEFERRED)",
        "INSERT INTO p VALUES(1), (2), (3)");
    writer.connection().setAutoCommit(autoCommit);
    try (Statement statement = writer.connection().createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM p")) {
      rows.next();
      writer.run("INSERT INTO c VALUES(1)");
      if (!autoCommit) {
        writer.connection().commit();
      }
    }
    writer.connection().setAutoCommit(true);
    assertSame();
  }
}
