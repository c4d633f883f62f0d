package io.hasqlite.changeset;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.ByteArrayBuilder;

/** Writes the rows of a changeset as Debezium events, in the shape that go-ha gives them. */
final class DebeziumSerializer implements ChangeSetSerializer {

  /** Of this form of the events, not of the library. */
  private static final String VERSION = "1";

  private static final String CONNECTOR = "ha-sqlite";

  private final JsonFactory factory = new JsonFactory();

  @Override
  public byte[] serialize(ChangeSet changeSet) {
    ByteArrayBuilder bytes = new ByteArrayBuilder();
    try (JsonGenerator json = factory.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartArray();
      for (Transaction transaction : changeSet.transactions()) {
        String id = transactionId(changeSet, transaction);
        for (Change change : transaction.changes()) {
          event(json, changeSet, id, change);
        }
      }
      json.writeEndArray();
    }
    return bytes.toByteArray();
  }

  private static String transactionId(ChangeSet changeSet, Transaction transaction) {
    // A message without numbers is one transaction; its time is the best that tells it apart.
    long number = transaction.number() == 0 ? changeSet.timestampNs() : transaction.number();
    return changeSet.origin() + "/" + number;
  }

  private static void event(
      JsonGenerator json, ChangeSet changeSet, String transactionId, Change change) {
    String op =
        switch (change.operation()) {
          case INSERT -> "c";
          case UPDATE -> "u";
          case DELETE -> "d";
          case SQL, CUSTOM -> null;
        };
    if (op == null) {
      return;
    }
    json.writeStartObject();
    json.writeNullProperty("schema");
    json.writeName("payload");
    json.writeStartObject();
    row(json, "before", change.columns(), change.oldValues());
    row(json, "after", change.columns(), change.newValues());
    json.writeName("source");
    json.writeStartObject();
    json.writeStringProperty("version", VERSION);
    json.writeStringProperty("connector", CONNECTOR);
    json.writeStringProperty("name", changeSet.filename());
    json.writeNumberProperty("server_id", 0);
    json.writeNumberProperty("ts_ns", changeSet.timestampNs());
    json.writeStringProperty("db", "main");
    json.writeStringProperty("table", change.table());
    json.writeEndObject();
    json.writeStringProperty("op", op);
    json.writeNumberProperty("ts_ns", change.timestampNs());
    json.writeEndObject();
    json.writeName("transaction");
    json.writeStartObject();
    json.writeStringProperty("id", transactionId);
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void row(
      JsonGenerator json,
      String name,
      List<String> columns,
      @Nullable List<@Nullable Object> values) {
    json.writeName(name);
    if (values == null) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    for (int i = 0; i < columns.size(); i++) {
      // A name of a column comes out of SQLite, so it is valid UTF-8.
      json.writeName(columns.get(i));
      Object value = values.get(i);
      if (value instanceof Double real && real.isInfinite()) {
        json.writeString(ValueType.infinity(real));
      } else if (value instanceof RawText text) {
        json.writeString(new String(text.bytes(), StandardCharsets.UTF_8));
      } else {
        ValueType.write(json, value, false);
      }
    }
    json.writeEndObject();
  }
}
