package io.hasqlite.stream;

import java.time.Instant;
import java.util.Map;

/**
 * A message as the stream holds it.
 *
 * @param sequence its place in the stream
 * @param time when the stream stored it, by the server's clock
 * @param pending how many more messages of this subject the stream held when it was read; -1 where
 *     unknown
 * @param body the message's bytes; not copied
 * @param headers what came along, such as its trace; nothing rests on it
 */
public record StreamMessage(
    long sequence, Instant time, long pending, byte[] body, Map<String, String> headers) {

  /** Creates a message without headers. */
  public StreamMessage(long sequence, Instant time, long pending, byte[] body) {
    this(sequence, time, pending, body, Map.of());
  }
}
