package io.hasqlite.sample;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.server.ResponseStatusException;

@Service
class OrderService {

  private final JdbcClient jdbc;
  private final String node;

  OrderService(JdbcClient jdbc, @Value("${ha.sqlite.node-name}") String node) {
    this.jdbc = jdbc;
    this.node = node;
  }

  record Item(String productId, long quantity) {}

  /**
   * Places an order: all of it, on all nodes, or nothing. Taking a piece only if there is one
   * compares and sets: if another node took one at the same moment, this transaction fails, and is
   * run again on what there is then. So no two nodes sell the last piece.
   */
  @Retryable(includes = ConcurrencyFailureException.class, maxRetries = 20, delay = 10, jitter = 10)
  @Transactional
  Order place(String customerId, List<Item> items) {
    String id = UUID.randomUUID().toString();
    jdbc.sql("INSERT INTO orders (id, customer_id, node, placed_at) VALUES (?, ?, ?, ?)")
        .params(id, customerId, node, Instant.now().toString())
        .update();
    for (Item item : items) {
      int taken =
          jdbc.sql(
                  "UPDATE track SET stock = stock - :quantity WHERE id = :id AND stock >= :quantity")
              .param("id", item.productId())
              .param("quantity", item.quantity())
              .update();
      if (taken == 0) {
        throw new ResponseStatusException(
            HttpStatus.CONFLICT,
            "There are not " + item.quantity() + " pieces of " + item.productId());
      }
      jdbc.sql(
              """
              INSERT INTO order_line (order_id, track_id, quantity, price_cents)
              SELECT ?, id, ?, price_cents FROM track WHERE id = ?
              """)
          .params(id, item.quantity(), item.productId())
          .update();
    }
    return get(id);
  }

  @Transactional(readOnly = true)
  Order get(String id) {
    return jdbc.sql("SELECT id, customer_id, node, placed_at FROM orders WHERE id = ?")
        .param(id)
        .query(
            (row, number) ->
                order(row.getString(1), row.getString(2), row.getString(3), row.getString(4)))
        .optional()
        .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND, "No order " + id));
  }

  @Transactional(readOnly = true)
  List<Order> list() {
    return latest(100);
  }

  /** Returns the orders that were placed last, by the clocks of the nodes that took them. */
  @Transactional(readOnly = true)
  List<Order> latest(int limit) {
    return jdbc
        .sql("SELECT id FROM orders ORDER BY placed_at DESC, id LIMIT ?")
        .param(limit)
        .query(String.class)
        .list()
        .stream()
        .map(this::get)
        .toList();
  }

  private Order order(String id, String customerId, String takenBy, String placedAt) {
    return new Order(
        id,
        customerId,
        takenBy,
        placedAt,
        jdbc.sql(
                "SELECT track_id AS product_id, quantity, price_cents FROM order_line WHERE order_id = ?")
            .param(id)
            .query(Order.Line.class)
            .list());
  }
}
