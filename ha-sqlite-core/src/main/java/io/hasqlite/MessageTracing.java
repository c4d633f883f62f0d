package io.hasqlite;

import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets the trace of a transaction go along with its message, in headers, so that what another node
 * does with it belongs to the same trace. Called by any thread, also while it holds the write lock:
 * no I/O, no exception.
 */
public interface MessageTracing {

  /** Traces nothing. */
  MessageTracing NONE = new MessageTracing() {};

  /** Something that is going on until it is closed. */
  interface Step extends AutoCloseable {

    /** Nothing is traced. */
    Step NONE = cause -> {};

    /** It failed; it is still to be closed. */
    void failed(Throwable cause);

    @Override
    default void close() {}
  }

  /**
   * Returns what the calling thread is doing, so that something can be traced to it that happens
   * later on another thread; null if that is not traced. It is held in memory until then.
   */
  default @Nullable Object cause() {
    return null;
  }

  /**
   * A message is about to be published.
   *
   * @param cause what {@link #cause} returned when its first transaction was committed that had
   *     one; null for what the calling thread is doing
   * @param headers takes what is to go with the message
   */
  default Step publishing(
      String database,
      String messageId,
      @Nullable Object cause,
      BiConsumer<String, String> headers) {
    return Step.NONE;
  }

  /**
   * A message of another node that came with headers is about to be applied, perhaps in one SQLite
   * transaction with others. It ends when all are visible.
   */
  default Step applying(
      String database, Origin origin, long sequence, Map<String, String> headers) {
    return Step.NONE;
  }
}
