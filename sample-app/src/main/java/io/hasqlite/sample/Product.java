package io.hasqlite.sample;

/** A track as the shop sells it. */
record Product(
    String id,
    String artist,
    String albumId,
    String album,
    String name,
    long priceCents,
    long stock) {}
