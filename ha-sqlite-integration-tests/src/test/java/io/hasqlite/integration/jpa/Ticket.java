package io.hasqlite.integration.jpa;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;

/** An entity whose key comes from a sequence, which Hibernate keeps in a table here. */
@Entity
public class Ticket {

  @Id
  @GeneratedValue(strategy = GenerationType.SEQUENCE)
  private Long id;

  private String title;

  protected Ticket() {}

  Ticket(String title) {
    this.title = title;
  }

  Long id() {
    return id;
  }

  String title() {
    return title;
  }
}
