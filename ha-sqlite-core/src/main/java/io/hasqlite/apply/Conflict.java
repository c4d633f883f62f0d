package io.hasqlite.apply;

import io.hasqlite.Origin;
import org.jspecify.annotations.Nullable;

/**
 * What last-writer-wins overruled, or could not do.
 *
 * @param kind what happened
 * @param sequence the message that won, or was not applied
 * @param origin who sent it
 * @param number the transaction's number
 * @param table the table
 * @param reason a sentence
 * @param image the row that lost, as a change in the format of the wire; null if there is none
 */
public record Conflict(
    Kind kind,
    long sequence,
    Origin origin,
    long number,
    String table,
    String reason,
    @Nullable String image) {

  /** What happened to a row. */
  public enum Kind {
    /** The row was overwritten or deleted although it was not what the writer had seen. */
    OVERWRITTEN,
    /** The row was removed because another one took its place in a unique key. */
    DISPLACED,
    /** An update met no row, which another transaction had deleted: it is there again. */
    REVIVED,
    /** The change could not be applied, on any node. */
    DROPPED
  }
}
