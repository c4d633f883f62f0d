package io.hasqlite.stream;

/**
 * Where a database began: before it there is no message of the database.
 *
 * @param sequence the last sequence of the stream before that; 0 for none
 * @param streamCreated the creation time of the stream
 */
public record Beginning(long sequence, String streamCreated) {

  /** Tells whether the stream still holds all that came since. */
  public boolean isHeldBy(StreamState stream) {
    return streamCreated.equals(stream.created().toString())
        && sequence + 1 >= stream.firstSequence();
  }
}
