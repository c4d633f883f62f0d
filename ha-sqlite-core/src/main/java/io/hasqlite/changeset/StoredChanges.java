package io.hasqlite.changeset;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** The changes of a message whose bytes are in a file; readable until it is closed. */
public final class StoredChanges extends LargeChanges implements AutoCloseable {

  /** What puts the bytes into the file, before they are read for the first time. */
  @FunctionalInterface
  public interface Source {
    /** Writes the file. Whatever it throws, the iteration throws. */
    void writeTo(Path file);
  }

  private final ChangeSetCodec codec;
  private final Path file;
  private final ChangeSet message;
  private final Source source;
  private boolean written;
  private @Nullable InputStream open;

  /**
   * Creates a list that has read nothing yet.
   *
   * @param message names the one transaction whose changes these are
   */
  public StoredChanges(ChangeSetCodec codec, Path file, ChangeSet message, Source source) {
    this.codec = codec;
    this.file = file;
    this.message = message;
    this.source = source;
  }

  /** Lets the source write the file if it has not yet. */
  public void fetch() {
    if (!written) {
      source.writeTo(file);
      written = true;
    }
  }

  @Override
  protected Iterator<Change> read() {
    fetch();
    endReading();
    try {
      InputStream stream = new BufferedInputStream(Files.newInputStream(file));
      open = stream;
      return codec.changes(stream, message);
    } catch (IOException e) {
      throw new ReadFailedException("The file " + file + " could not be read: " + e, e);
    }
  }

  private void endReading() {
    try {
      if (open != null) {
        open.close();
        open = null;
      }
    } catch (IOException e) {
      throw new ReadFailedException("The file " + file + " could not be closed: " + e, e);
    }
  }

  /** Deletes the file. */
  @Override
  public void close() {
    endReading();
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new ReadFailedException("The file " + file + " could not be deleted: " + e, e);
    }
  }
}
