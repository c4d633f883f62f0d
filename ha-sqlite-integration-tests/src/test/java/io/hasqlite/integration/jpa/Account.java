package io.hasqlite.integration.jpa;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Lob;
import jakarta.persistence.Version;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.UUID;

/** An entity with the types that applications use. */
@Entity
public class Account {

  /** An enumeration that is kept as text. */
  public enum Kind {
    /** Is kept as SAVINGS. */
    SAVINGS,
    /** Is kept as CURRENT. */
    CURRENT
  }

  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  private Long id;

  @Version private long version;

  @jakarta.persistence.Column(unique = true, nullable = false)
  private String owner;

  private long cents;
  private BigDecimal rate;
  private boolean open;
  private double ratio;

  @Enumerated(EnumType.STRING)
  private Kind kind;

  private UUID reference;
  private Instant created;
  private LocalDateTime touched;
  private LocalDate born;
  private byte[] picture;
  @Lob private String remarks;

  protected Account() {}

  Account(String owner, long cents) {
    this.owner = owner;
    this.cents = cents;
  }

  Account withAllTypes() {
    rate = new BigDecimal("1.25");
    open = true;
    ratio = 0.1;
    kind = Kind.CURRENT;
    reference = UUID.fromString("0192aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee");
    created = Instant.parse("2026-03-29T01:30:00.123Z");
    touched = LocalDateTime.parse("2026-02-28T23:59:59.999");
    born = LocalDate.parse("1912-06-23");
    picture = new byte[] {0, -1, 127};
    remarks = "Évil 🎸\n";
    return this;
  }

  Long id() {
    return id;
  }

  long version() {
    return version;
  }

  String owner() {
    return owner;
  }

  void rename(String name) {
    owner = name;
  }

  long cents() {
    return cents;
  }

  void add(long amount) {
    cents += amount;
  }
}
