package io.hasqlite.changeset;

/** Turns a changeset into the bytes of one message or record. Used by several threads at once. */
@FunctionalInterface
public interface ChangeSetSerializer {

  /** Returns the bytes of a changeset, without anything that separates it from the next one. */
  byte[] serialize(ChangeSet changeSet);

  /** Returns a serializer that writes the JSON of the stream's messages, on one line. */
  static ChangeSetSerializer json() {
    return new ChangeSetCodec()::encode;
  }

  /**
   * Returns a serializer that writes a JSON array, on one line, with one Debezium change event per
   * changed row: {@code payload} with {@code before}, {@code after}, {@code source}, {@code op}
   * ({@code c}, {@code u}, {@code d}) and {@code ts_ns}, and {@code transaction.id}, the same for
   * all rows of a transaction. Blobs are base64, infinities the strings {@code Infinity} and {@code
   * -Infinity}; bytes of a text that are not UTF-8 become U+FFFD. Statements (DDL) have no event.
   */
  static ChangeSetSerializer debezium() {
    return new DebeziumSerializer();
  }
}
