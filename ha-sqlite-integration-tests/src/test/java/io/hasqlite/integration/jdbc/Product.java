package io.hasqlite.integration.jdbc;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Set;
import java.util.UUID;
import org.springframework.data.annotation.Id;
import org.springframework.data.annotation.Version;
import org.springframework.data.relational.core.mapping.MappedCollection;
import org.springframework.data.relational.core.mapping.Table;

/** An aggregate with the types that applications use. */
@Table("product")
record Product(
    @Id Long id,
    @Version Integer version,
    String name,
    BigDecimal price,
    long cents,
    boolean active,
    Kind kind,
    UUID reference,
    Instant created,
    LocalDateTime changed,
    LocalDate day,
    byte[] picture,
    @MappedCollection(idColumn = "product") Set<Tag> tags) {

  enum Kind {
    FRUIT,
    CAKE
  }

  @Table("tag")
  record Tag(String label) {}

  static Product named(String name) {
    return new Product(
        null, null, name, null, 0, false, null, null, null, null, null, null, Set.of());
  }

  static Product withAllTypes(String name) {
    return new Product(
        null,
        null,
        name,
        new BigDecimal("12.75"),
        1275,
        true,
        Kind.CAKE,
        UUID.fromString("0192aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee"),
        Instant.parse("2026-03-29T01:30:00.123Z"),
        LocalDateTime.parse("2026-02-28T23:59:59.999"),
        LocalDate.parse("1912-06-23"),
        new byte[] {0, -1, 127},
        Set.of(new Tag("sweet"), new Tag("évil 🎸")));
  }

  Product withCents(long other) {
    return new Product(
        id, version, name, price, other, active, kind, reference, created, changed, day, picture,
        tags);
  }

  Product withName(String other) {
    return new Product(
        id, version, other, price, cents, active, kind, reference, created, changed, day, picture,
        tags);
  }
}
