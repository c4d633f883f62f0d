package io.hasqlite.subscribe;

import io.hasqlite.HaSqliteException;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import io.hasqlite.changeset.StoredChanges;
import io.hasqlite.changeset.StoredObject;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.stream.PayloadStore;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a message does not say itself but names: read from the store into a file beside the
 * database, and from there change by change.
 */
final class IncomingPayload implements AutoCloseable {

  private final long sequence;
  private final StoredObject object;
  private final PayloadStore store;
  private final ChangeSet changeSet;
  private final StoredChanges changes;
  private @Nullable HaSqliteException failure;

  /**
   * Reads nothing yet.
   *
   * @param named the message, which names an object
   * @param file where the payload is kept until this is closed
   */
  IncomingPayload(
      long sequence, ChangeSet named, PayloadStore store, ChangeSetCodec codec, Path file) {
    this.sequence = sequence;
    this.store = store;
    this.changes = new StoredChanges(codec, file, named, this::writeTo);
    StoredObject stored = named.object();
    if (stored == null || named.transactions().size() != 1) {
      throw new HaltException(
          "The message at sequence "
              + sequence
              + " of the stream names a payload for "
              + named.transactions().size()
              + " transactions; a payload holds one. If it was written by a newer version, upgrade"
              + " this node; otherwise find out who can publish to the stream",
          null);
    }
    this.object = stored;
    Transaction transaction = named.transactions().get(0);
    Set<String> requires = new HashSet<>(named.requires());
    requires.remove(ChangeSet.REQUIRES_OBJECT);
    this.changeSet =
        new ChangeSet(
            named.origin(),
            named.filename(),
            named.timestampNs(),
            List.of(new Transaction(transaction.number(), transaction.baseSequence(), changes)),
            requires,
            null,
            named.fence());
  }

  /** Returns the message with its changes, which are fetched when they are first read. */
  ChangeSet changeSet() {
    return changeSet;
  }

  /**
   * Fetches the changes now.
   *
   * @throws MessagesMissingException if they are not there, or are not what the message names
   * @throws PayloadNotWrittenException if there is no room for them
   * @throws io.hasqlite.stream.StreamException if the store is away
   */
  void fetch() {
    changes.fetch();
  }

  /** Returns why the changes could not be fetched; null if they could, or nobody asked. */
  @Nullable HaSqliteException failure() {
    return failure;
  }

  private void writeTo(Path file) {
    try {
      failure = null;
      check(file);
    } catch (HaSqliteException e) {
      failure = e;
      throw e;
    }
  }

  private void check(Path file) {
    MessageDigest digest = sha256();
    try (Limited limited = new Limited(Files.newOutputStream(file), object.bytes());
        OutputStream target = new DigestOutputStream(limited, digest)) {
      if (!store.get(object.name(), target)) {
        throw unusable(
            "is not in the store: it was deleted, or kept for less time than the stream"
                + " keeps the message");
      }
      target.flush();
      String found = HexFormat.of().formatHex(digest.digest());
      if (limited.written != object.bytes() || !found.equalsIgnoreCase(object.sha256())) {
        throw unusable(
            "is damaged: expected %d bytes with SHA-256 %s, found %s%d bytes with %s"
                .formatted(
                    object.bytes(),
                    object.sha256(),
                    limited.exceeded ? "more than " : "",
                    limited.written,
                    found));
      }
    } catch (IOException e) {
      throw new PayloadNotWrittenException(
          "The payload of the message at sequence "
              + sequence
              + " could not be written to "
              + file
              + " ("
              + object.bytes()
              + " bytes): "
              + e
              + ". Make room there",
          e);
    }
  }

  private MessagesMissingException unusable(String how) {
    return MessagesMissingException.payload(sequence, object.name(), how);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JVM has SHA-256", e);
    }
  }

  /** Deletes the file. */
  @Override
  public void close() {
    changes.close();
  }

  /** Writes no more than was promised: what comes from the network must not fill the disk. */
  private static final class Limited extends FilterOutputStream {

    private final long max;
    private long written;
    private boolean exceeded;

    Limited(OutputStream out, long max) {
      super(out);
      this.max = max;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int room = (int) Math.min(length, max - written);
      out.write(bytes, offset, room);
      written += room;
      exceeded |= room < length;
    }
  }
}
