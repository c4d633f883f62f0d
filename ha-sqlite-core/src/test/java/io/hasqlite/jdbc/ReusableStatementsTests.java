package io.hasqlite.jdbc;

import static io.hasqlite.jdbc.TestDatabase.execute;
import static io.hasqlite.jdbc.TestDatabase.one;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.changeset.Change;
import io.hasqlite.commit.OpenTransaction;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConnection;

/** What a prepared statement leaves in the driver's must not be seen by the next one. */
class ReusableStatementsTests {

  private static final String SELECT = "SELECT * FROM t WHERE id >= ? ORDER BY id";
  private static final String INSERT = "INSERT INTO t(id, v) VALUES (?, ?)";

  @TempDir Path directory;
  private TestDatabase database;
  private HaConnection connection;

  @BeforeEach
  void open() throws SQLException {
    database = new TestDatabase(directory);
    connection = (HaConnection) database.connect();
    execute(connection, "CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    insert(1, "a");
    insert(2, "b");
    insert(3, "c");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  private void insert(int id, @Nullable Object value) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      insert.setInt(1, id);
      insert.setObject(2, value);
      insert.executeUpdate();
    }
  }

  private PreparedStatement select() throws SQLException {
    PreparedStatement select = connection.prepareStatement(SELECT);
    select.setInt(1, 0);
    return select;
  }

