package io.hasqlite.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.testing.FileContent;
import io.hasqlite.testing.LocalWriter;
import io.hasqlite.testing.Replica;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages as the stream would bring them, applied to one or two files. */
class ApplierTests {

  private static final Origin ORIGIN = new Origin(new NodeId("other"), 1);

  @TempDir Path folder;

  private Replica one;
  private Replica two;
  private long number;

  @BeforeEach
  void open() throws SQLException {
    one = new Replica(folder.resolve("one.db"));
    two = new Replica(folder.resolve("two.db"));
  }

  @AfterEach
  void close() throws SQLException {
    one.close();
    two.close();
  }

  private ChangeSet message(Change... changes) {
    return new ChangeSet(
        ORIGIN, "x", 0, List.of(new Transaction(++number, 0, List.of(changes))), Set.of());
  }

  private static Change sql(String command) {
    return Change.sql(command, List.of(), 0);
  }

  private static Change insert(String table, List<String> columns, @Nullable Object... values) {
    List<@Nullable Object> all = new ArrayList<>();
    for (Object value : values) {
      all.add(value);
    }
    return Change.insert(table, columns, List.of(columns.get(0)), 1L, all, 0);
  }

  /** Applies to both, to the second one as a single batch. */
  private void apply(ChangeSet... messages) throws SQLException {
    for (ChangeSet message : messages) {
      one.apply(List.of(message));
    }
    two.apply(List.of(messages));
  }

  private List<String> rows() throws SQLException {
    List<String> content = FileContent.of(one.path());
    assertThat(FileContent.of(two.path())).isEqualTo(content);
    return content.stream().filter(line -> !line.contains(": CREATE ")).toList();
  }

  @Test
  void aTriggerThatDoesNotCompileForAnotherEventDoesNotHaltApply() throws SQLException {
    try (LocalWriter writer = LocalWriter.open(folder.resolve("writer.db"))) {
      writer.run(
          "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
          "CREATE TABLE audit(a)",
          "CREATE TRIGGER d AFTER DELETE ON t BEGIN INSERT INTO audit VALUES(old.id); END",
          "CREATE TRIGGER u AFTER UPDATE ON t BEGIN UPDATE t SET v = -1 WHERE id = old.id; END",
          "DROP TABLE audit",
          "INSERT INTO t VALUES(1, 1), (2, 2)",
          "UPDATE t SET v = 5 WHERE id = 1");
      List<ChangeSet> messages = writer.takeChangeSets();
      apply(messages.toArray(ChangeSet[]::new));
      assertThat(rows()).containsExactly("t: 1|-1", "t: 2|2");
      assertThat(FileContent.of(one.path())).isEqualTo(FileContent.of(writer.engine().path()));
      assertThat(one.conflicts()).isEmpty();
    }
  }

  @Test
  void aDefaultThatNodesWouldComputeDifferentlyIsNeverUsed() throws SQLException {
    apply(
        message(sql("CREATE TABLE t(id INTEGER PRIMARY KEY, v, r NOT NULL DEFAULT (random()))")),
        message(insert("t", List.of("id"), 1L)),
        message(insert("t", List.of("id", "r"), 2L, 5L)),
        message(
            new Change(
                io.hasqlite.changeset.Operation.UPDATE,
                "t",
                List.of("id", "v", "r"),
                List.of("id"),
                2L,
                2L,
                List.of(2L, 0L, 5L),
                java.util.Arrays.asList(2L, 1L, null),
                null,
                List.of(),
                0)));
    assertThat(rows()).containsExactly("t: 2|NULL|5");
    assertThat(one.conflicts())
        .map(Conflict::kind)
        .containsExactly(Conflict.Kind.DROPPED, Conflict.Kind.DROPPED);
  }

  @Test
  void aLiteralDefaultIsUsedForWhatTheSenderDidNotKnow() throws SQLException {
    apply(
        message(sql("CREATE TABLE t(id INTEGER PRIMARY KEY, v NOT NULL DEFAULT 7, w DEFAULT 8)")),
        message(insert("t", List.of("id"), 1L)),
        message(insert("t", List.of("id", "v"), 2L, null)));
    assertThat(rows()).containsExactly("t: 1|7|8", "t: 2|7|8");
  }

