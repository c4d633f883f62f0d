package io.hasqlite.capture;

import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.Operation;
import io.hasqlite.changeset.Values;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a transaction in the order in which they happened. The log's order is another one
 * where one statement changes a row more than once:
 *
 * <ul>
 *   <li>A trigger or a foreign key changes the row before the statement does: then OLD of the
 *       statement's own change is what the row was before both.
 *   <li>The update of a row makes a foreign key change the same row: that is logged before the
 *       update itself, since foreign keys act before AFTER triggers fire.
 * </ul>
 *
 * <p>Put right, each change of a row begins with what the one before it made. Changes that change
 * nothing are left out.
 */
final class ChangeOrder {

  /** An image of a row. */
  private record Image(@Nullable Long rowid, List<@Nullable Object> values) {

    boolean isSame(Image other) {
      return Objects.equals(rowid, other.rowid) && Values.sameAll(values, other.values);
    }
  }

  /** A change as it was logged; it may turn out later that it came after another. */
  private static final class Logged {

    private Change change;
    private final @Nullable Image loggedOld;

    Logged(Change change, @Nullable Image loggedOld) {
      this.change = change;
      this.loggedOld = loggedOld;
    }
  }

  private final Consumer<Change> target;
  private final boolean unchangedToo;

  /** What the present statement did from the first change on whose place is not certain yet. */
  private final List<Logged> all = new ArrayList<>();

  /** What the present statement did to rows that are there now, by their identity. */
  private final Map<List<Object>, List<Logged>> rows = new HashMap<>();

  /**
   * Hands the changes over in their order, each as soon as its place is certain.
   *
   * @param unchangedToo whether updates that change nothing are handed over, too
   */
  ChangeOrder(Consumer<Change> target, boolean unchangedToo) {
    this.target = target;
    this.unchangedToo = unchangedToo;
  }

  /** Tells that what follows was done by another statement, or that nothing follows. */
  void nextStatement() {
    all.forEach(logged -> handOver(logged.change));
    all.clear();
    rows.clear();
  }

  private void handOver(Change change) {
    if (unchangedToo
        || change.operation() != Operation.UPDATE
        || !oldImage(change).isSame(newImage(change))) {
      target.accept(change);
    }
  }

  /** Adds a change whose place is certain. */
  void add(Change change) {
    if (all.isEmpty()) {
      handOver(change);
    } else {
      all.add(new Logged(change, null));
    }
  }

  void add(ArmedTable table, Change change) {
    if (!table.mayChangeRowsTwice()) {
      add(change);
      return;
    }
    switch (change.operation()) {
      case INSERT -> {
        Logged logged = new Logged(change, null);
        all.add(logged);
        List<Logged> row = new ArrayList<>();
        row.add(logged);
        rows.put(identity(table, newImage(change)), row);
      }
      case UPDATE -> addUpdate(table, change);
      case DELETE -> {
        List<Logged> row = rows.remove(identity(table, oldImage(change)));
        all.add(new Logged(row == null ? change : from(newImage(last(row).change), change), null));
      }
      default -> throw new IllegalArgumentException("Not a change of a row: " + change);
    }
  }

  private void addUpdate(ArmedTable table, Change change) {
    Image old = oldImage(change);
    List<Object> oldIdentity = identity(table, old);
    List<Object> newIdentity = identity(table, newImage(change));
    List<Logged> row = rows.getOrDefault(newIdentity, List.of());
    int place = placeBefore(row, change, !oldIdentity.equals(newIdentity));
    List<Logged> before = row.subList(0, place);
    List<Logged> after = row.subList(place, row.size());
    if (!oldIdentity.equals(newIdentity)) {
      before = Objects.requireNonNullElse(rows.remove(oldIdentity), List.of());
    }
    Logged logged =
        new Logged(before.isEmpty() ? change : from(newImage(last(before).change), change), old);
    if (after.isEmpty()) {
      all.add(logged);
    } else {
      Logged next = after.get(0);
      next.change = from(newImage(change), next.change);
      all.add(all.lastIndexOf(next), logged);
    }
    List<Logged> whole = new ArrayList<>(before);
    whole.add(logged);
    whole.addAll(after);
    rows.put(newIdentity, whole);
  }

  /**
   * Returns the place of an update among the logged changes of its row: the end, unless one of them
   * began with what this update makes.
   */
  private static int placeBefore(List<Logged> row, Change update, boolean moved) {
    if (row.isEmpty() || !moved && newImage(last(row).change).isSame(oldImage(update))) {
      return row.size();
    }
    Image made = newImage(update);
    for (int i = 0; i < row.size(); i++) {
      Image began = row.get(i).loggedOld;
      boolean follows = began != null && i > 0 && newImage(row.get(i - 1).change).isSame(began);
      if (began != null && began.isSame(made) && !follows) {
        return i;
      }
    }
    return row.size();
  }

  private static Logged last(List<Logged> row) {
    return row.get(row.size() - 1);
  }

  private static Image oldImage(Change change) {
    return new Image(change.oldRowid(), Objects.requireNonNull(change.oldValues()));
  }

  private static Image newImage(Change change) {
    return new Image(change.newRowid(), Objects.requireNonNull(change.newValues()));
  }

  private static Change from(Image old, Change change) {
    return new Change(
        change.operation(),
        change.table(),
        change.columns(),
        change.keyColumns(),
        old.rowid(),
        change.newRowid(),
        old.values(),
        change.newValues(),
        change.command(),
        change.args(),
        change.timestampNs());
  }

  private static List<Object> identity(ArmedTable table, Image image) {
    List<Object> identity = new ArrayList<>();
    identity.add(table.schema().name());
    if (image.rowid() != null) {
      identity.add(image.rowid());
      return identity;
    }
    for (String column : table.schema().identity()) {
      identity.add(Values.keyValue(image.values().get(table.columns().indexOf(column))));
    }
    return identity;
  }
}
