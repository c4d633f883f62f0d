package io.hasqlite.stream;

/**
 * The latest snapshot of a database, as the store describes it.
 *
 * @param sequence the position that it shows: everything up to it is in it
 * @param bytes its size
 * @param digest its digest, as the store writes it
 * @param revision what must still be the latest for another one to take its place; 0 for none
 */
public record StoredSnapshot(long sequence, long bytes, String digest, long revision) {}
