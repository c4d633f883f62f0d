package io.hasqlite.sample;

import org.jspecify.annotations.Nullable;

/**
 * What a node says of itself.
 *
 * @param node its name
 * @param state the state of its replication
 * @param position the sequence up to which it counted the stream
 * @param streamLastSequence the stream's last sequence, as it last heard
 * @param lagMessages how many messages it has not applied
 * @param burstWrites how many writes of a burst are to come
 * @param problem what is wrong, and what to do; null if nothing is
 */
record NodeView(
    String node,
    String state,
    long position,
    long streamLastSequence,
    long lagMessages,
    int burstWrites,
    @Nullable String problem) {}
