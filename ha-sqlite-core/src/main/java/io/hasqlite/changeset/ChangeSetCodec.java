package io.hasqlite.changeset;

import io.hasqlite.Origin;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.core.util.ByteArrayBuilder;

/**
 * Writes and reads changesets as JSON objects, compatible with the messages of litesql/go-ha in
 * both directions. Immutable; for any number of threads.
 *
 * <p>What is written is read back bit for bit: types, 64-bit integers, doubles, blobs, and text
 * whatever characters it holds, NUL and unpaired surrogates included.
 */
public final class ChangeSetCodec {

  /** The longest message that is read, unless another limit is given: 64 MiB. */
  public static final int MESSAGE_BYTES_MAX_DEFAULT = 64 * 1024 * 1024;

  /** What this version's apply is able to do; see {@link ChangeSet#requires()}. */
  public static final Set<String> SUPPORTED_DEFAULT =
      Set.of(
          ChangeSet.REQUIRES_VIRTUAL,
          ChangeSet.REQUIRES_SNAPSHOT,
          ChangeSet.REQUIRES_OBJECT,
          ChangeSet.REQUIRES_FENCE);

  /** The longest change that is written: a reader must have the whole of it in memory. */
  private static final int CHANGE_BYTES_MAX = MESSAGE_BYTES_MAX_DEFAULT;

  /** The longest changeset that is written: 4 GiB. A reader needs as much room on its disk. */
  private static final long CHANGESET_BYTES_MAX = 4L * 1024 * 1024 * 1024;

  /** What a transaction's changes may take, so that they fit into a changeset. */
  private static final long CHANGES_BYTES_MAX = CHANGESET_BYTES_MAX - 1024 * 1024;

  /** A changeset nests four deep; the rest is for fields that we do not know. */
  private static final int NESTING_MAX = 64;

  private static final int NAME_LENGTH_MAX = 1024;

  private final int messageBytesMax;
  private final Set<String> supported;
  private final JsonFactory json;
  private final KnownTexts known = new KnownTexts();

  /** Creates a codec with {@link #MESSAGE_BYTES_MAX_DEFAULT} and {@link #SUPPORTED_DEFAULT}. */
  public ChangeSetCodec() {
    this(MESSAGE_BYTES_MAX_DEFAULT, SUPPORTED_DEFAULT);
  }

