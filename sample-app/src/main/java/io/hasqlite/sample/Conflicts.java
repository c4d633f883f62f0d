package io.hasqlite.sample;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What last-writer-wins overruled on this node, from the table {@code ha_conflicts}. */
@Repository
class Conflicts {

  private final JdbcClient jdbc;
  private final JsonMapper json;

  Conflicts(JdbcClient jdbc, JsonMapper json) {
    this.jdbc = jdbc;
    this.json = json;
  }

  /**
   * A conflict.
   *
   * @param winner the node whose transaction came later in the stream
   * @param kind what happened to the row: overwritten, displaced, revived or dropped
   * @param reason a sentence
   * @param lost the row as it was before; empty if there is none
   */
  record Conflict(
      long id,
      String at,
      long sequence,
      String winner,
      String table,
      String kind,
      String reason,
      Map<String, @Nullable String> lost) {}

  long count() {
    return isTablePresent()
        ? jdbc.sql("SELECT count(*) FROM ha_conflicts").query(Long.class).single()
        : 0;
  }

  List<Conflict> latest(int limit) {
    if (!isTablePresent()) {
      return List.of();
    }
    return jdbc.sql(
            """
            SELECT id, at, seq, node, tab, kind, reason, image FROM ha_conflicts
            ORDER BY id DESC LIMIT ?
            """)
        .param(limit)
        .query(this::conflict)
        .list();
  }

  /** The engine creates its tables with the first replicated write. */
  private boolean isTablePresent() {
    return jdbc.sql("SELECT count(*) FROM sqlite_schema WHERE name = 'ha_conflicts'")
            .query(Long.class)
            .single()
        > 0;
  }

  private Conflict conflict(ResultSet row, int number) throws SQLException {
    return new Conflict(
        row.getLong("id"),
        row.getString("at"),
        row.getLong("seq"),
        row.getString("node"),
        row.getString("tab"),
        row.getString("kind"),
        row.getString("reason"),
        lostRow(row.getString("image")));
  }

  /** The image is a message of one change: the deletion of the row that was there. */
  private Map<String, @Nullable String> lostRow(@Nullable String image) {
    Map<String, @Nullable String> lost = new LinkedHashMap<>();
    if (image != null) {
      JsonNode change = json.readTree(image).path("changes").path(0);
      JsonNode columns = change.path("columns");
      JsonNode values = change.path("old_values");
      for (int i = 0; i < columns.size(); i++) {
        JsonNode value = values.path(i);
        lost.put(columns.path(i).asString(), value.isNull() ? null : value.asString());
      }
    }
    return lost;
  }
}
