package io.hasqlite.apply;

import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.sqlite.SqliteErrors;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.WriteLock;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The messages that this node left out because no node can apply them: kept in the table {@code
 * ha_dead_letters} until a person has looked at them. Safe for use by several threads, each with a
 * session of its own in which no transaction is open.
 */
public final class DeadLetters {

  /** The most that are kept: whoever fills the table is to be found, not to be given more room. */
  public static final int LETTERS_MAX = 1_000;

  /** The most bytes that are kept; the first letter may be larger. */
  public static final long BYTES_MAX = 64L * 1024 * 1024;

  private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);

  private final ControlTables controlTables;
  private final WriteLock writeLock;
  private final Duration lockTimeout;
  private final Clock clock;
  private final ApplyListener listener;
  private volatile long count; // written under the write lock

  /** Creates the letters of one database. */
  public DeadLetters(
      ControlTables controlTables,
      WriteLock writeLock,
      Duration lockTimeout,
      Clock clock,
      ApplyListener listener) {
    this.controlTables = controlTables;
    this.writeLock = writeLock;
    this.lockTimeout = lockTimeout;
    this.clock = clock;
    this.listener = listener;
  }

  /** Returns how many there are, as last seen. Never blocks. */
  public long count() {
    return count;
  }

  /** Looks how many there are. */
  public void refresh(SqliteSession session) throws SQLException {
    count = exists(session) ? session.number("SELECT count(*) FROM main.ha_dead_letters") : 0;
  }

  private static boolean exists(SqliteSession session) throws SQLException {
    return session.one(
            "SELECT 1 FROM main.sqlite_schema WHERE type='table' AND name='ha_dead_letters'")
        != null;
  }

  /** Tells whether a letter may be added. Only the applying session adds any. */
  public boolean hasRoom(SqliteSession session, byte[] body) throws SQLException {
    return !exists(session) || hasRoom(session, body.length);
  }

  /**
   * Keeps a message as a letter, in one transaction with its being counted.
   *
   * @param applier counts it
   * @param changeSet what it says; null where it could not be read
   * @throws ApplyException if it cannot be counted: nothing was done
   * @throws SQLException if the database could not be written: nothing was done
   */
  public void keep(
      Applier applier,
      SqliteSession session,
      long sequence,
      byte[] body,
      @Nullable ChangeSet changeSet,
      String reason)
      throws SQLException {
    DeadLetter letter =
        new DeadLetter(
            sequence,
            controlTables.subject(),
            clock.instant(),
            changeSet == null ? null : changeSet.origin(),
            reason,
            body);
    if (!applier.leaveOut(sequence, changeSet, () -> add(session, letter), () -> count++)) {
      return; // it was counted before
    }
    log.warn(
        "Message {} of the stream was left out and is kept in ha_dead_letters: {}",
        sequence,
        reason);
    listener.deadLetter(letter);
  }

  private static boolean hasRoom(SqliteSession session, int bytes) throws SQLException {
    long letters = session.number("SELECT count(*) FROM main.ha_dead_letters");
    long held = session.number("SELECT sum(length(body)) FROM main.ha_dead_letters");
    return letters == 0 || letters < LETTERS_MAX && held + bytes <= BYTES_MAX;
  }

  private static void add(SqliteSession session, DeadLetter letter) throws SQLException {
    Origin origin = letter.origin();
    session.update(
        "INSERT INTO main.ha_dead_letters(seq, subject, at, node, process_id, reason, body)"
            + " VALUES(?,?,?,?,?,?,?)",
        letter.sequence(),
        letter.subject(),
        letter.at().toString(),
        origin == null ? null : origin.node().value(),
        origin == null ? null : origin.processId(),
        letter.reason(),
        letter.body());
  }

  /** Returns all letters, oldest first. */
  public List<DeadLetter> list(SqliteSession session) throws SQLException {
    List<DeadLetter> letters = new ArrayList<>();
    if (!exists(session)) {
      return letters;
    }
    PreparedStatement select =
        session.prepared(
            "SELECT seq, subject, at, node, process_id, reason, body FROM main.ha_dead_letters"
                + " ORDER BY seq");
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        String node = row.getString(4);
        letters.add(
            new DeadLetter(
                row.getLong(1),
                row.getString(2),
                Instant.parse(row.getString(3)),
                node == null ? null : new Origin(new NodeId(node), row.getLong(5)),
                row.getString(6),
                row.getBytes(7)));
      }
    }
    return letters;
  }

  /**
   * Removes a letter; false if there is none at that sequence.
   *
   * @throws SQLException if the database could not be written
   */
  public boolean drop(SqliteSession session, long sequence) throws SQLException {
    return exists(session)
        && write(
            session,
            () -> session.update("DELETE FROM main.ha_dead_letters WHERE seq = ?", sequence) > 0);
  }

  private interface Writing {
    boolean write() throws SQLException;
  }

  /** Writes in a transaction, which is rolled back if there was nothing to write. */
  private boolean write(SqliteSession session, Writing writing) throws SQLException {
    writeLock.acquire(session, lockTimeout);
    try {
      boolean written = false;
      try {
        session.execute("BEGIN IMMEDIATE");
        if (writing.write()) {
          session.execute("COMMIT");
          written = true;
          refresh(session);
        }
      } catch (SQLException e) {
        throw SqliteErrors.translate(e);
      } finally {
        if (!written) {
          rollback(session);
        }
      }
      return written;
    } finally {
      writeLock.release(session);
    }
  }

  private static void rollback(SqliteSession session) {
    try {
      session.execute("ROLLBACK");
    } catch (SQLException e) {
      // There is none if BEGIN failed; and SQLite rolls back by itself when the disk is full.
      log.debug("There was nothing to roll back", e);
    }
  }
}
