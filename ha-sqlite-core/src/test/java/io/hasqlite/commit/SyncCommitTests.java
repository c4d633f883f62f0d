package io.hasqlite.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.DatabaseName;
import io.hasqlite.MessageTracing;
import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.Position;
import io.hasqlite.RowIdentity;
import io.hasqlite.apply.AppliedPosition;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.SentMessages;
import io.hasqlite.outbox.Outbox;
import io.hasqlite.publish.StreamPublisher;
import io.hasqlite.sqlite.Schema;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.PublishInDoubtException;
import io.hasqlite.stream.StreamException;
import io.hasqlite.testing.InMemoryChangeStream;
import io.hasqlite.testing.InMemoryChangeStream.Fault;
import io.hasqlite.testing.InMemoryLog;
import io.hasqlite.testing.InMemoryPayloadStore;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways in which a synchronous commit can end. */
class SyncCommitTests {

  private static final List<Change> ROW =
      List.of(Change.insert("t", List.of("id"), List.of("id"), 1L, List.of(1L), 0));
  private static final List<Change> DDL = List.of(Change.sql("CREATE TABLE x(a)", List.of(), 0));

  @TempDir Path folder;

  private final InMemoryLog log = new InMemoryLog();
  private final InMemoryPayloadStore payloads = new InMemoryPayloadStore();
  private final InMemoryChangeStream stream = log.stream("test", "a", 1);
  private final InMemoryChangeStream other = log.stream("test", "b", 2);
  private final Origin origin = new Origin(new NodeId("a"), 1);
  private final AppliedPosition position = new AppliedPosition(Position.NONE);
  private final ControlTables controlTables = new ControlTables("test", Clock.systemUTC());
  private SqliteSession session;
  private SyncCommit step;

  @BeforeEach
  void open() throws SQLException {
    session = SqliteFile.open(folder.resolve("a.db"), Map.of(), List.of()).openSession();
    session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    stream.open();
    other.open();
    step = step(true);
  }

  private boolean streamIsChecked = true;
  private final List<Boolean> onTheWay = new ArrayList<>(); // at each publishing

  private SyncCommit step(boolean inPlace) {
    return step(inPlace, stream);
  }

  private SyncCommit step(boolean inPlace, ChangeStream asked) {
    return new SyncCommit(
        new SyncCommit.Settings(
            origin,
            "a.db",
            Duration.ofMillis(50),
            inPlace,
            () -> stream.state().created().toString(),
            () -> streamIsChecked,
            () -> null),
        new TransactionNumbers(),
        new Outbox(new ChangeSetCodec(), Clock.systemUTC()),
        new StreamPublisher(
            new DatabaseName("test"),
            stream,
            payloads,
            new ChangeSetCodec(),
            new SentMessages(),
            () -> onTheWay.add(step.isMessageOnTheWay()),
            Duration.ofSeconds(1),
            MessageTracing.NONE),
        asked,
        controlTables,
        position,
        Clock.systemUTC(),
        new CommitListener() {});
  }

  @AfterEach
  void close() throws SQLException {
    session.close();
  }

  /** A transaction with one row; remembers how it ended. */
  private final class Open implements OpenTransaction {

    private final List<String> ends = new ArrayList<>();
    private boolean failsToCommit;

    Open() throws SQLException {
      session.execute("BEGIN IMMEDIATE");
      session.execute("INSERT INTO t DEFAULT VALUES");
    }

    @Override
    public SqliteSession session() {
      return session;
    }

    @Override
    public boolean isSingleStatement() {
      return true;
    }

    @Override
    public Schema schema() throws SQLException {
      return Schema.read(session, RowIdentity.PK);
    }

    @Override
    public boolean mayDeferForeignKeys() {
      return false;
    }

    @Override
    public void closeCursors() {}

    @Override
    public void commit(Runnable committed) throws SQLException {
      if (failsToCommit) {
        rollback();
        throw new SQLException("disk full", "53100");
      }
      session.execute("COMMIT");
      ends.add("commit");
      committed.run();
    }

