package io.hasqlite.sample;

import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.ReplicationStatus;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Tells how far this node is and how many rows it has. */
@RestController
class NodeState {

  private static final String TABLES =
      """
      SELECT name FROM sqlite_schema
      WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'ha\\_%' ESCAPE '\\'
      """;

  private final HaSqlite database;
  private final JdbcClient jdbc;

  NodeState(HaSqlite database, JdbcClient jdbc) {
    this.database = database;
    this.jdbc = jdbc;
  }

  record View(
      String node,
      String state,
      long position,
      long streamLastSequence,
      long lagMessages,
      @Nullable String problem,
      Map<String, Long> rows) {}

  @GetMapping("/api/node")
  View view() {
    ReplicationStatus status = database.status();
    Map<String, Long> rows = new TreeMap<>();
    for (String table : jdbc.sql(TABLES).query(String.class).list()) {
      String quoted = '"' + table.replace("\"", "\"\"") + '"';
      rows.put(table, jdbc.sql("SELECT count(*) FROM " + quoted).query(Long.class).single());
    }
    return new View(
        status.node().value(),
        status.state().name(),
        status.position(),
        status.streamLastSequence(),
        status.lagMessages(),
        status.problem(),
        rows);
  }
}
