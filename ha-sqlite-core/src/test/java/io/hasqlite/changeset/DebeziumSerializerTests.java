package io.hasqlite.changeset;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DebeziumSerializerTests {

  @Test
  void writesOneEventPerRow() {
    List<String> columns = List.of("id", "v");
    ChangeSet changeSet =
        new ChangeSet(
            new Origin(new NodeId("node1"), 255),
            "app.db",
            20,
            List.of(
                new Transaction(
                    7,
                    3,
                    List.of(
                        Change.sql("CREATE TABLE t(id, v)", List.of(), 9),
                        Change.insert("t", columns, List.of("id"), 1L, List.of(1L, 1.0), 10))),
                new Transaction(
                    8,
                    3,
                    List.of(
                        new Change(
                            Operation.UPDATE,
                            "t",
                            columns,
                            List.of("id"),
                            1L,
                            1L,
                            List.of(1L, Double.POSITIVE_INFINITY),
                            List.of(1L, new byte[] {1}),
                            null,
                            List.of(),
                            11),
                        Change.delete(
                            "t",
                            columns,
                            List.of("id"),
                            1L,
                            List.of(1L, new RawText(new byte[] {'a', -1})),
                            12)))),
            Set.of());

    String events =
        new String(ChangeSetSerializer.debezium().serialize(changeSet), StandardCharsets.UTF_8);

    assertThat(events)
        .isEqualTo(
            "["
                + event("null", "{\"id\":1,\"v\":1.0}", "c", 10, 7)
                + ","
                + event("{\"id\":1,\"v\":\"Infinity\"}", "{\"id\":1,\"v\":\"AQ==\"}", "u", 11, 8)
                + ","
                + event("{\"id\":1,\"v\":\"a\uFFFD\"}", "null", "d", 12, 8)
                + "]");
  }

  private static String event(String before, String after, String op, int tsNs, int number) {
    return """
        {"schema":null,"payload":{"before":%s,"after":%s,"source":{"version":"1",\
        "connector":"ha-sqlite","name":"app.db","server_id":0,"ts_ns":20,"db":"main",\
        "table":"t"},"op":"%s","ts_ns":%d},"transaction":{"id":"node1/ff/%d"}}"""
        .formatted(before, after, op, tsNs, number);
  }
}
