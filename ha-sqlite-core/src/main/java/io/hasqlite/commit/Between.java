package io.hasqlite.commit;

import io.hasqlite.Position;
import io.hasqlite.apply.WriteSet;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.UnreadableMessageException;
import io.hasqlite.sqlite.Schema;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.StreamMessage;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** The messages that came between what a transaction has read and the place that it wants. */
final class Between {

  private final WriteSet written;
  private final ChangeStream stream;
  private final ChangeSetCodec codec = new ChangeSetCodec();
  private long checked;

  Between(Schema schema, List<Change> changes, ChangeStream stream, Position base)
      throws SQLException {
    this.written = WriteSet.of(schema, changes);
    this.stream = stream;
    this.checked = base.sequence();
  }

  /** Tells whether none of the messages up to one wrote what the transaction wrote. */
  boolean isHarmlessUpTo(long last) throws SQLException {
    while (checked < last) {
      Optional<StreamMessage> next = stream.next(checked);
      if (next.isEmpty() || next.get().sequence() > last || overlaps(next.get())) {
        return false;
      }
      checked = next.get().sequence();
    }
    return true;
  }

  private boolean overlaps(StreamMessage message) throws SQLException {
    try {
      return written.overlaps(codec.decode(message.body()));
    } catch (UnreadableMessageException e) {
      return true; // apply says what is wrong with it
    }
  }
}
