package io.hasqlite.jdbc;

import static io.hasqlite.jdbc.TestDatabase.execute;
import static io.hasqlite.jdbc.TestDatabase.one;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.changeset.Change;
import io.hasqlite.commit.CommitConflictException;
import io.hasqlite.commit.OpenTransaction;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransactionStateTests {

  @TempDir Path directory;
  private TestDatabase database;
  private Connection connection;

  @BeforeEach
  void open() throws SQLException {
    database = new TestDatabase(directory);
    connection = database.connect();
    execute(connection, "CREATE TABLE t(id INTEGER PRIMARY KEY, v UNIQUE)");
    execute(connection, "INSERT INTO t VALUES (1, 'a')");
    database.takeCalls();
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  private static void assertState(ThrowingCallable call, String sqlState) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(sqlState));
  }

  private void assertLockIsFree() throws SQLException {
    Object other = new Object();
    database.writeLock.acquire(other, Duration.ZERO);
    database.writeLock.release(other);
  }

  @Test
  void autoCommitReadNeedsNeitherLockNorCapture() throws SQLException {
    database.writeLock.acquire(this, Duration.ZERO);
    assertThat(one(connection, "SELECT v FROM t")).isEqualTo("a");
    assertThat(database.takeCalls()).isEmpty();
    database.writeLock.release(this);
  }

  @Test
  void autoCommitWriteIsCapturedAndCommitted() throws SQLException {
    execute(connection, "INSERT INTO t VALUES (2, 'b')");
    assertThat(database.takeCalls())
        .containsExactly(
            "begun", "before INSERT INTO t VALUES (2, 'b')", "after true", "drain", "ended true");
    assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("2");
    assertLockIsFree();
  }

  @Test
  void failedAutoCommitWriteLeavesNothing() throws SQLException {
    assertState(() -> execute(connection, "INSERT INTO t VALUES (2, 'b'), (3, 'a')"), "23505");
    assertThat(database.takeCalls()).endsWith("after false", "ended false");
    assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("1");
    assertLockIsFree();
  }

  @Test
  void beginsWithTheFirstStatementOfAnyKind() throws SQLException {
    connection.setAutoCommit(false);
    assertLockIsFree();
    one(connection, "SELECT 1");
    assertThat(database.takeCalls()).containsExactly("begun");
    assertState(() -> database.writeLock.acquire(this, Duration.ZERO), "54000");
    connection.commit();
    assertLockIsFree();
  }

  @Test
  void readOnlyTransactionNeedsNoLockAndRefusesWrites() throws SQLException {
    connection.setReadOnly(true);
    connection.setAutoCommit(false);
    one(connection, "SELECT count(*) FROM t");
    assertLockIsFree();
    try (Connection other = database.connect()) {
      execute(other, "INSERT INTO t VALUES (2, 'b')");
    }
    assertThat(one(connection, "SELECT count(*) FROM t")).isEqualTo("1");
    assertState(() -> execute(connection, "DELETE FROM t"), "25006");
    connection.setReadOnly(false);
    assertState(() -> execute(connection, "DELETE FROM t"), "25006");
    connection.commit();
    execute(connection, "DELETE FROM t");
    connection.commit();
    assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("0");
  }

  @Test
  void readOnlyHoldsInAutoCommitAndForTemporaryTablesNot() throws SQLException {
    connection.setReadOnly(true);
    assertState(() -> execute(connection, "DELETE FROM t"), "25006");
    assertState(() -> execute(connection, "PRAGMA user_version = 4"), "25006");
    execute(connection, "CREATE TEMP TABLE x(a)");
    connection.setReadOnly(false);
    execute(connection, "DELETE FROM t");
    assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("0");
  }

  @Test
  void setTransactionReadOnlyHoldsForOneTransaction() throws SQLException {
    connection.setAutoCommit(false);
    execute(connection, "SET TRANSACTION READ ONLY");
    assertState(() -> execute(connection, "DELETE FROM t"), "25006");
    assertLockIsFree();
    connection.rollback();
    execute(connection, "DELETE FROM t");
    assertState(() -> execute(connection, "SET TRANSACTION READ ONLY"), "25001");
    connection.rollback();
  }

  @Test
  void orRollbackKillsTheTransactionAndFreesTheLock() throws SQLException {
    connection.setAutoCommit(false);
    execute(connection, "INSERT INTO t VALUES (2, 'b')");
    assertState(() -> execute(connection, "INSERT OR ROLLBACK INTO t VALUES (3, 'a')"), "23505");
    assertLockIsFree();
    assertState(() -> execute(connection, "INSERT INTO t VALUES (4, 'd')"), "40000");
    assertState(() -> one(connection, "SELECT 1"), "40000");
    assertState(() -> one(connection, "PRAGMA user_version"), "40000");
    assertState(() -> connection.setSavepoint(), "40000");
    connection.rollback();
    execute(connection, "INSERT INTO t VALUES (5, 'e')");
    connection.commit();
    assertThat(database.committed("SELECT group_concat(id) FROM t")).isEqualTo("1,5");
  }

  @Test
  void deadTransactionIsNeverCommitted() throws SQLException {
    execute(
        connection, "CREATE TRIGGER r BEFORE DELETE ON t BEGIN SELECT RAISE(ROLLBACK, 'no'); END");
    connection.setAutoCommit(false);
    execute(connection, "INSERT INTO t VALUES (2, 'b')");
    assertState(() -> execute(connection, "DELETE FROM t"), "23000");
    assertState(connection::commit, "40000");
    execute(connection, "INSERT INTO t VALUES (3, 'c')");
    assertState(() -> execute(connection, "DELETE FROM t"), "23000");
    assertState(() -> connection.setAutoCommit(true), "40000");
    assertThat(connection.getAutoCommit()).isTrue();
    assertThat(database.committed("SELECT group_concat(id) FROM t")).isEqualTo("1");
    assertState(() -> execute(connection, "DELETE FROM t"), "23000");
    execute(connection, "INSERT INTO t VALUES (6, 'f')");
    assertThat(database.committed("SELECT group_concat(id) FROM t")).isEqualTo("1,6");
  }

  @Test
  void failedCommitHasRolledBackBeforeItThrows() throws SQLException {
    database.commitStep =
        new TestDatabase.PlainCommitStep() {
          @Override
          public @Nullable SQLWarning commit(
              OpenTransaction transaction, List<Change> changes, boolean ddl) throws SQLException {
            throw new SQLTransientConnectionException("the server is away", "08007");
          }
        };
    connection.setAutoCommit(false);
    execute(connection, "INSERT INTO t VALUES (2, 'b')");
    assertState(connection::commit, "08007");
    connection.setAutoCommit(true);
    assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("1");
    assertState(() -> execute(connection, "INSERT INTO t VALUES (2, 'b')"), "08007");
    assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("1");
    assertLockIsFree();
  }

  @Test
  void commitThatSqliteRefusesIsRolledBack() throws SQLException {
    execute(connection, "CREATE TABLE c(p REFERENCES t(id) DEFERRABLE INITIALLY DEFERRED)");
    connection.setAutoCommit(false);
    execute(connection, "INSERT INTO c VALUES (77)");
    assertState(connection::commit, "23503");
    connection.setAutoCommit(true);
    assertThat(database.committed("SELECT count(*) FROM c")).isEqualTo("0");
    assertLockIsFree();
  }

  @Test
  void commitStepThatForgetsToEndTheTransactionIsFound() throws SQLException {
    database.commitStep =
        new TestDatabase.PlainCommitStep() {
          @Override
          public @Nullable SQLWarning commit(
              OpenTransaction transaction, List<Change> changes, boolean ddl) {
            return null;
          }
        };
    assertThatThrownBy(() -> execute(connection, "DELETE FROM t"))
        .isInstanceOf(IllegalStateException.class);
    assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("1");
    assertLockIsFree();
  }

  @Test
  void warningOfTheCommitStepIsOnTheConnection() throws SQLException {
    database.commitStep =
        new TestDatabase.PlainCommitStep() {
          @Override
          public @Nullable SQLWarning commit(
              OpenTransaction transaction, List<Change> changes, boolean ddl) throws SQLException {
            transaction.commit(() -> {});
            return new SQLWarning("not yet visible here");
          }
        };
    execute(connection, "DELETE FROM t");
    assertThat(connection.getWarnings().getMessage()).isEqualTo("not yet visible here");
    connection.clearWarnings();
    assertThat((Throwable) connection.getWarnings()).isNull();
  }

  @Test
  void schemaChangesAndHeaderValuesAreToldToTheCommitStep() throws SQLException {
    StringBuilder seen = new StringBuilder();
    database.commitStep =
        new TestDatabase.PlainCommitStep() {
          @Override
          public @Nullable SQLWarning commit(
              OpenTransaction transaction, List<Change> changes, boolean ddl) throws SQLException {
            seen.append(ddl).append(transaction.isSingleStatement()).append(' ');
            return super.commit(transaction, changes, ddl);
          }
        };
    execute(connection, "CREATE TABLE u(a)");
    execute(connection, "INSERT INTO u VALUES (1)");
    execute(connection, "PRAGMA user_version = 7");
    connection.setAutoCommit(false);
    execute(connection, "INSERT INTO u VALUES (2)");
    execute(connection, "SAVEPOINT s");
    execute(connection, "CREATE TABLE w(a)");
    execute(connection, "ROLLBACK TO s");
    connection.commit();
    assertThat(seen.toString()).isEqualTo("truetrue falsetrue truetrue falsefalse ");
    assertThat(database.committed("PRAGMA user_version")).isEqualTo("7");
  }

  @Test
  void loneStatementThatWasOvertakenRunsAgain() throws SQLException {
    AtomicInteger attempts = new AtomicInteger();
    database.commitStep =
        new TestDatabase.PlainCommitStep() {
          @Override
          public @Nullable SQLWarning commit(
              OpenTransaction transaction, List<Change> changes, boolean ddl) throws SQLException {
            if (attempts.incrementAndGet() < 3) {
              transaction.rollback();
              throw new CommitConflictException("another came first", 9);
            }
            return super.commit(transaction, changes, ddl);
          }
        };
    execute(connection, "CREATE TABLE u(a)");
    assertThat(attempts).hasValue(3);
    assertThat(database.committed("SELECT count(*) FROM u")).isEqualTo("0");
  }

  @Test
  void transactionThatWasOvertakenIsNotRunAgain() throws SQLException {
    database.commitStep =
        new TestDatabase.PlainCommitStep() {
          @Override
          public @Nullable SQLWarning commit(
              OpenTransaction transaction, List<Change> changes, boolean ddl) throws SQLException {
            transaction.rollback();
            throw new CommitConflictException("another came first", 9);
          }

          @Override
          public boolean awaitCaughtUp(CommitConflictException conflict) {
            return false;
          }
        };
    connection.setAutoCommit(false);
    execute(connection, "CREATE TABLE u(a)");
    assertState(connection::commit, "40001");
    connection.setAutoCommit(true);
    assertState(() -> execute(connection, "CREATE TABLE u(a)"), "40001");
    assertThat(database.committed("SELECT count(*) FROM sqlite_schema WHERE name='u'"))
        .isEqualTo("0");
  }

  @Test
  void transactionControlAsText() throws SQLException {
    execute(connection, "BEGIN");
    execute(connection, "INSERT INTO t VALUES (2, 'b')");
    assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("1");
    assertState(() -> execute(connection, "BEGIN"), "25000");
    execute(connection, "/* x */ END TRANSACTION;");
    assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("2");
    assertState(() -> execute(connection, "COMMIT"), "25000");
    execute(connection, "BEGIN EXCLUSIVE; DELETE FROM t; ROLLBACK");
    assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("2");
    assertLockIsFree();
  }

  @Test
  void commitAndRollbackAreErrorsInAutoCommit() {
    assertState(connection::commit, "25000");
    assertState(connection::rollback, "25000");
  }

  @Test
  void turningAutoCommitOnCommits() throws SQLException {
    connection.setAutoCommit(false);
    execute(connection, "INSERT INTO t VALUES (2, 'b')");
    connection.setAutoCommit(true);
    assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("2");
  }

  @Test
  void closingRollsBackAndFreesTheLock() throws SQLException {
    connection.setAutoCommit(false);
    execute(connection, "INSERT INTO t VALUES (2, 'b')");
    connection.close();
    connection.close();
    assertThat(connection.isClosed()).isTrue();
    assertLockIsFree();
    assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("1");
    assertState(() -> connection.createStatement(), "08003");
  }

  @Test
  void abortClosesToo() throws SQLException {
    connection.setAutoCommit(false);
    execute(connection, "INSERT INTO t VALUES (2, 'b')");
    connection.abort(Runnable::run);
    assertThat(connection.isClosed()).isTrue();
    assertLockIsFree();
    assertThat(database.committed("SELECT count(*) FROM t")).isEqualTo("1");
  }

  @Test
  void cursorOnAnOldStateIsClosedWithAReasonWhenTheConnectionWrites() throws SQLException {
    execute(connection, "INSERT INTO t VALUES (2, 'b'), (3, 'c')");
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT id FROM t")) {
      rows.next();
      execute(connection, "UPDATE t SET v = 'x' WHERE id = 1");
      assertThat(rows.next()).isTrue();
      try (Connection other = database.connect()) {
        execute(other, "INSERT INTO t VALUES (9, 'z')");
      }
      execute(connection, "UPDATE t SET v = 'y' WHERE id = 1");
      assertState(rows::next, "40001");
    }
    assertThat(database.committed("SELECT v FROM t WHERE id = 1")).isEqualTo("y");
  }

  @Test
  void statementThatCaptureDidNotUnderstandIsNeverCommitted() throws SQLException {
    connection.setAutoCommit(false);
    execute(connection, "INSERT INTO t VALUES (2, 'b')");
    database.failAfter = true;
    assertThatThrownBy(() -> execute(connection, "INSERT INTO t VALUES (3, 'c')"))
        .hasMessage("capture failed");
    database.failAfter = false;
    assertLockIsFree();
    assertState(connection::commit, "40000");
    assertThat(database.committed("SELECT group_concat(id) FROM t")).isEqualTo("1");
  }
}
