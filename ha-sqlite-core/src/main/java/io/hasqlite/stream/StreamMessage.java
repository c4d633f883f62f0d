package io.hasqlite.stream;

import java.time.Instant;

/**
 * A message as the stream holds it.
 *
 * @param sequence its place in the stream
 * @param time when the stream stored it, by the server's clock
 * @param pending how many more messages of this subject the stream held when it was read; -1 where
 *     unknown
 * @param body the message's bytes; not copied
 */
public record StreamMessage(long sequence, Instant time, long pending, byte[] body) {}
