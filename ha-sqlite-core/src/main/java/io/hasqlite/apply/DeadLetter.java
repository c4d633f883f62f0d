package io.hasqlite.apply;

import io.hasqlite.Origin;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message that no node can apply, and that was left out instead of halting at it.
 *
 * @param sequence its place in the stream
 * @param subject the subject that it came on
 * @param at when it was left out
 * @param origin who sent it; null where that could not be read
 * @param reason why it cannot be applied
 * @param body its bytes; not copied
 */
public record DeadLetter(
    long sequence,
    String subject,
    Instant at,
    @Nullable Origin origin,
    String reason,
    byte[] body) {}