    @Override
    public void rollback() throws SQLException {
      session.execute("ROLLBACK");
      ends.add("rollback");
    }
  }

  /** Returns the warning's text, or null. */
  private @Nullable String commit(Open transaction, List<Change> changes) throws SQLException {
    SQLWarning warning = step.commit(transaction, changes, changes == DDL);
    return warning == null ? null : warning.getMessage();
  }

  private void commit() throws SQLException {
    assertThat(commit(new Open(), ROW)).isNull();
  }

  private long rows() throws SQLException {
    return session.number("SELECT count(*) FROM t");
  }

  private void publishElsewhere(String id) {
    other.publish(new byte[] {'{', '}'}, id, ChangeStream.ANY, Duration.ofSeconds(1));
  }

  @Test
  void nothingInBetweenIsCommittedInPlace() throws SQLException {
    commit();
    commit();
    assertThat(position.get()).isEqualTo(new Position(2, 2));
    assertThat(controlTables.read(session).position()).isEqualTo(new Position(2, 2));
    assertThat(controlTables.mark(session, origin)).isEqualTo(2);
    assertThat(rows()).isEqualTo(2);
  }

  @Test
  void anothersMessageInBetweenMeansRollbackAndWaiting() throws SQLException {
    commit();
    publishElsewhere("1");
    Open transaction = new Open();
    assertThat(commit(transaction, ROW)).contains("sequence 3");
    assertThat(transaction.ends).containsExactly("rollback");
    assertThat(position.get().sequence()).isEqualTo(1);
  }

  @Test
  void aMessageIsOnItsWayUntilItsPlaceIsCounted() throws SQLException {
    commit();
    assertThat(step.isMessageOnTheWay()).isFalse();
    publishElsewhere("1");
    commit(new Open(), ROW);
    assertThat(onTheWay).containsExactly(false, false, true); // in place, refused, at its place
    assertThat(step.isMessageOnTheWay()).isTrue();
    position.moveTo(new Position(3, 3));
    assertThat(step.isMessageOnTheWay()).isFalse();
  }

  @Test
  void whatMayBeRefusedIsNotSaidToBeOnItsWay() throws SQLException {
    commit(new Open(), DDL);
    assertThat(onTheWay).containsExactly(false);
  }

  @Test
  void nothingIsOnItsWayWithoutTheStream() throws SQLException {
    step = step(false);
    stream.script(Fault.REFUSED);
    assertThatThrownBy(this::commit).isInstanceOf(SQLException.class);
    assertThat(onTheWay).containsExactly(true);
    assertThat(step.isMessageOnTheWay()).isFalse();
  }

  @Test
  void ddlThatIsOvertakenIsAConflict() throws SQLException {
    commit();
    publishElsewhere("1");
    Open transaction = new Open();
    assertThatThrownBy(() -> commit(transaction, DDL))
        .isInstanceOfSatisfying(
            CommitConflictException.class, e -> assertThat(e.sequence()).isEqualTo(2));
    assertThat(transaction.ends).containsExactly("rollback");
    assertThat(stream.state().lastSequence()).isEqualTo(2);
  }

  @Test
  void expiredMessagesAreNoConflict() throws SQLException {
    commit();
    log.expireBefore(2);
    commit();
    assertThat(position.get()).isEqualTo(new Position(2, 2));
  }

  @Test
  void messagesThatExpiredUnreadMayHaveBeenInBetween() throws SQLException {
    commit();
    publishElsewhere("1");
    log.expireBefore(3);
    Open transaction = new Open();
    assertThat(commit(transaction, ROW)).isNotNull();
    assertThat(transaction.ends).containsExactly("rollback");
  }

  @Test
  void aLostAnswerIsInDoubt() throws SQLException {
    commit();
    for (Fault fault : List.of(Fault.ACK_LOST, Fault.LOST, Fault.STORED_LATE)) {
      stream.script(fault);
      Open transaction = new Open();
      assertThatThrownBy(() -> commit(transaction, ROW))
          .isInstanceOf(CommitInDoubtException.class)
          .extracting("SQLState")
          .isEqualTo("08007");
      assertThat(transaction.ends).containsExactly("rollback");
    }
    assertThat(position.get().sequence()).isEqualTo(1);
  }

