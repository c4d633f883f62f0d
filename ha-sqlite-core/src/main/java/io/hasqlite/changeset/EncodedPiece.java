package io.hasqlite.changeset;

import java.util.AbstractList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes as the outbox has them, encoded. They are copied into a message as they are, and decoded
 * only where they are looked at. For one thread at a time.
 */
final class EncodedPiece extends AbstractList<Change> {

  private static final String OPERATION = "\"operation\":\"";

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
    String value = operation.name();
    int left = size();
    for (int at = 0; left > 0 && at < piece.length; at++) {
      if (isAt(at, OPERATION)) {
        if (isAt(at + OPERATION.length(), value)) {
          return true;
        }
        left--;
      }
    }
    return false;
  }

  private boolean isAt(int at, String ascii) {
    if (at + ascii.length() > piece.length) {
      return false;
    }
    for (int i = 0; i < ascii.length(); i++) {
      if (piece[at + i] != ascii.charAt(i)) {
        return false;
      }
    }
    return true;
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
