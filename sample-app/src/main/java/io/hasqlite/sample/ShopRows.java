package io.hasqlite.sample;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Reads what the page shows of this node's file. */
@Service
class ShopRows {

  static final int TRACKS_MAX = 30;
  static final int ORDERS_MAX = 6;
  static final int CONFLICTS_MAX = 4;

  private static final String TABLES =
      """
      SELECT name FROM sqlite_schema
      WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'ha\\_%' ESCAPE '\\'
      """;

  private final JdbcClient jdbc;
  private final OrderService orders;
  private final Conflicts conflicts;

  ShopRows(JdbcClient jdbc, OrderService orders, Conflicts conflicts) {
    this.jdbc = jdbc;
    this.orders = orders;
    this.conflicts = conflicts;
  }

  record View(
      List<Product> tracks,
      List<Order> orders,
      List<Conflicts.Conflict> conflicts,
      long conflictCount,
      Map<String, Long> counts) {}

  /** Reads it all in one transaction: the state after some message of the stream. */
  @Transactional(readOnly = true)
  View read() {
    return new View(
        jdbc.sql(ProductController.SELECT + "ORDER BY track.rowid DESC LIMIT ?")
            .param(TRACKS_MAX)
            .query(Product.class)
            .list(),
        orders.latest(ORDERS_MAX),
        conflicts.latest(CONFLICTS_MAX),
        conflicts.count(),
        counts());
  }

  private Map<String, Long> counts() {
    Map<String, Long> counts = new TreeMap<>();
    for (String table : jdbc.sql(TABLES).query(String.class).list()) {
      String quoted = '"' + table.replace("\"", "\"\"") + '"';
      counts.put(table, jdbc.sql("SELECT count(*) FROM " + quoted).query(Long.class).single());
    }
    return counts;
  }
}
