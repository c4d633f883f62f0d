package io.hasqlite.changeset;

import io.hasqlite.HaSqliteException;
import java.util.AbstractList;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a transaction that is too large to be held in memory. Each iteration reads them
 * anew, so iterate: {@link #get} and, before the first whole iteration, {@link #size} read all that
 * comes before. One iteration at a time; beginning another one ends it.
 *
 * <p>They can be read as long as whoever handed them over says, and an iteration fails with a
 * {@link ReadFailedException} where they cannot.
 */
public abstract class LargeChanges extends AbstractList<Change> {

  /** The changes could not be read from where they are. */
  public static final class ReadFailedException extends HaSqliteException {

    private static final long serialVersionUID = 1L;

    /** Creates an exception that says where they are and what failed. */
    public ReadFailedException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  private int size = -1;

  /** Begins to read; at least one change is there. */
  protected abstract Iterator<Change> read();

  @Override
  public final Iterator<Change> iterator() {
    Iterator<Change> changes = read();
    return new Iterator<>() {
      private int count;

      @Override
      public boolean hasNext() {
        boolean more = changes.hasNext();
        if (!more) {
          size = count;
        }
        return more;
      }

      @Override
      public Change next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        count++;
        return changes.next();
      }
    };
  }

  @Override
  public final int size() {
    if (size < 0) {
      forEach(change -> {});
    }
    return size;
  }

  @Override
  public final boolean isEmpty() {
    return false;
  }

  @Override
  public final Change get(int index) {
    int at = 0;
    for (Change change : this) {
      if (at++ == index) {
        return change;
      }
    }
    throw new IndexOutOfBoundsException(index);
  }

  @Override
  public final Spliterator<Change> spliterator() {
    return Spliterators.spliteratorUnknownSize(
        iterator(), Spliterator.ORDERED | Spliterator.NONNULL);
  }

  /** Describes them without reading them. */
  @Override
  public final String toString() {
    return size < 0 ? "[many changes]" : "[" + size + " changes]";
  }
}
