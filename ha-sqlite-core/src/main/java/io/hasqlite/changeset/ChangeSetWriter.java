package io.hasqlite.changeset;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.exc.JacksonIOException;

/**
 * Writes one changeset. Like go-ha it leaves out what is empty; unlike go-ha it writes a rowid that
 * is 0, which go-ha reads all the same.
 */
final class ChangeSetWriter {

  private final JsonGenerator json;

  ChangeSetWriter(JsonGenerator json) {
    this.json = json;
  }

  void write(ChangeSet changeSet) {
    begin(changeSet);
    for (Transaction transaction : changeSet.transactions()) {
      if (transaction.changes() instanceof EncodedPiece piece) {
        piece(piece);
      } else {
        transaction.changes().forEach(this::change);
      }
    }
    end(changeSet);
  }

  /** Writes all that comes before the changes. */
  void begin(ChangeSet changeSet) {
    json.writeStartObject();
    json.writeStringProperty("node", changeSet.origin().node().value());
    json.writeNumberProperty("process_id", changeSet.origin().processId());
    json.writeStringProperty("filename", changeSet.filename());
    json.writeNumberProperty("timestamp_ns", changeSet.timestampNs());
    // Before the changes, so that a reader that lacks an ability does not stumble over them first.
    texts("requires", List.copyOf(new TreeSet<>(changeSet.requires())));
    if (changeSet.fence() != 0) {
      json.writeNumberProperty("fence", changeSet.fence());
    }
    StoredObject object = changeSet.object();
    if (object != null) {
      json.writeName("object");
      json.writeStartObject();
      json.writeStringProperty("name", object.name());
      json.writeNumberProperty("bytes", object.bytes());
      json.writeStringProperty("sha256", object.sha256());
      json.writeEndObject();
    }
    json.writeName("changes");
    json.writeStartArray();
  }

  /** Writes all that comes after the changes: how many there were is known now. */
  void end(ChangeSet changeSet) {
    json.writeEndArray();
    transactions(changeSet.transactions());
    json.writeEndObject();
  }

  private void transactions(List<Transaction> transactions) {
    boolean numbered = transactions.size() != 1 || transactions.get(0).number() != 0;
    if (!numbered) {
      return;
    }
    json.writeName("txs");
    json.writeStartArray();
    for (Transaction transaction : transactions) {
      json.writeStartObject();
      json.writeNumberProperty("n", transaction.number());
      json.writeNumberProperty("base_seq", transaction.baseSequence());
      json.writeNumberProperty("changes", transaction.changes().size());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Writes changes that are encoded already: what is in their array. */
  void piece(EncodedPiece piece) {
    byte[] array = piece.bytes();
    if (piece.isEmpty()) {
      return;
    }
    json.writeRawValue(""); // puts a comma where one is due
    json.flush();
    try {
      ((OutputStream) json.streamWriteOutputTarget()).write(array, 1, array.length - 2);
    } catch (IOException e) {
      throw JacksonIOException.construct(e, json);
    }
  }

  void change(Change change) {
    json.writeStartObject();
    if (!change.table().isEmpty()) {
      json.writeStringProperty("database", "main");
      json.writeStringProperty("table", change.table());
    }
    texts("columns", change.columns());
    json.writeStringProperty("operation", change.operation().name());
    if (change.oldRowid() != null) {
      json.writeNumberProperty("old_rowid", change.oldRowid());
    }
    if (change.newRowid() != null) {
      json.writeNumberProperty("new_rowid", change.newRowid());
    }
    values("old_values", change.oldValues(), change.typed());
    values("new_values", change.newValues(), change.typed());
    texts("pk_columns", change.keyColumns());
    if (change.command() != null) {
      json.writeStringProperty("command", change.command());
    }
    values("args", change.args(), change.typed());
    if (change.timestampNs() != 0) {
      json.writeNumberProperty("ts_ns", change.timestampNs());
    }
    if (change.typed()) {
      types(change);
    }
    json.writeEndObject();
  }

  private void types(Change change) {
    if (change.oldValues() != null || change.newValues() != null) {
      StringBuilder types = new StringBuilder(2 * change.columns().size() + 1);
      ValueType.append(types, change.oldValues());
      types.append('/');
      ValueType.append(types, change.newValues());
      json.writeStringProperty("types", types.toString());
    }
    if (!change.args().isEmpty()) {
      StringBuilder types = new StringBuilder(change.args().size());
      ValueType.append(types, change.args());
      json.writeStringProperty("args_types", types.toString());
    }
  }

  private void values(String name, @Nullable List<@Nullable Object> values, boolean typed) {
    if (values == null || values.isEmpty()) {
      return;
    }
    json.writeName(name);
    json.writeStartArray();
    for (int i = 0; i < values.size(); i++) {
      ValueType.write(json, values.get(i), typed);
    }
    json.writeEndArray();
  }

  private void texts(String name, List<String> texts) {
    if (texts.isEmpty()) {
      return;
    }
    json.writeName(name);
    json.writeStartArray();
    for (int i = 0; i < texts.size(); i++) {
      json.writeString(texts.get(i));
    }
    json.writeEndArray();
  }
}
