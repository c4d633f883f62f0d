package io.hasqlite.sql;

/**
 * A piece of SQL text that is neither white space nor a comment.
 *
 * @param kind what SQLite's lexer takes it for
 * @param start the index of its first character in the text
 * @param end the index after its last character
 */
public record Token(Kind kind, int start, int end) {

  /** What a token can be. */
  public enum Kind {
    /** A keyword or a bare identifier; only the grammar can tell which. */
    WORD,
    /** An identifier in double quotes, brackets or backticks. */
    QUOTED,
    /** Text in single quotes; SQLite takes it for an identifier where only one can stand. */
    STRING,
    /** A blob literal. */
    BLOB,
    /** A number, without a sign. */
    NUMBER,
    /** A parameter, its first character included. */
    PARAMETER,
    /** An operator or a punctuation mark. */
    SYMBOL,
    /** What SQLite refuses as unrecognized, for example a string that does not end. */
    ILLEGAL
  }
}
