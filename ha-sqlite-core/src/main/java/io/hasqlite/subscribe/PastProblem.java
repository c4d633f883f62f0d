package io.hasqlite.subscribe;

import java.time.Instant;

/**
 * A problem that was met.
 *
 * @param at when it was last met
 * @param text what failed, and what to do
 */
public record PastProblem(Instant at, String text) {}
