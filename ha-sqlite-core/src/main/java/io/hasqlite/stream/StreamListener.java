package io.hasqlite.stream;

/** Told what goes to the stream and comes from it, on the thread that does it. No I/O. */
public interface StreamListener {

  /** A message was stored, after so long. */
  default void published(long bytes, long nanos) {}

  /** Messages were received. */
  default void received(long messages, long bytes) {}
}
