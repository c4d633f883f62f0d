package io.hasqlite.publish;

import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.ChangeSetCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes changesets as JSON lines: one object per line, in the form of the stream's messages,
 * UTF-8.
 *
 * <p>Changesets of several threads never mix. The stream is flushed after each line; {@link
 * OutputStream#flush} does not mean that a file survives a power failure. The stream stays the
 * caller's: it is not closed here.
 */
public final class JsonPublisher implements CdcPublisher {

  private final OutputStream stream;
  private final ChangeSetCodec codec = new ChangeSetCodec();
  private final ReentrantLock lock = new ReentrantLock();
  private boolean lineIsBroken;

  /** Creates a publisher that writes to a stream. */
  public JsonPublisher(OutputStream stream) {
    this.stream = Objects.requireNonNull(stream, "stream");
  }

  /**
   * Writes and flushes one line.
   *
   * @throws IOException if the stream fails; part of the line may be written. If the stream works
   *     again later, the next changeset starts on a new line
   */
  @Override
  public void publish(ChangeSet changeSet) throws IOException {
    lock.lock();
    try {
      if (lineIsBroken) {
        stream.write('\n');
      }
      lineIsBroken = true;
      codec.encode(changeSet, stream);
      stream.write('\n');
      stream.flush();
      lineIsBroken = false;
    } finally {
      lock.unlock();
    }
  }
}
