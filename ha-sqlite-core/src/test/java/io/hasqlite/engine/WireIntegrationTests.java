package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.testing.NatsServerExtension;
import io.hasqlite.testing.TestCluster;
import io.hasqlite.testing.TestNode;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Messages as litesql/go-ha writes them are applied, and what is written has all its fields. */
@Timeout(60)
class WireIntegrationTests {

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  private TestCluster cluster;
  private TestNode node;

  @BeforeEach
  void startNode() {
    cluster = new TestCluster(folder, NATS.url());
    node = cluster.node("node1");
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  /** Publishes changes in a message as go-ha writes it, and waits until they are applied. */
  private void fromGo(String changes) throws Exception {
    node.awaitSequence(
        cluster.publish(
            "{\"node\":\"go1\",\"process_id\":1763836800000000001,\"filename\":\"app.db\","
                + "\"changes\":["
                + changes
                + "],\"timestamp_ns\":1763836801123456789}"));
  }

  @Test
  @DisplayName("Wire: INSERT, UPDATE and DELETE of go-ha with pk_columns")
  void rowsWithKeyColumns() throws Exception {
    node.run("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT)");
    fromGo(
        """
        {"database":"main","table":"t","columns":["id","name"],"pk_columns":["id"],\
        "operation":"INSERT","old_rowid":1,"new_rowid":1,"new_values":[1,"\\u003cAnn\\u003e"],\
        "ts_ns":1763836801123000000},\
        {"database":"main","table":"t","columns":["id","name"],"pk_columns":["id"],\
        "operation":"INSERT","old_rowid":2,"new_rowid":2,"new_values":[2,"Bob"]},\
        {"database":"main","table":"t","columns":["id","name"],"pk_columns":["id"],\
        "operation":"INSERT","old_rowid":3,"new_rowid":3,"new_values":[3,null]}""");
    assertThat(node.query("SELECT * FROM t")).containsExactly("1|<Ann>", "2|Bob", "3|null");
    fromGo(
        """
        {"database":"main","table":"t","columns":["id","name"],"pk_columns":["id"],\
        "operation":"UPDATE","old_rowid":1,"new_rowid":1,"old_values":[1,"<Ann>"],\
        "new_values":[1,"Anna"]},\
        {"database":"main","table":"t","columns":["id","name"],"pk_columns":["id"],\
        "operation":"UPDATE","old_rowid":2,"new_rowid":20,"old_values":[2,"Bob"],\
        "new_values":[20,"Bob"]},\
        {"database":"main","table":"t","columns":["id","name"],"pk_columns":["id"],\
        "operation":"DELETE","old_rowid":3,"new_rowid":140321,"old_values":[3,null]}""");
    assertThat(node.query("SELECT * FROM t")).containsExactly("1|Anna", "20|Bob");
    assertThat(node.conflicts()).isEmpty();
  }

  @Test
  @DisplayName("Wire: without pk_columns the local schema's key identifies")
  void rowsWithoutKeyColumns() throws Exception {
    node.run(
        "CREATE TABLE t(a TEXT NOT NULL, b INT NOT NULL, v, PRIMARY KEY(a, b)) WITHOUT ROWID",
        "INSERT INTO t VALUES('x', 1, 'old'), ('y', 2, 'old')");
    fromGo(
        """
        {"database":"main","table":"t","columns":["a","b","v"],"operation":"UPDATE",\
        "old_rowid":999,"new_rowid":999,"old_values":["x",1,"old"],"new_values":["x",1,"new"]},\
        {"database":"main","table":"t","columns":["a","b","v"],"operation":"DELETE",\
        "old_rowid":998,"old_values":["y",2,"old"]}""");
    assertThat(node.query("SELECT * FROM t")).containsExactly("x|1|new");
  }

  @Test
  @DisplayName("Wire: rowid only")
  void rowsWithRowidOnly() throws Exception {
    node.run("CREATE TABLE t(v)", "INSERT INTO t VALUES('one'), ('two'), ('three')");
    fromGo(
        """
        {"database":"main","table":"t","columns":["v"],"operation":"INSERT","new_rowid":77,\
        "new_values":["far"]},\
        {"database":"main","table":"t","columns":["v"],"operation":"UPDATE","old_rowid":2,\
        "new_rowid":2,"new_values":["zwei"]},\
        {"database":"main","table":"t","columns":["v"],"operation":"DELETE","old_rowid":3}""");
    assertThat(node.query("SELECT rowid, v FROM t")).containsExactly("1|one", "2|zwei", "77|far");
  }

  @Test
  @DisplayName("Wire: blobs in base64 for columns declared BLOB, 64-bit integers, whole reals")
  void valuesWithoutTypes() throws Exception {
    node.run("CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB, s TEXT, r REAL, x)");
    fromGo(
        """
        {"database":"main","table":"t","columns":["id","b","s","r","x"],"pk_columns":["id"],\
        "operation":"INSERT","new_rowid":1,"new_values":[9007199254740993,"/wA=","/wA=",1,\
        757836450123456789]},\
        {"database":"main","table":"t","columns":["id","b","s","r","x"],"pk_columns":["id"],\
        "operation":"INSERT","new_rowid":2,"new_values":[2,"not base64!","1",0.5,1.5e300]}""");
    assertThat(node.query("SELECT id, typeof(b), hex(b), s, typeof(r), r, typeof(x), x FROM t"))
        .containsExactly(
            "2|text|6E6F742062617365363421|1|real|0.5|real|1.5e+300",
            "9007199254740993|blob|FF00|/wA=|real|1.0|integer|757836450123456789");
  }

  @Test
  @DisplayName("Wire: DDL as an SQL operation, in the order of the changes")
  void ddlOfGo() throws Exception {
    fromGo(
        """
        {"operation":"SQL","command":"CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY)"},\
        {"database":"main","table":"t","columns":["id"],"pk_columns":["id"],\
        "operation":"INSERT","new_rowid":1,"new_values":[1]},\
        {"operation":"SQL","command":"ALTER TABLE t ADD COLUMN v DEFAULT 'x';","args":null,\
        "ts_ns":5},\
        {"operation":"SQL","command":"CREATE INDEX i ON t(v)"},\
        {"operation":"CUSTOM","command":"anything","args":[1]}""");
    fromGo("{\"operation\":\"SQL\",\"command\":\"CREATE TABLE IF NOT EXISTS t (other)\"}");
    assertThat(node.query("SELECT * FROM t")).containsExactly("1|x");
    assertThat(node.content()).containsKey("index i");
    assertThat(node.conflicts()).isEmpty();
  }

  @Test
  @DisplayName("Wire: missing fields, unknown fields, nothing at all")
  void missingAndUnknownFields() throws Exception {
    node.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    cluster.publish("{}");
    cluster.publish("{\"node\":null,\"changes\":null}");
    cluster.publish(
        """
        {"changes":[{"table":"t","columns":["ID","V","gone"],"operation":"INSERT",\
        "new_values":[1,"v","w"]}],"trace":{"deep":[[1]]}}""");
    node.awaitSequence(
        cluster.publish(
            """
            {"changes":[{"table":"T","columns":["id"],"operation":"INSERT","new_values":[2],\
            "surprise":1},{"table":"nowhere","columns":["a"],"operation":"INSERT",\
            "new_values":[1]}]}"""));
    assertThat(node.query("SELECT * FROM t")).containsExactly("1|v", "2|null");
    assertThat(node.conflicts()).containsExactly("dropped|nowhere");
    assertThat(node.engine().status().problem()).isNull();
  }

  private static JsonValue get(JsonValue object, String field) {
    assertThat(object.map).containsKey(field);
    return object.map.get(field);
  }

  private static long whole(JsonValue object, String field) {
    JsonValue value = get(object, field);
    assertThat(value.type).isIn(JsonValue.Type.INTEGER, JsonValue.Type.LONG);
    return value.number.longValue();
  }

  private static List<String> texts(JsonValue object, String field) {
    return get(object, field).array.stream().map(value -> value.string).toList();
  }

  private JsonValue lastMessage() throws Exception {
    String json = new String(cluster.message(cluster.lastSequence()), StandardCharsets.UTF_8);
    return JsonParser.parse(json);
  }

  @Test
  @DisplayName("Wire: what is written has all fields of go-ha with their types")
  void writtenMessagesHaveAllFieldsOfGo() throws Exception {
    node.run("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, b BLOB)");
    JsonValue ddl = get(lastMessage(), "changes").array.get(0);
    assertThat(get(ddl, "operation").string).isEqualTo("SQL");
    assertThat(get(ddl, "command").string).startsWith("CREATE TABLE");

    long before = nanos(Instant.now());
    node.transaction(
        "INSERT INTO t VALUES(9007199254740993, 'Ann', x'ff00')",
        "UPDATE t SET name = 'Anna'",
        "DELETE FROM t");
    JsonValue message = lastMessage();
    assertThat(get(message, "node").string).isEqualTo("node1");
    assertThat(whole(message, "process_id")).isPositive();
    assertThat(get(message, "filename").string).isEqualTo("node1.db");
    assertThat(whole(message, "timestamp_ns")).isBetween(before, nanos(Instant.now()));
    List<JsonValue> changes = get(message, "changes").array;
    assertThat(changes).hasSize(3);
    for (JsonValue change : changes) {
      assertThat(get(change, "database").string).isEqualTo("main");
      assertThat(get(change, "table").string).isEqualTo("t");
      assertThat(texts(change, "columns")).containsExactly("id", "name", "b");
      assertThat(texts(change, "pk_columns")).containsExactly("id");
      assertThat(whole(change, "ts_ns")).isBetween(before, nanos(Instant.now()));
    }
    assertRow(changes.get(0), "INSERT", null, "Ann");
    assertRow(changes.get(1), "UPDATE", "Ann", "Anna");
    assertRow(changes.get(2), "DELETE", "Anna", null);
    JsonValue transaction = get(message, "txs").array.get(0);
    assertThat(whole(transaction, "n")).isEqualTo(2);
    assertThat(whole(transaction, "base_seq")).isEqualTo(1);
    assertThat(whole(transaction, "changes")).isEqualTo(3);
  }

  private static void assertRow(
      JsonValue change, String operation, String oldName, String newName) {
    assertThat(get(change, "operation").string).isEqualTo(operation);
    assertImage(change, "old", oldName);
    assertImage(change, "new", newName);
  }

  private static void assertImage(JsonValue change, String image, String name) {
    if (name == null) {
      assertThat(change.map).doesNotContainKey(image + "_values");
      return;
    }
    assertThat(whole(change, image + "_rowid")).isEqualTo(9007199254740993L);
    List<JsonValue> values = get(change, image + "_values").array;
    assertThat(values.get(0).number.longValue()).isEqualTo(9007199254740993L);
    assertThat(values.get(1).string).isEqualTo(name);
    assertThat(values.get(2).string).isEqualTo("/wA=");
  }

  private static long nanos(Instant time) {
    return time.getEpochSecond() * 1_000_000_000L + time.getNano();
  }
}
