package io.hasqlite.integration.jpa;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import java.util.UUID;

/** An entity that several nodes may insert at once: its key needs no agreement. */
@Entity
public class Note {

  @Id
  @GeneratedValue(strategy = GenerationType.UUID)
  private UUID id;

  private String text;

  protected Note() {}

  Note(String text) {
    this.text = text;
  }

  UUID id() {
    return id;
  }

  String text() {
    return text;
  }
}
