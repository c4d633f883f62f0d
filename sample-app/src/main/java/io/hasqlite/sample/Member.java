package io.hasqlite.sample;

import org.jspecify.annotations.Nullable;

/**
 * A node of the cluster as this node sees it.
 *
 * @param name its name
 * @param self whether it is this node
 * @param address where its page is; null where that is not configured
 * @param state the state that it tells; if it tells none, what is known of it
 * @param answers whether it told its state: only then it can be paused from here
 * @param position the sequence up to which it counted the stream
 * @param lagMessages how many messages it has not applied
 * @param burstWrites how many writes of a burst are to come
 * @param problem what is wrong with it; null if nothing is
 */
record Member(
    String name,
    boolean self,
    @Nullable String address,
    String state,
    boolean answers,
    long position,
    long lagMessages,
    int burstWrites,
    @Nullable String problem) {}