  /**
   * Creates a codec.
   *
   * @param messageBytesMax the longest message that is read
   * @param supported what the reader is able to do; a message that requires anything else is
   *     refused by {@link #decode}
   */
  public ChangeSetCodec(int messageBytesMax, Set<String> supported) {
    if (messageBytesMax <= 0) {
      throw new IllegalArgumentException(
          "The longest message must be positive, but is " + messageBytesMax + " bytes");
    }
    this.messageBytesMax = messageBytesMax;
    this.supported = Set.copyOf(supported);
    this.json =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(NESTING_MAX)
                    .maxNameLength(NAME_LENGTH_MAX)
                    .maxStringLength(messageBytesMax)
                    .build())
            // Names come from the network: they must not fill a table that lives with the JVM.
            .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
            // What was written when an exception came must not look complete.
            .disable(StreamWriteFeature.AUTO_CLOSE_CONTENT)
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .build();
  }

  /**
   * Returns the message of a changeset, on one line.
   *
   * @throws IllegalArgumentException if a value is not of SQLite's types
   */
  public byte[] encode(ChangeSet changeSet) {
    ByteArrayBuilder bytes = new ByteArrayBuilder();
    write(changeSet, (OutputStream) bytes);
    return bytes.toByteArray();
  }

  /**
   * Writes the message of a changeset, on one line, without a separator after it. The stream is
   * neither flushed nor closed.
   *
   * @throws IOException if the stream fails; part of the message may be written
   * @throws IllegalArgumentException if a value is not of SQLite's types; part of the message may
   *     be written
   */
  public void encode(ChangeSet changeSet, OutputStream stream) throws IOException {
    try {
      write(changeSet, stream);
    } catch (JacksonIOException e) {
      throw e.getCause();
    }
  }

  /** Returns the bytes with which each message of an origin begins. */
  public byte[] beginning(Origin origin) {
    byte[] whole = encode(new ChangeSet(origin, "", 0, List.of(), Set.of()));
    byte[] rest = ",\"filename\":".getBytes(StandardCharsets.UTF_8);
    for (int end = whole.length - rest.length; end > 0; end--) {
      if (Arrays.equals(whole, end, end + rest.length, rest, 0, rest.length)) {
        return Arrays.copyOf(whole, end + 1);
      }
    }
    throw new IllegalStateException("A message names its file after its origin");
  }

  /**
   * Returns the bytes of {@link #encode(ChangeSet)}, made while they are read: so a changeset of
   * any size needs no more memory than its largest change. Need not be closed.
   *
   * @return a stream that throws {@link TooLargeException} at a change, or a whole, that is too
   *     large for a reader, {@link LargeChanges.ReadFailedException} where the changes cannot be
   *     read, and {@link IllegalArgumentException} if a value is not of SQLite's types
   */
  public InputStream encoded(ChangeSet changeSet) {
    return EncodedChanges.of(
        changeSet,
        stream -> json.createGenerator(ObjectWriteContext.empty(), stream),
        ChangeSetCodec::checkLength);
  }

  /**
   * Looks whether readers can read what is written.
   *
   * @param change the change that was just written
   * @param bytes its length
   * @param all the length of all that was written
   */
  private static void checkLength(Change change, long bytes, long all) {
    if (all > CHANGES_BYTES_MAX) {
      throw new TooLargeException(
          "The transaction takes more than the "
              + CHANGES_BYTES_MAX
              + " bytes that a transaction may take in a message; change fewer rows in one"
              + " transaction");
    }
    if (bytes > CHANGE_BYTES_MAX) {
      throw new TooLargeException(
          "A row of table \"%s\" takes %d bytes in a message (old and new values, blobs in base64),"
                  .formatted(change.table(), bytes)
              + " more than the "
              + CHANGE_BYTES_MAX
              + " that a node reads; keep such values in files or in several rows");
    }
  }

  /**
   * Reads the changes of one message from a stream, each when it is asked for.
   *
   * @param stream the bytes of {@link #encode(ChangeSet)}, which may be anything; not closed
   * @param message what they must be: the one transaction that this message names
   * @return the changes; throws {@link UnreadableMessageException} at what is not readable, and at
   *     the end if it was not what the message names, and {@link LargeChanges.ReadFailedException}
   *     if the stream fails
   */
  Iterator<Change> changes(InputStream stream, ChangeSet message) {
    return new DecodedChanges(
        json.createParser(ObjectReadContext.empty(), stream), supported, known, message);
  }

  /**
   * Reads a message, which may be anything. Fields that are not known are ignored, missing ones are
   * empty.
   *
   * @param message its bytes; not kept
   * @return the changeset. Where the message has no {@code txs}, as those of go-ha, it holds one
   *     transaction with number 0
   * @throws UnsupportedMessageException if only another version or another setting of this library
   *     can read it: an unknown operation, an unknown {@code requires}, a message beyond the limit
   * @throws UnreadableMessageException if it is not a changeset. No other exception is thrown
   */
  public ChangeSet decode(byte[] message) {
    if (message.length > messageBytesMax) {
      throw new UnsupportedMessageException(
          "A message of %d bytes is longer than this node's limit of %d bytes; raise the limit"
              .formatted(message.length, messageBytesMax),
          -1,
          "",
          null);
    }
    try (JsonParser parser = json.createParser(ObjectReadContext.empty(), message)) {
      ChangeSetReader reader = new ChangeSetReader(parser, supported, known);
      try {
        return reader.read();
      } catch (JacksonException e) {
        throw reader.unreadable(e.getOriginalMessage(), e);
      }
    }
  }

  /** Takes changes that were encoded, in order. */
  public interface PieceConsumer {
    /** Takes the next piece. */
    void accept(byte[] piece) throws SQLException;
  }

  /**
   * Writes changes as JSON arrays, each of about a size at most, so that no transaction needs one
   * large array. A single change that is larger is a piece of its own; without changes there is one
   * piece.
   *
   * @param pieceBytesMax the size after which the next piece begins
   * @throws TooLargeException at a change, or a whole, that is too large for a reader
   */
  public void encodePieces(Iterable<Change> changes, int pieceBytesMax, PieceConsumer consumer)
      throws SQLException {
    Iterator<Change> left = changes.iterator();
    long written = 0;
    do {
      ByteArrayBuilder bytes = new ByteArrayBuilder();
      try (JsonGenerator generator = json.createGenerator(ObjectWriteContext.empty(), bytes)) {
        ChangeSetWriter writer = new ChangeSetWriter(generator);
        generator.writeStartArray();
        int size = 0;
        while (left.hasNext() && size < pieceBytesMax) {
          int before = size;
          Change change = left.next();
          writer.change(change);
          size = bytes.size() + generator.streamWriteOutputBuffered();
          checkLength(change, size - before, written + size);
        }
        generator.writeEndArray();
      }
      written += bytes.size();
      consumer.accept(bytes.toByteArray());
    } while (left.hasNext());
  }

  /**
   * Reads a piece that {@link #encodePieces} wrote.
   *
   * @throws UnreadableMessageException if it is none
   */
  public List<Change> decodePiece(byte[] piece) {
    try (JsonParser parser = json.createParser(ObjectReadContext.empty(), piece)) {
      ChangeSetReader reader = new ChangeSetReader(parser, supported, known);
      try {
        return reader.readChanges();
      } catch (JacksonException e) {
        throw reader.unreadable(e.getOriginalMessage(), e);
      }
    }
  }

  /**
   * Returns the changes of a piece without decoding them now: what {@link #encoded} makes of them
   * is the piece itself.
   *
   * @throws UnreadableMessageException later, if it is none
   */
  public List<Change> lazyPiece(byte[] piece) {
    return new EncodedPiece(this, piece);
  }

  /**
   * Returns the changes of a piece as {@link #lazyPiece(byte[])} does.
   *
   * @param count how many they are
   */
  public List<Change> lazyPiece(byte[] piece, int count) {
    return new EncodedPiece(this, piece, count);
  }

  /**
   * Returns how many changes a piece has. Its bytes are looked at, not decoded: that took a third
   * of the relay's time where transactions have a thousand rows.
   *
   * @throws IllegalStateException if it is no whole array
   */
  static int count(byte[] piece) {
    int count = 0;
    int depth = 0;
    boolean inText = false;
    for (int i = 0; i < piece.length; i++) {
      byte next = piece[i]; // no byte of a longer character is one of these
      if (inText) {
        if (next == '\\') {
          i++;
        } else {
          inText = next != '"';
        }
      } else if (next == '"') {
        inText = true;
      } else if (next == '{' || next == '[') {
        count += depth == 1 ? 1 : 0;
        depth++;
      } else if (next == '}' || next == ']') {
        depth--;
      }
    }
    if (depth != 0 || inText) {
      throw new IllegalStateException(
          "A piece of the outbox is not whole: " + piece.length + " bytes, " + count + " changes");
    }
    return count;
  }

  private void write(ChangeSet changeSet, OutputStream stream) {
    try (JsonGenerator generator = json.createGenerator(ObjectWriteContext.empty(), stream)) {
      new ChangeSetWriter(generator).write(changeSet);
    }
  }
}
