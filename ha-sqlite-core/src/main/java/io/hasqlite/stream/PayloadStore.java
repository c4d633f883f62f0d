package io.hasqlite.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * Where the payloads are kept that are too large for a message of the stream. What is stored is
 * durable when {@link #put} returns and stays at least as long as a message that is published then.
 * Safe for use by several threads and nodes.
 */
public interface PayloadStore {

  /**
   * Looks whether payloads stay as long as the messages that name them.
   *
   * @return one sentence for each setting of an existing store that is not as wanted; empty when
   *     all are, and where there is no store yet
   * @throws StreamException if the store is away
   */
  List<String> check();

  /**
   * Stores a payload. After an exception nothing of it can be read; what it takes up is freed, if
   * not at once, then when it is as old as payloads get.
   *
   * @param name a name that was never used before
   * @param content its bytes; read to the end, not closed
   * @throws StreamException if the store is away (at once) or full, or did not answer in time
   * @throws IOException if the content could not be read
   */
  void put(String name, InputStream content) throws IOException;

  /**
   * Reads a payload. Nothing is promised of its content: the reader checks it.
   *
   * @param target takes the bytes; not closed. What it got is worthless unless this returns true
   * @return false if there is no such payload, or not all of it: it was deleted, is too old, or was
   *     never stored
   * @throws StreamException if the store is away
   * @throws IOException if the target failed
   */
  boolean get(String name, OutputStream target) throws IOException;

  /**
   * Deletes a payload that no message names; no error if there is none.
   *
   * @throws StreamException if the store is away
   */
  void delete(String name);
}
