package io.hasqlite.publish;

import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetSerializer;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes what a serializer makes of each changeset to a stream of bytes, and nothing else: what
 * separates records is up to the serializer.
 *
 * <p>Changesets of several threads never mix. The stream is flushed after each one; {@link
 * OutputStream#flush} does not mean that a file survives a power failure. The stream stays the
 * caller's: it is not closed here.
 */
public final class WriterPublisher implements CdcPublisher {

  private final OutputStream stream;
  private final ChangeSetSerializer serializer;
  private final ReentrantLock lock = new ReentrantLock();

  /** Creates a publisher that writes to a stream. */
  public WriterPublisher(OutputStream stream, ChangeSetSerializer serializer) {
    this.stream = Objects.requireNonNull(stream, "stream");
    this.serializer = Objects.requireNonNull(serializer, "serializer");
  }

  /**
   * Writes and flushes.
   *
   * @throws IOException if the stream fails; some of the bytes may be written
   */
  @Override
  public void publish(ChangeSet changeSet) throws IOException {
    byte[] bytes = serializer.serialize(changeSet);
    lock.lock();
    try {
      stream.write(bytes);
      stream.flush();
    } finally {
      lock.unlock();
    }
  }
}