  private List<String> values() throws SQLException {
    List<String> values = new ArrayList<>();
    try (PreparedStatement select = select();
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        values.add(rows.getString("v"));
      }
    }
    return values;
  }

  private int idle() {
    return connection.reusable().size();
  }

  @Test
  void oneTextIsCompiledOnce() throws SQLException {
    assertThat(idle()).isEqualTo(1);
    assertThat(values()).containsExactly("a", "b", "c");
    PreparedStatement kept = connection.reusable().take(SELECT);
    assertThat(kept).isNotNull();
    connection.reusable().giveBack(SELECT, kept);
    assertThat(values()).containsExactly("a", "b", "c");
    assertThat(connection.reusable().take(SELECT)).isSameAs(kept);
    kept.close();
  }

  @Test
  void oneTextIsUsedTwiceAtOnce() throws SQLException {
    values();
    try (PreparedStatement first = select();
        PreparedStatement second = select();
        ResultSet ofFirst = first.executeQuery()) {
      assertThat(ofFirst.next()).isTrue();
      second.setInt(1, 3);
      try (ResultSet ofSecond = second.executeQuery()) {
        assertThat(ofSecond.next()).isTrue();
        assertThat(ofFirst.next()).isTrue();
        assertThat(ofFirst.getString(2)).isEqualTo("b");
        assertThat(ofSecond.getString(2)).isEqualTo("c");
      }
    }
    assertThat(idle()).isEqualTo(2);
    assertThat(values()).containsExactly("a", "b", "c");
  }

  @Test
  void noValueIsLeftForTheNextOne() throws SQLException {
    values();
    try (PreparedStatement select = connection.prepareStatement(SELECT)) {
      assertThatThrownBy(select::executeQuery)
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("07002"));
    }
    byte[] large = new byte[1 << 20];
    WeakReference<byte[]> bound = new WeakReference<>(large);
    insert(4, large);
    large = null;
    for (int i = 0; i < 10 && bound.get() != null; i++) {
      System.gc();
    }
    assertThat(bound.get()).isNull();
    assertThat(connection.reusable().take(INSERT)).isNotNull();
  }

  @Test
  void settingsAreThoseOfTheOwner() throws SQLException {
    try (PreparedStatement one = select()) {
      one.setMaxRows(1);
      one.setQueryTimeout(1);
      one.setFetchSize(1);
      try (ResultSet rows = one.executeQuery()) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.next()).isFalse();
      }
    }
    assertThat(values()).hasSize(3);
  }

  @Test
  void whatFailedIsNotReused() throws SQLException {
    assertThat(idle()).isEqualTo(1);
    assertThatThrownBy(() -> insert(1, "again")).isInstanceOf(SQLException.class);
    assertThat(idle()).isZero();
    insert(4, Long.MIN_VALUE);
    assertThat(idle()).isEqualTo(1);
    try (PreparedStatement select =
        connection.prepareStatement("SELECT abs(v) FROM t WHERE id >= ? ORDER BY id")) {
      select.setInt(1, 3);
      try (ResultSet rows = select.executeQuery()) {
        assertThat(rows.next()).isTrue();
        assertThatThrownBy(rows::next).hasMessageContaining("overflow");
      }
    }
    assertThat(idle()).isEqualTo(1);
    assertThat(values()).hasSize(4);
  }

  @Test
  void columnsAreThoseOfNow() throws SQLException {
    values();
    try (PreparedStatement neverRun = connection.prepareStatement("SELECT * FROM t")) {
      assertThat(neverRun.getMetaData().getColumnCount()).isEqualTo(2);
    }
    execute(connection, "ALTER TABLE t ADD COLUMN w DEFAULT 'x'");
    assertColumns("id", "v", "w");
    try (PreparedStatement select = connection.prepareStatement("SELECT * FROM t")) {
      assertThat(select.getMetaData().getColumnCount()).isEqualTo(3);
    }
    try (SQLiteConnection other = database.driver()) {
      execute(other, "ALTER TABLE t RENAME COLUMN w TO y");
      execute(other, "ALTER TABLE t ADD COLUMN z DEFAULT 'z'");
    }
    values(); // until something runs, SQLite describes the schema that it knows
    assertColumns("id", "v", "y", "z");
    execute(connection, "CREATE TEMP TABLE t(id, only)");
    assertColumns("id", "only");
    execute(connection, "DROP TABLE temp.t");
    assertColumns("id", "v", "y", "z");
    execute(connection, "DROP TABLE t");
    assertThatThrownBy(this::select).hasMessageContaining("no such table");
    execute(connection, "CREATE TABLE t(v, id)");
    assertColumns("v", "id");
  }

  @Test
  void whatNeverRanIsNotReused() throws SQLException {
    connection.prepareStatement(SELECT).close();
    try (SQLiteConnection other = database.driver()) {
      execute(other, "ALTER TABLE t ADD COLUMN w");
    }
    assertThat(one(connection, "SELECT count(w) FROM t")).isEqualTo("0");
    try (PreparedStatement select = connection.prepareStatement(SELECT)) {
      assertThat(names(select.getMetaData())).containsExactly("id", "v", "w");
    }
  }

  /** Looks at a statement's columns before it runs, and at its rows'. */
  private void assertColumns(String... names) throws SQLException {
    for (int i = 0; i < 2; i++) {
      try (PreparedStatement select = connection.prepareStatement(SELECT)) {
        assertThat(names(select.getMetaData())).containsExactly(names);
      }
      try (PreparedStatement select = select();
          ResultSet rows = select.executeQuery()) {
        assertThat(names(rows.getMetaData())).containsExactly(names);
        while (rows.next()) {
          for (String name : names) {
            rows.getObject(name);
          }
        }
      }
      assertThat(connection.reusable().size()).isPositive();
    }
  }

  private static List<String> names(ResultSetMetaData metadata) throws SQLException {
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= metadata.getColumnCount(); i++) {
      names.add(metadata.getColumnLabel(i));
    }
    return names;
  }

  @Test
  void nothingIsReadOnBehindAClosedStatement() throws SQLException {
    connection.setAutoCommit(false);
    PreparedStatement select = select();
    ResultSet rows = select.executeQuery();
    assertThat(rows.next()).isTrue();
    select.close();
    assertThat(rows.isClosed()).isTrue();
    execute(connection, "DROP TABLE t"); // fails while something reads it
    connection.rollback();
    connection.setAutoCommit(true);
    assertThat(values()).hasSize(3);
    execute(connection, "VACUUM"); // fails while anything is read
    assertThat(values()).hasSize(3);
  }

  @Test
  void attachedDatabasesAreNotRead() throws SQLException {
    values();
    execute(connection, "ATTACH '" + directory.resolve("other.db") + "' AS other");
    assertThat(idle()).isZero();
    execute(connection, "CREATE TABLE other.late(v)");
    execute(connection, "INSERT INTO other.late VALUES('attached')");
    assertThat(late()).isEqualTo("attached");
    try (SQLiteConnection stranger = database.driver()) {
      execute(stranger, "CREATE TABLE late(v)");
      execute(stranger, "INSERT INTO late VALUES('main')");
    }
    values(); // until something reads the main database, SQLite does not know of its new table
    assertThat(late()).isEqualTo("main");
    execute(connection, "DETACH other");
    assertThat(late()).isEqualTo("main");
  }

  private @Nullable String late() throws SQLException {
    try (PreparedStatement select = connection.prepareStatement("SELECT v FROM late");
        ResultSet rows = select.executeQuery()) {
      return rows.next() ? rows.getString(1) : null;
    }
  }

  @Test
  void whatIsNotKeptIsClosed() throws SQLException {
    ReusableStatements statements = new ReusableStatements();
    PreparedStatement first = driver();
    PreparedStatement same = driver();
    statements.giveBack("0", first);
    statements.giveBack("0", same);
    assertThat(first.isClosed()).isTrue();
    for (int i = 1; i <= ReusableStatements.ENTRIES_MAX; i++) {
      assertThat(same.isClosed()).isFalse();
      statements.giveBack("" + i, driver());
    }
    assertThat(same.isClosed()).isTrue();
    PreparedStatement last = driver();
    statements.giveBack("last", last);
    statements.clear();
    assertThat(last.isClosed()).isTrue();
    statements.stop();
    PreparedStatement late = driver();
    statements.giveBack("late", late);
    assertThat(late.isClosed()).isTrue();
  }

  private PreparedStatement driver() throws SQLException {
    return connection.session().connection().prepareStatement("SELECT 1");
  }

  @Test
  void onlySomeAreKept() throws SQLException {
    for (int i = 0; i < ReusableStatements.ENTRIES_MAX + 10; i++) {
      run("SELECT " + i);
      if (i == 0) {
        assertThat(idle()).isEqualTo(2);
      }
    }
    assertThat(idle()).isEqualTo(ReusableStatements.ENTRIES_MAX);
    assertThat(connection.reusable().take("SELECT 9")).isNull();
    PreparedStatement last = connection.reusable().take("SELECT 10");
    assertThat(last).isNotNull();
    last.close();
    run("SELECT '" + "x".repeat(ReusableStatements.CHARS_MAX) + "'");
    run("EXPLAIN SELECT 1");
    assertThat(idle()).isEqualTo(ReusableStatements.ENTRIES_MAX - 1);
    run("CREATE TABLE IF NOT EXISTS u(a)");
    assertThat(idle()).isZero();
  }

  private void run(String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.execute();
    }
  }

  @Test
  void aConnectionIsClosedBeforeItsStatements() throws SQLException {
    PreparedStatement select = select();
    select.executeQuery();
    connection.close();
    select.close();
    assertThat(select.isClosed()).isTrue();
  }

  @Test
  void whatIsReusedIsCaptured() throws SQLException {
    List<Change> captured = new ArrayList<>();
    database.triggerCapture = true;
    database.commitStep =
        new TestDatabase.PlainCommitStep() {
          @Override
          public @Nullable SQLWarning commit(
              OpenTransaction transaction, List<Change> changes, boolean ddl) throws SQLException {
            captured.addAll(changes);
            return super.commit(transaction, changes, ddl);
          }
        };
    try (Connection capturing = database.connect();
        SQLiteConnection other = database.driver()) {
      HaConnection first = connection;
      connection = (HaConnection) capturing;
      try {
        insert(10, "x");
        insert(11, "y");
        execute(other, "ALTER TABLE t ADD COLUMN w DEFAULT 'w'");
        insert(12, "z");
        execute(connection, "ALTER TABLE t DROP COLUMN w");
        insert(13, "end");
        assertThat(idle()).isPositive();
      } finally {
        connection = first;
      }
    }
    assertThat(captured.stream().filter(change -> "t".equals(change.table())).toList())
        .extracting(change -> change.newValues().get(1) + ":" + change.newValues().size())
        .containsExactly("x:2", "y:2", "z:3", "end:2");
    assertThat(one(connection, "SELECT count(*) FROM t")).isEqualTo("7");
  }
}
