package io.hasqlite.changeset;

import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes as the outbox has them, encoded. They are copied into a message as they are, and decoded
 * only where they are looked at. For one thread at a time.
 */
final class EncodedPiece extends AbstractList<Change> {

  private final ChangeSetCodec codec;
  private final byte[] piece;
  private @Nullable List<Change> decoded;
  private int size;

  /** Wraps what {@link ChangeSetCodec#encodePieces} wrote. */
  EncodedPiece(ChangeSetCodec codec, byte[] piece) {
    this(codec, piece, -1);
  }

  /** Wraps a piece that is known to have so many changes. */
  EncodedPiece(ChangeSetCodec codec, byte[] piece, int size) {
    this.codec = codec;
    this.piece = piece;
    this.size = size;
  }

  /** Returns the bytes: a JSON array. */
  byte[] bytes() {
    return piece;
  }

  /**
   * Tells whether one of the changes may be of an operation. The texts of a piece have their quotes
   * escaped, so that it is mistaken only where a piece was written in another way.
   */
  boolean mayHold(Operation operation) {
    byte[] field = ("\"operation\":\"" + operation + '"').getBytes(StandardCharsets.UTF_8);
    for (int from = 0; from <= piece.length - field.length; from++) {
      if (Arrays.equals(piece, from, from + field.length, field, 0, field.length)) {
        return true;
      }
    }
    return false;
  }

  private List<Change> decoded() {
    List<Change> changes = decoded;
    if (changes == null) {
      changes = codec.decodePiece(piece);
      decoded = changes;
    }
    return changes;
  }

  @Override
  public Change get(int index) {
    return decoded().get(index);
  }

  @Override
  public int size() {
    if (size < 0) {
      List<Change> changes = decoded;
      size = changes != null ? changes.size() : ChangeSetCodec.count(piece);
    }
    return size;
  }
}
