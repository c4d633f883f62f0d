package io.hasqlite.changeset;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.exc.JacksonIOException;

/** Reads the changes of a message one by one, and at the end sees that it was the right message. */
final class DecodedChanges implements Iterator<Change> {

  private final ChangeSetReader reader;
  private final ChangeSet message;
  private @Nullable Change next;
  private boolean begun;
  private boolean ended;

  DecodedChanges(JsonParser parser, Set<String> supported, KnownTexts known, ChangeSet message) {
    this.reader = new ChangeSetReader(parser, supported, known);
    this.message = message;
  }

  @Override
  public boolean hasNext() {
    if (next == null && !ended) {
      try {
        next = read();
      } catch (JacksonIOException e) {
        throw new LargeChanges.ReadFailedException(
            "The payload of " + message.origin() + " could not be read: " + e.getMessage(), e);
      } catch (JacksonException e) {
        throw reader.unreadable(e.getOriginalMessage(), e);
      }
      ended = next == null;
    }
    return next != null;
  }

  private @Nullable Change read() {
    if (!begun) {
      reader.readToChanges();
      begun = true;
    }
    Change change = reader.nextChange();
    if (change == null && !reader.isTransactionOf(message)) {
      throw reader.unreadable("it is not the transaction that the message names");
    }
    return change;
  }

  @Override
  public Change next() {
    Change change = hasNext() ? next : null;
    if (change == null) {
      throw new NoSuchElementException();
    }
    next = null;
    return change;
  }
}
