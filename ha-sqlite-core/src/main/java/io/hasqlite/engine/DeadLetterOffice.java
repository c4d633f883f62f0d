package io.hasqlite.engine;

import io.hasqlite.RowIdentity;
import io.hasqlite.apply.DeadLetter;
import io.hasqlite.apply.DeadLetterReplay;
import io.hasqlite.apply.DeadLetters;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.UnreadableMessageException;
import io.hasqlite.sqlite.SqliteSession;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** What a person can do with dead letters. */
final class DeadLetterOffice {

  private final DeadLetters letters;
  private final LocalDatabase database;
  private final DataSource dataSource;
  private final ChangeSetCodec codec;
  private final RowIdentity rowIdentity;

  DeadLetterOffice(
      DeadLetters letters,
      LocalDatabase database,
      DataSource dataSource,
      ChangeSetCodec codec,
      RowIdentity rowIdentity) {
    this.letters = letters;
    this.database = database;
    this.dataSource = dataSource;
    this.codec = codec;
    this.rowIdentity = rowIdentity;
  }

  List<DeadLetter> list() {
    try (SqliteSession session = database.openSession()) {
      return letters.list(session);
    } catch (SQLException e) {
      throw new DeadLetterException(
          "The dead letters in " + database.file().path() + " cannot be read: " + e.getMessage(),
          e);
    }
  }

  void apply(long sequence) {
    DeadLetter letter = find(sequence);
    try (Connection connection = dataSource.getConnection()) {
      ChangeSet changeSet = codec.decode(letter.body());
      if (changeSet.object() != null) {
        throw notApplied(sequence, "it only names an object of the stream's store. Drop it", null);
      }
      connection.setAutoCommit(false);
      DeadLetterReplay.run(connection, changeSet, rowIdentity);
      connection.commit();
    } catch (UnreadableMessageException e) {
      throw notApplied(sequence, "it cannot be read. Drop it. " + e.getMessage(), e);
    } catch (SQLException e) {
      throw notApplied(sequence, String.valueOf(e.getMessage()), e);
    }
    drop(sequence);
  }

  private DeadLetter find(long sequence) {
    return list().stream()
        .filter(letter -> letter.sequence() == sequence)
        .findFirst()
        .orElseThrow(() -> none(sequence));
  }

  private DeadLetterException notApplied(long sequence, String reason, @Nullable Exception cause) {
    return new DeadLetterException(
        "The dead letter of sequence "
            + sequence
            + " in "
            + database.file().path()
            + " was not applied: "
            + reason,
        cause);
  }

  void drop(long sequence) {
    try (SqliteSession session = database.openSession()) {
      if (letters.drop(session, sequence)) {
        return;
      }
    } catch (SQLException e) {
      throw new DeadLetterException(
          "The dead letter of sequence "
              + sequence
              + " in "
              + database.file().path()
              + " could not be removed: "
              + e.getMessage(),
          e);
    }
    throw none(sequence);
  }

  private DeadLetterException none(long sequence) {
    return new DeadLetterException(
        "There is no dead letter of sequence " + sequence + " in " + database.file().path(), null);
  }
}
