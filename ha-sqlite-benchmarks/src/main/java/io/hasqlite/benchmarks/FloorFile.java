package io.hasqlite.benchmarks;

import io.hasqlite.sqlite.Checkpointer;
import io.hasqlite.sqlite.Rows;
import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.sqlite.SqliteSession;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteOpenMode;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A connection of a floor: what an engine of this design must do in the file and no more, for the
 * one table of the benchmarks. The same triggers write the same log, it is read in one pass and
 * written as the same JSON.
 */
final class FloorFile implements AutoCloseable {

  static final String OUTBOX =
      "CREATE TABLE IF NOT EXISTS ha_outbox(place INTEGER NOT NULL, piece INTEGER NOT NULL, node TEXT"
          + " NOT NULL, process_id INTEGER NOT NULL, n INTEGER NOT NULL, base_seq INTEGER NOT NULL,"
          + " written_ms INTEGER NOT NULL, bytes INTEGER NOT NULL, payload BLOB, PRIMARY KEY(place,"
          + " piece)) WITHOUT ROWID";

  private static final String STATS =
      "CREATE TABLE IF NOT EXISTS ha_stats(subject TEXT NOT NULL PRIMARY KEY, received_seq INTEGER"
          + " NOT NULL, updated_at TEXT NOT NULL, last_seq INTEGER NOT NULL, stream_created TEXT NOT"
          + " NULL, node TEXT, process_id INTEGER, n INTEGER) WITHOUT ROWID";
  private static final String MARKS =
      "CREATE TABLE IF NOT EXISTS ha_marks(node TEXT NOT NULL, process_id INTEGER NOT NULL, n"
          + " INTEGER NOT NULL, PRIMARY KEY(node, process_id)) WITHOUT ROWID";
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final String[] COLUMNS = {"id", "customer", "product", "amount", "price"};
  private static final String[] TYPES = {"i", "t", "t", "i", "r"};

  static final String NODE = "node-1";
  static final long PROCESS = 6148914691236517205L;
  static final long ANY = -1;
  static final JsonFactory JSON = new JsonFactory();

  final Connection connection;
  private final SqliteSession session;

