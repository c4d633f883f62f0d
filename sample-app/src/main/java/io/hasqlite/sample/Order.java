package io.hasqlite.sample;

import java.util.List;

/** An order and the node that took it. */
record Order(String id, String customerId, String node, String placedAt, List<Line> lines) {

  record Line(String productId, long quantity, long priceCents) {}
}