  @Test
  void anUnreachableStreamMeansNothingWasCommitted() throws SQLException {
    stream.script(Fault.DISCONNECT);
    Open transaction = new Open();
    assertThatThrownBy(() -> commit(transaction, ROW)).extracting("SQLState").isEqualTo("08006");
    assertThat(transaction.ends).containsExactly("rollback");
  }

  @Test
  void aFailedCommitAfterPublishingIsInDoubt() throws SQLException {
    Open transaction = new Open();
    transaction.failsToCommit = true;
    assertThatThrownBy(() -> commit(transaction, ROW)).isInstanceOf(CommitInDoubtException.class);
    assertThat(transaction.ends).containsExactly("rollback");
    assertThat(position.get()).isEqualTo(Position.NONE);
    assertThat(controlTables.read(session)).isNull();
  }

  @Test
  void aStreamThatLostItsTailIsNotWrittenOn() throws SQLException {
    commit();
    commit();
    commit();
    log.loseAfter(1);
    Open transaction = new Open();
    assertThatThrownBy(() -> commit(transaction, ROW))
        .hasMessageContaining("lost its last messages")
        .extracting("SQLState")
        .isEqualTo("55000");
    assertThat(transaction.ends).containsExactly("rollback");
    assertThat(position.get()).isEqualTo(new Position(3, 3));
    assertThat(stream.state().lastSequence()).isEqualTo(1);
  }

  @Test
  void aStreamThatWasMadeAgainIsNotWrittenOn() throws SQLException {
    commit();
    commit();
    log.recreate();
    stream.open();
    Open transaction = new Open();
    assertThatThrownBy(() -> commit(transaction, ROW)).extracting("SQLState").isEqualTo("55000");
    assertThat(position.get()).isEqualTo(new Position(2, 2));
  }

  @Test
  void aMessageBeforeThePositionIsNeverTakenForCommitted() throws SQLException {
    commit();
    commit();
    log.loseAfter(0);
    step = step(false);
    Open transaction = new Open();
    assertThatThrownBy(() -> commit(transaction, ROW)).isInstanceOf(CommitInDoubtException.class);
    assertThat(transaction.ends).containsExactly("rollback");
  }

  @Test
  void applyDecidesUntilTheStreamWasComparedOnThePresentConnection() throws SQLException {
    commit();
    streamIsChecked = false;
    Open transaction = new Open();
    commit(transaction, ROW);
    assertThat(transaction.ends).containsExactly("rollback");
    assertThat(stream.lastSequence()).isEqualTo(2);
    assertThat(position.get().sequence()).isEqualTo(1);
  }

  @Test
  void aStreamThatGoesAwayAfterItsAnswerDoesNotLookLikeAFailure() throws SQLException {
    ChangeStream goesAway =
        (ChangeStream)
            Proxy.newProxyInstance(
                ChangeStream.class.getClassLoader(),
                new Class<?>[] {ChangeStream.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("state") && stream.lastSequence() > 0) {
                    throw new StreamException("away", true, null);
                  }
                  return method.invoke(stream, arguments);
                });
    step = step(true, goesAway);
    Open transaction = new Open();
    assertThat(commit(transaction, ROW)).contains("sequence 1");
    assertThat(transaction.ends).containsExactly("rollback");
  }

  @Test
  void anAnswerThatNoPublisherOfOrderGaveIsInDoubtToo() throws SQLException {
    LocalCommit local =
        new LocalCommit(
            origin,
            "a.db",
            changeSet -> {
              throw new PublishInDoubtException("no answer", null);
            },
            Clock.systemUTC());
    Open transaction = new Open();
    assertThatThrownBy(() -> local.commit(transaction, ROW, false))
        .isInstanceOf(CommitInDoubtException.class);
    assertThat(transaction.ends).containsExactly("rollback");
  }
}
