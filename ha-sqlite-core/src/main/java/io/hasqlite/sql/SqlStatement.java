package io.hasqlite.sql;

/** One statement of SQL text. */
public final class SqlStatement {

  private final String text;

  private SqlStatement(String text) {
    this.text = text;
  }

  /** Returns the statement's text, without a semicolon at its end. */
  public String text() {
    return text;
  }
}