  @Test
  void repeatedTransactionsAreLeftOut() throws SQLException {
    ChangeSet create = message(sql("CREATE TABLE t(id INTEGER PRIMARY KEY, v)"));
    ChangeSet first = message(insert("t", List.of("id", "v"), 1L, 1L));
    ChangeSet second = message(insert("t", List.of("id", "v"), 1L, 2L));
    apply(create, first, second, first);
    assertThat(rows()).containsExactly("t: 1|2");
  }

  @Test
  void displacedRowsAreRecorded() throws SQLException {
    apply(
        message(sql("CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE)")),
        message(insert("t", List.of("id", "u"), 1L, 1L)),
        message(insert("t", List.of("id", "u"), 2L, 1L)));
    assertThat(rows()).containsExactly("t: 2|1");
    assertThat(one.conflicts())
        .hasSize(1)
        .first()
        .satisfies(
            conflict -> {
              assertThat(conflict.kind()).isEqualTo(Conflict.Kind.DISPLACED);
              assertThat(conflict.image()).contains("DELETE");
            });
  }

  @Test
  void ofManyConflictsTheFirstAreToldAndAllAreCounted() throws SQLException {
    int rows = ConflictLog.TOLD_MAX + 500;
    List<Change> first = new ArrayList<>();
    List<Change> second = new ArrayList<>();
    for (long i = 0; i < rows; i++) {
      first.add(insert("t", List.of("id", "u"), i, i));
      second.add(insert("t", List.of("id", "u"), i + rows, i));
    }
    apply(message(sql("CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE)")));
    apply(message(first.toArray(Change[]::new)));
    apply(message(second.toArray(Change[]::new)));
    assertThat(one.conflicts()).hasSize(ConflictLog.TOLD_MAX);
    assertThat(one.moreConflicts()).isEqualTo(500);
    assertThat(one.session().number("SELECT count(*) FROM ha_conflicts")).isEqualTo(rows);
    assertThat(one.session().number("SELECT count(DISTINCT image) FROM ha_conflicts"))
        .isEqualTo(rows);
  }

  @Test
  void usersTriggersStaySilentAndStayThere() throws SQLException {
    apply(
        message(sql("CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE)")),
        message(sql("CREATE TABLE l(x)")),
        message(sql("CREATE TRIGGER b BEFORE INSERT ON t BEGIN INSERT INTO l VALUES(1); END")),
        message(sql("CREATE TRIGGER a AFTER INSERT ON t BEGIN INSERT INTO l VALUES(2); END")),
        message(sql("CREATE TRIGGER d AFTER DELETE ON t BEGIN INSERT INTO l VALUES(3); END")),
        message(insert("t", List.of("id", "u"), 1L, 1L)),
        message(insert("t", List.of("id", "u"), 2L, 1L)),
        message(
            insert("t", List.of("id", "u"), 3L, 3L),
            sql("ALTER TABLE t RENAME TO tt"),
            insert("tt", List.of("id", "u"), 4L, 3L)));
    assertThat(rows()).containsExactly("tt: 2|1", "tt: 4|3");
    assertThat(FileContent.of(one.path()))
        .filteredOn(line -> line.startsWith("trigger"))
        .hasSize(3);
  }

  @Test
  void aLockHeldByAnotherProgramIsTriedAgain() throws SQLException {
    apply(message(sql("CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE)")));
    one.session().execute("PRAGMA busy_timeout = 0");
    ChangeSet message = message(insert("t", List.of("id", "u"), 1L, 1L));
    try (Connection tool = DriverManager.getConnection("jdbc:sqlite:" + one.path());
        Statement statement = tool.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      assertThatThrownBy(() -> one.apply(List.of(message)))
          .isInstanceOf(java.sql.SQLTransactionRollbackException.class);
      statement.execute("ROLLBACK");
    }
    one.apply(List.of(message));
    two.apply(List.of(message));
    assertThat(rows()).containsExactly("t: 1|1");
  }
}
