package io.hasqlite.engine;

/**
 * A node of the database, as the server knows it by its durable consumer.
 *
 * @param node the node's name; the consumer's where it is not one of ours
 * @param process the life of its engine, in hexadecimal; empty where it is not one of ours
 * @param self whether it is this node
 * @param live whether a process answers under its name now; also true where that cannot be asked,
 *     since it is not one of ours
 * @param position the sequence up to which it has acknowledged all messages of the database. The
 *     server hears of it a moment after they are applied
 * @param lagMessages how many messages of the database it has not acknowledged
 */
public record Peer(
    String node, String process, boolean self, boolean live, long position, long lagMessages) {}
