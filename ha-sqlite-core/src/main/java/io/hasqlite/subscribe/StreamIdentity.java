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

  private static final String WAYS_OUT =
      " Keep a copy of the database files of all nodes. Then either start the node with the most"
          + " advanced file with ha.sqlite.bootstrap=local, which makes its file the database of"
          + " all nodes, or, if another node has done so, start this one with"
          + " ha.sqlite.bootstrap=cluster, which takes the cluster's state and keeps a copy of"
          + " this file";

  private StreamIdentity() {}

  /**
   * Checks a stream against what the file says.
   *
   * @throws HaltException if it must not be followed
   * @throws MessagesMissingException if messages expired before this node read them
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
              + " missing here."
              + WAYS_OUT,
          null);
    }
    if (state.lastSequence() < position) {
      throw lostTail(position, "its last message is " + state.lastSequence());
    }
    if (state.firstSequence() > position + 1) {
      throw MessagesMissingException.expired(position, state.firstSequence());
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
      if (stream.state().firstSequence() > last) {
        return; // it has expired since
      }
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

  private static HaltException lostTail(long position, String found) {
    return new HaltException(
        "The stream is not the one that the position counts in: this node has applied its message "
            + position
            + ", but "
            + found
            + ". Its server lost its last messages, or was restored from a backup; following it"
            + " would make nodes differ."
            + WAYS_OUT,
        null);
  }
}
