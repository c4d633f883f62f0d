package io.hasqlite.sample;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

@RestController
@RequestMapping("/api/products")
class ProductController {

  static final String SELECT =
      """
      SELECT track.id, artist.name AS artist, album_id, album.title AS album, track.name,
             price_cents, stock
      FROM track JOIN album ON album.id = album_id JOIN artist ON artist.id = artist_id
      """;

  private final JdbcClient jdbc;

  ProductController(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  record Input(@Nullable String albumId, @Nullable String name, long priceCents, long stock) {}

  @GetMapping
  List<Product> list() {
    return jdbc.sql(SELECT + "ORDER BY artist, album, track.name, track.id")
        .query(Product.class)
        .list();
  }

  @GetMapping("/{id}")
  Product get(@PathVariable String id) {
    return jdbc.sql(SELECT + "WHERE track.id = ?")
        .param(id)
        .query(Product.class)
        .optional()
        .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND, "No product " + id));
  }

  @PostMapping
  @ResponseStatus(HttpStatus.CREATED)
  Product create(@RequestBody Input input) {
    String id = UUID.randomUUID().toString();
    jdbc.sql("INSERT INTO track (id, album_id, name, price_cents, stock) VALUES (?, ?, ?, ?, ?)")
        .param(id)
        .param(input.albumId())
        .param(input.name())
        .param(input.priceCents())
        .param(input.stock())
        .update();
    return get(id);
  }

  /** Only the columns whose value changes travel: a price and a stock set at once both stay. */
  @PutMapping("/{id}")
  Product update(@PathVariable String id, @RequestBody Input input) {
    jdbc.sql(
            """
            UPDATE track SET album_id = coalesce(?, album_id), name = ?, price_cents = ?, stock = ?
            WHERE id = ?
            """)
        .param(input.albumId())
        .param(input.name())
        .param(input.priceCents())
        .param(input.stock())
        .param(id)
        .update();
    return get(id);
  }
}
