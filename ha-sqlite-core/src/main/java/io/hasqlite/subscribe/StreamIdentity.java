package io.hasqlite.subscribe;

import io.hasqlite.apply.ControlTables.Stored;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.StreamMessage;
import io.hasqlite.stream.StreamState;
import java.util.List;
import java.util.Optional;

/**
 * Tells whether a stream is still the one that a position counts in: not deleted and made again,
 * not without its last messages (a server that loses power may lose what it had not synced), and
 * not already without messages that this node has not read.
 */
public final class StreamIdentity {

  private StreamIdentity() {}

  /**
   * Checks a stream against what the file says.
   *
   * @throws HaltException if it must not be followed
   * @throws io.hasqlite.stream.StreamException if it is away
   */
  public static void check(ChangeStream stream, Stored stored, ChangeSetCodec codec) {
    StreamState state = stream.state();
    long position = stored.position().sequence();
    if (!stored.streamCreated().isEmpty()
        && !stored.streamCreated().equals(state.created().toString())) {
      throw new HaltException(
          "The stream is another one than the position "
              + position
              + " counts in: that was created at "
              + stored.streamCreated()
              + ", this one at "
              + state.created()
              + ". It was deleted and made again, and what other nodes wrote in between may be"
              + " missing here. To follow it, start this node with an empty database",
          null);
    }
    if (state.lastSequence() < position) {
      throw lostTail(position, "its last message is " + state.lastSequence());
    }
    if (state.firstSequence() > position + 1) {
      throw expired(position, state.firstSequence());
    }
    long last = stored.position().lastOfSubject();
    if (stored.origin() != null && last > 0 && last >= state.firstSequence()) {
      checkMessage(stream, stored, codec, last);
    }
  }

  private static void checkMessage(
      ChangeStream stream, Stored stored, ChangeSetCodec codec, long last) {
    Optional<StreamMessage> message = stream.read(last);
    if (message.isEmpty()) {
      throw lostTail(last, "it has no message of this database there");
    }
    ChangeSet changeSet = codec.decode(message.get().body());
    List<Transaction> transactions = changeSet.transactions();
    long number = transactions.isEmpty() ? 0 : transactions.get(transactions.size() - 1).number();
    if (!changeSet.origin().equals(stored.origin()) || number != stored.number()) {
      throw lostTail(
          last,
          "there is transaction "
              + number
              + " of "
              + changeSet.origin()
              + " instead of "
              + stored.number()
              + " of "
              + stored.origin());
    }
  }

  /** Returns what to say when the messages after a position and before another one are gone. */
  static HaltException expired(long position, long next) {
    return new HaltException(
        "Messages "
            + (position + 1)
            + " to "
            + (next - 1)
            + " of the stream expired before this node read them; its position is "
            + position
            + ". Restart this node: it begins with the latest snapshot then. Without one, start it"
            + " with a copy of the database file of a node that is up to date, taken while that"
            + " node is stopped",
        null);
  }

  private static HaltException lostTail(long position, String found) {
    return new HaltException(
        "The stream is not the one that the position counts in: this node has applied its message "
            + position
            + ", but "
            + found
            + ". Its server lost its last messages, or was restored from a backup; following it"
            + " would make nodes differ. Keep the database files of all nodes, and start the nodes"
            + " that are behind with a copy of the most advanced one",
        null);
  }
}
