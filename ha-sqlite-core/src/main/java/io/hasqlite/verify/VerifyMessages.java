package io.hasqlite.verify;

import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.Operation;
import io.hasqlite.changeset.Transaction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What nodes say to each other through the stream, as changes that write nothing: a marker says
 * where to look and at what, an answer what a node found there.
 */
final class VerifyMessages {

  private static final String MARKER = "ha_verify";
  private static final String ANSWER = "ha_verify_answer";

  /** More is not sent: a comparison must not fill the stream. */
  static final int DIGESTS_MAX = 5_000;

  private VerifyMessages() {}

  /**
   * Where to look.
   *
   * @param range the part of a table to look at; null for all tables
   */
  record Marker(@Nullable Range range) {}

  /**
   * What a node found.
   *
   * @param marker the marker's sequence
   * @param scope what must be the same for two answers to be comparable
   * @param digests what it found
   */
  record Answer(long marker, String scope, List<Digest> digests) {}

  static Change marker(@Nullable Range range) {
    return custom(
        MARKER,
        range == null
            ? List.of()
            : List.of(range.table(), (long) range.bits(), range.prefix(), range.keys() ? 1L : 0L));
  }

  static Change answer(Answer answer) {
    List<@Nullable Object> args = new ArrayList<>();
    args.add(answer.marker());
    args.add(answer.scope());
    for (Digest digest : answer.digests()) {
      args.add(digest.name());
      args.add(digest.rows());
      args.add(digest.hash());
    }
    return custom(ANSWER, args);
  }

  private static Change custom(String name, List<? extends @Nullable Object> args) {
    return new Change(
        Operation.CUSTOM,
        "",
        List.of(),
        List.of(),
        null,
        null,
        null,
        null,
        name,
        new ArrayList<>(args),
        0);
  }

  /** Tells whether a message holds some of these, readable or not. */
  static boolean areIn(ChangeSet changeSet) {
    for (Transaction transaction : changeSet.transactions()) {
      if (change(transaction) != null) {
        return true;
      }
    }
    return false;
  }

  /** Each is a transaction of its own; a node that sends what waits puts several into a message. */
  private static @Nullable Change change(Transaction transaction) {
    if (transaction.changes().size() != 1 || !transaction.mayHold(Operation.CUSTOM)) {
      return null;
    }
    Change change = transaction.changes().get(0);
    return change.operation() == Operation.CUSTOM
            && (MARKER.equals(change.command()) || ANSWER.equals(change.command()))
        ? change
        : null;
  }

  /** Returns the markers and answers of a message, those left out that make no sense. */
  static List<Object> read(ChangeSet changeSet) {
    List<Object> said = new ArrayList<>();
    for (Transaction transaction : changeSet.transactions()) {
      Change change = change(transaction);
      if (change != null) {
        try {
          said.add(MARKER.equals(change.command()) ? marker(change.args()) : answer(change.args()));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
          continue; // whoever wrote it is no node of ours
        }
      }
    }
    return said;
  }

  private static Marker marker(List<@Nullable Object> args) {
    return args.isEmpty()
        ? new Marker(null)
        : new Marker(
            new Range(
                text(args.get(0)),
                (int) number(args.get(1)),
                number(args.get(2)),
                number(args.get(3)) != 0));
  }

  private static Answer answer(List<@Nullable Object> args) {
    List<Digest> digests = new ArrayList<>();
    for (int i = 2; i + 2 < args.size(); i += 3) {
      digests.add(new Digest(text(args.get(i)), number(args.get(i + 1)), text(args.get(i + 2))));
    }
    return new Answer(number(args.get(0)), text(args.get(1)), digests);
  }

  private static String text(@Nullable Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException("Not a text: " + value);
  }

  private static long number(@Nullable Object value) {
    if (value instanceof Long number) {
      return number;
    }
    throw new IllegalArgumentException("Not a number: " + value);
  }
}
