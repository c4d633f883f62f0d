package io.hasqlite.stream;

import java.time.Instant;

/**
 * What a stream is at one moment.
 *
 * @param created when it was created: a stream that was deleted and made again has another time
 * @param firstSequence the oldest message that is still there; last + 1 when there is none
 * @param lastSequence the newest message that was ever stored, of any subject; 0 when there is none
 */
public record StreamState(Instant created, long firstSequence, long lastSequence) {}
