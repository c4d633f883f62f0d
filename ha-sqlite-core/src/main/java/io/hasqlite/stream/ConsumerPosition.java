package io.hasqlite.stream;

/**
 * How far one node has read, as the server knows it.
 *
 * @param node the node's name; the consumer's where the node is not one of ours
 * @param process the life of the node's engine that made the consumer; empty where the node is not
 *     one of ours
 * @param deliveredSequence the last message that was sent to it; before the first one, the one
 *     before that
 * @param acknowledgedSequence up to where it has applied all
 * @param pending how many messages of its database still wait for it
 * @param unacknowledged how many messages it has received and not acknowledged
 */
public record ConsumerPosition(
    String node,
    String process,
    long deliveredSequence,
    long acknowledgedSequence,
    long pending,
    long unacknowledged) {}
