package io.hasqlite.testing;

import io.hasqlite.Position;
import io.hasqlite.RowIdentity;
import io.hasqlite.apply.AppliedPosition;
import io.hasqlite.apply.Applier;
import io.hasqlite.apply.ApplyListener;
import io.hasqlite.apply.Conflict;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.apply.IncomingMessage;
import io.hasqlite.apply.ReadView;
import io.hasqlite.capture.CaptureOptions;
import io.hasqlite.capture.TriggerCapture;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.ChangeSetInterceptor;
import io.hasqlite.outbox.Outbox;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.WriteLock;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A database that only applies what it is given, as it would come from the stream. */
public final class Replica implements AutoCloseable {

  private final SqliteFile file;
  private final SqliteSession session;
  private final AppliedPosition position = new AppliedPosition(Position.NONE);
  private final Applier applier;
  private final ChangeSetCodec codec = new ChangeSetCodec();
  private final List<Conflict> conflicts = new ArrayList<>();
  private long sequence;
  private long moreConflicts;

  /** Opens a database. */
  public Replica(Path path, RowIdentity identity, @Nullable ChangeSetInterceptor interceptor)
      throws SQLException {
    this.file = SqliteFile.open(path, Map.of(), List.of());
    this.session = file.openSession();
    session.execute("PRAGMA foreign_keys=OFF");
    session.execute("PRAGMA ignore_check_constraints=ON");
    this.applier =
        new Applier(
            TriggerCapture.ofApply(
                session, new CaptureOptions(identity, Set.of(), true), Clock.systemUTC()),
            new WriteLock(),
            Duration.ofSeconds(5),
            new ControlTables("test", Clock.systemUTC()),
            new Outbox(codec, Clock.systemUTC()),
            position,
            () -> "now",
            interceptor,
            ReadView.of(session),
            new ApplyListener() {
              @Override
              public void conflict(Conflict conflict) {
                conflicts.add(conflict);
              }

              @Override
              public void moreConflicts(Conflict.Kind kind, long count) {
                moreConflicts += count;
              }
            });
  }

  /** Opens a database with nothing special. */
  public Replica(Path path) throws SQLException {
    this(path, RowIdentity.PK, null);
  }

  /** Applies messages as one batch. */
  public Replica apply(List<ChangeSet> changeSets) throws SQLException {
    List<IncomingMessage> messages = new ArrayList<>();
    for (ChangeSet changeSet : changeSets) {
      messages.add(new IncomingMessage(++sequence, codec.decode(codec.encode(changeSet))));
    }
    applier.apply(messages);
    return this;
  }

  /** Applies what a writer has published since it was asked last. */
  public Replica apply(LocalWriter writer) throws SQLException {
    return apply(writer.takeChangeSets());
  }

  /** Returns the conflicts that were met. */
  public List<Conflict> conflicts() {
    return conflicts;
  }

  /** Returns how many more there were that were only counted. */
  public long moreConflicts() {
    return moreConflicts;
  }

  /** Returns the session that applies. */
  public SqliteSession session() {
    return session;
  }

  /** Returns the file. */
  public Path path() {
    return file.path();
  }

  @Override
  public void close() throws SQLException {
    session.close();
  }
}
