package io.hasqlite.changeset;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import tools.jackson.core.JsonGenerator;

/** The bytes of a message, made while they are read: a few changes at a time are in memory. */
final class EncodedChanges extends InputStream {

  /** What was written and not yet read. */
  private static final class Buffer extends ByteArrayOutputStream {

    private int read;

    int available() {
      return count - read;
    }

    int take(byte[] target, int offset, int length) {
      int taken = Math.min(length, available());
      System.arraycopy(buf, read, target, offset, taken);
      read += taken;
      if (read == count) {
        reset();
        read = 0;
      }
      return taken;
    }
  }

  private final ChangeSet changeSet;
  private final JsonGenerator json;
  private final ChangeSetWriter writer;
  private final Buffer buffer;
  private final LengthCheck check;
  private final Iterator<Transaction> transactions;
  private Iterator<Change> changes = java.util.Collections.emptyIterator();
  private long written;
  private boolean begun;
  private boolean ended;

  private EncodedChanges(
      ChangeSet changeSet, JsonGenerator json, Buffer buffer, LengthCheck check) {
    this.changeSet = changeSet;
    this.json = json;
    this.writer = new ChangeSetWriter(json);
    this.buffer = buffer;
    this.check = check;
    this.transactions = changeSet.transactions().iterator();
  }

  /** What makes a generator that writes to a stream. */
  interface Generators {
    JsonGenerator on(java.io.OutputStream stream);
  }

  /** What looks whether readers can read what is written. */
  interface LengthCheck {
    void check(Change change, long bytes, long all);
  }

  static EncodedChanges of(ChangeSet changeSet, Generators generators, LengthCheck check) {
    Buffer buffer = new Buffer();
    return new EncodedChanges(changeSet, generators.on(buffer), buffer, check);
  }

  @Override
  public int read() {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    while (buffer.available() == 0 && !ended) {
      write();
    }
    return length > 0 && buffer.available() == 0 ? -1 : buffer.take(target, offset, length);
  }

  /** Writes the next piece of the message, at most one change. */
  private void write() {
    if (!begun) {
      writer.begin(changeSet);
      begun = true;
    } else if (changes.hasNext()) {
      long before = waiting();
      Change change = changes.next();
      writer.change(change);
      long length = waiting() - before;
      written += length;
      check.check(change, length, written);
    } else if (transactions.hasNext()) {
      List<Change> next = transactions.next().changes();
      if (next instanceof EncodedPiece piece) {
        writer.piece(piece); // its changes were checked when they were encoded
        written += piece.bytes().length;
      } else {
        changes = next.iterator();
      }
    } else {
      writer.end(changeSet);
      json.close();
      ended = true;
    }
  }

  /** Within one change nothing is read, so that this only grows. */
  private long waiting() {
    return (long) buffer.available() + json.streamWriteOutputBuffered();
  }

  @Override
  public void close() {
    ended = true;
  }
}
