package io.hasqlite;

/**
 * Up to where a node has counted the stream.
 *
 * @param sequence everything up to this sequence is applied or is no business of this database
 * @param lastOfSubject the last message of this database's subject at or before it; 0 for none
 */
public record Position(long sequence, long lastOfSubject) {

  /** Nothing was ever counted. */
  public static final Position NONE = new Position(0, 0);

  /** Validates the order of the two. */
  public Position {
    if (lastOfSubject < 0 || sequence < lastOfSubject) {
      throw new IllegalArgumentException(
          "A position's last message " + lastOfSubject + " must be within 0.." + sequence);
    }
  }
}