  FloorFile(Path file, @Nullable Checkpointer checkpointer) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setTempStore(SQLiteConfig.TempStore.FILE);
    config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
    config.enforceForeignKeys(true);
    config.setBusyTimeout(5_000);
    config.setGetGeneratedKeys(false);
    config.setOpenMode(SQLiteOpenMode.NOMUTEX);
    connection = config.createConnection("jdbc:sqlite:" + file);
    run(OUTBOX, STATS, MARKS);
    session = new SqliteSession((SQLiteConnection) connection);
    if (checkpointer != null) {
      checkpointer.relieve(session);
    }
  }

  /** Starts what a floor's file has in common with the engine's: checkpoints beside the commits. */
  static @Nullable Checkpointer checkpointer(Path file) throws SQLException {
    return Checkpointer.start(SqliteFile.open(file, Map.of(), List.of()));
  }

  void run(String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** Makes the triggers that capture what an application writes. */
  void captureWrites() throws SQLException {
    run(
        "PRAGMA recursive_triggers=ON",
        LOG,
        "CREATE TEMP TRIGGER ha_ai AFTER INSERT ON main.orders BEGIN " + log("I", "new") + " END",
        "CREATE TEMP TRIGGER ha_au AFTER UPDATE ON main.orders BEGIN "
            + log("U", "old")
            + log("u", "new")
            + " END",
        "CREATE TEMP TRIGGER ha_ad AFTER DELETE ON main.orders BEGIN " + log("D", "old") + " END");
  }

  /** Makes the triggers that watch what apply displaces. */
  void captureApply() throws SQLException {
    String wanted = " WHERE EXISTS (SELECT 1 FROM ha_effects); ";
    run(
        "PRAGMA recursive_triggers=ON",
        LOG,
        "CREATE TEMP TABLE ha_effects(wanted)",
        "CREATE TEMP TRIGGER ha_ai AFTER INSERT ON main.orders BEGIN "
            + select("I", "new", wanted)
            + " END",
        "CREATE TEMP TRIGGER ha_au AFTER UPDATE ON main.orders BEGIN "
            + select("U", "old", wanted)
            + select("u", "new", wanted)
            + " END",
        "CREATE TEMP TRIGGER ha_ad AFTER DELETE ON main.orders BEGIN " + log("D", "old") + " END");
  }

  private static final String LOG =
      "CREATE TEMP TABLE ha_log(n INTEGER PRIMARY KEY, arm, op, v0, v1, v2, v3, v4, v5, v6, v7)";

  private static String values(String row) {
    return "1,'%s',"
        + row
        + ".id,"
        + row
        + ".id,"
        + row
        + ".customer,"
        + row
        + ".product,"
        + row
        + ".amount,"
        + row
        + ".price";
  }

  private static String log(String operation, String row) {
    return "INSERT INTO ha_log(arm,op,v0,v1,v2,v3,v4,v5) VALUES("
        + values(row).formatted(operation)
        + ");";
  }

  private static String select(String operation, String row, String condition) {
    return "INSERT INTO ha_log(arm,op,v0,v1,v2,v3,v4,v5) SELECT "
        + values(row).formatted(operation)
        + condition;
  }

  void begin() throws SQLException {
    session.execute("BEGIN IMMEDIATE");
    session.inTransaction(true);
    session.number("PRAGMA schema_version");
  }

  void commit() throws SQLException {
    session.execute("COMMIT");
    session.inTransaction(false);
  }

  void rollback() throws SQLException {
    session.execute("ROLLBACK");
    session.inTransaction(false);
  }

  /** Reads the log in one pass and writes its changes to a JSON array's inside. */
  int encodeLog(JsonGenerator json) throws SQLException {
    int changes;
    try (Rows log = session.rows("SELECT * FROM ha_log ORDER BY n")) {
      changes = encode(log, json);
    }
    session.update("DELETE FROM ha_log");
    return changes;
  }

  private static int encode(Rows log, JsonGenerator json) throws SQLException {
    long now = System.currentTimeMillis() * 1_000_000;
    int changes = 0;
    while (log.next()) {
      byte operation = log.bytes(2)[0];
      changes++;
      json.writeStartObject();
      json.writeStringProperty("database", "main");
      json.writeStringProperty("table", "orders");
      json.writeName("columns");
      json.writeStartArray();
      for (String column : COLUMNS) {
        json.writeString(column);
      }
      json.writeEndArray();
      json.writeStringProperty("operation", operation == 'I' ? "INSERT" : "UPDATE");
      StringBuilder types = new StringBuilder();
      if (operation == 'U') {
        json.writeNumberProperty("old_rowid", log.number(3));
        values(log, json, "old_values", types);
        log.next();
      }
      types.append('/');
      json.writeNumberProperty("new_rowid", log.number(3));
      values(log, json, "new_values", types);
      json.writeName("pk_columns");
      json.writeStartArray();
      json.writeString("id");
      json.writeEndArray();
      json.writeNumberProperty("ts_ns", now);
      json.writeStringProperty("types", types.toString());
      json.writeEndObject();
    }
    return changes;
  }

  private static void values(Rows log, JsonGenerator json, String name, StringBuilder types)
      throws SQLException {
    json.writeName(name);
    json.writeStartArray();
    for (int i = 0; i < COLUMNS.length; i++) {
      Object value = log.value(4 + i, utf8 -> new String(utf8, StandardCharsets.UTF_8));
      if (value instanceof String text) {
        json.writeString(text);
      } else if (value instanceof Double real) {
        json.writeNumber(real);
      } else if (value instanceof Long number) {
        json.writeNumber(number);
      }
      types.append(TYPES[i]);
    }
    json.writeEndArray();
  }

  /** Begins a message; what {@link #encodeLog} writes comes next. */
  static JsonGenerator message(ByteArrayOutputStream bytes) {
    JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes);
    json.writeStartObject();
    json.writeStringProperty("node", NODE);
    json.writeNumberProperty("process_id", PROCESS);
    json.writeStringProperty("filename", "bench.db");
    json.writeNumberProperty("timestamp_ns", System.currentTimeMillis() * 1_000_000);
    json.writeName("changes");
    json.writeStartArray();
    return json;
  }

  /** Writes what a message has for each transaction behind its changes. */
  static void transaction(JsonGenerator json, long n, int changes) {
    json.writeStartObject();
    json.writeNumberProperty("n", n);
    json.writeNumberProperty("base_seq", n);
    json.writeNumberProperty("changes", changes);
    json.writeEndObject();
  }

  /**
   * Publishes and waits.
   *
   * @param expected the sequence of the subject's last message, or {@link #ANY}
   * @return the sequence
   * @throws JetStreamApiException if another message is the last one
   */
  static long publish(
      io.nats.client.Connection nats,
      String stream,
      String node,
      String numbers,
      byte[] body,
      long expected)
      throws Exception {
    Headers headers = new Headers();
    headers.add("Nats-Msg-Id", node + ":" + stream + ":" + numbers);
    headers.add("Nats-Expected-Stream", stream);
    if (expected != ANY) {
      headers.add("Nats-Expected-Last-Subject-Sequence", Long.toString(expected));
    }
    return new PublishAck(nats.requestWithTimeout(stream, headers, body, TIMEOUT).get()).getSeqno();
  }

  /** Writes the position, as each transaction that counts a message does. */
  static void position(PreparedStatement writePosition, long sequence, long number)
      throws SQLException {
    writePosition.setString(1, "subject");
    writePosition.setLong(2, sequence);
    writePosition.setString(3, "2026-01-01T00:00:00Z");
    writePosition.setLong(4, sequence);
    writePosition.setString(5, "2026-01-01T00:00:00Z");
    writePosition.setString(6, NODE);
    writePosition.setLong(7, PROCESS);
    writePosition.setLong(8, number);
    writePosition.execute();
  }

  /** Writes the highest number of a node that is counted, in the same transaction. */
  static void mark(PreparedStatement writeMark, String node, long number) throws SQLException {
    writeMark.setString(1, node);
    writeMark.setLong(2, PROCESS);
    writeMark.setLong(3, number);
    writeMark.execute();
  }

  PreparedStatement writePosition() throws SQLException {
    return connection.prepareStatement("INSERT OR REPLACE INTO ha_stats VALUES(?,?,?,?,?,?,?,?)");
  }

  PreparedStatement writeMark() throws SQLException {
    return connection.prepareStatement("INSERT OR REPLACE INTO ha_marks VALUES(?,?,?)");
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
