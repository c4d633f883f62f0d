package io.hasqlite.apply;

import io.hasqlite.Origin;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.Operation;
import io.hasqlite.changeset.Transaction;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The messages that open and end fences. They have no number: a repeated one does no harm. A fence
 * that is open keeps another one from being opened, and only the message that names it ends it; so
 * which one is open is decided by the stream alone.
 */
public final class FenceMessages {

  private static final String OPEN = "ha_fence_open";
  private static final String END = "ha_fence_end";

  /** What comes from the network must not hold writers for ever. */
  private static final Duration EXPIRY_MAX = Duration.ofHours(1);

  private static final int TEXT_MAX = 200;

  private FenceMessages() {}

  /** Returns the message that opens a fence if none is open at its place. */
  public static ChangeSet open(
      Origin origin, String filename, String token, String purpose, Duration expiry) {
    return message(origin, filename, OPEN, List.of(token, purpose, expiry.toMillis()));
  }

  /** Returns the message that ends a fence if it is open at its place. */
  public static ChangeSet end(Origin origin, String filename, long number) {
    return message(origin, filename, END, List.of(number));
  }

  private static ChangeSet message(
      Origin origin, String filename, String name, List<@Nullable Object> args) {
    Change change =
        new Change(
            Operation.CUSTOM, "", List.of(), List.of(), null, null, null, null, name, args, 0);
    return new ChangeSet(
        origin,
        filename,
        0,
        List.of(new Transaction(0, 0, List.of(change))),
        Set.of(ChangeSet.REQUIRES_FENCE));
  }

  /** Tells whether a message is one of these, readable or not. */
  static boolean isOne(ChangeSet changeSet) {
    return change(changeSet) != null;
  }

  private static @Nullable Change change(ChangeSet changeSet) {
    if (changeSet.object() != null || changeSet.transactions().size() != 1) {
      return null;
    }
    Transaction transaction = changeSet.transactions().get(0);
    if (transaction.number() != 0 || transaction.changes().size() != 1) {
      return null;
    }
    Change change = transaction.changes().get(0);
    return change.operation() == Operation.CUSTOM
            && (OPEN.equals(change.command()) || END.equals(change.command()))
        ? change
        : null;
  }

  /**
   * Returns the fence that is open after a message.
   *
   * @param open the one before
   */
  static @Nullable Fence after(@Nullable Fence open, long sequence, ChangeSet changeSet) {
    Change change = change(changeSet);
    if (change == null) {
      return open;
    }
    List<@Nullable Object> args = change.args();
    if (OPEN.equals(change.command())) {
      return open == null
              && args.size() == 3
              && args.get(0) instanceof String token
              && args.get(1) instanceof String purpose
              && args.get(2) instanceof Long millis
          ? new Fence(sequence, cut(token), changeSet.origin(), cut(purpose), expiry(millis))
          : open;
    }
    return open != null && args.equals(List.of(open.number())) ? null : open;
  }

  static Duration expiry(long millis) {
    return Duration.ofMillis(Math.max(1, Math.min(EXPIRY_MAX.toMillis(), millis)));
  }

  private static String cut(String text) {
    return text.substring(0, Math.min(TEXT_MAX, text.length()));
  }
}
