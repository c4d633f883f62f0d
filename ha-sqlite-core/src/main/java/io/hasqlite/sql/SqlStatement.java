package io.hasqlite.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One statement of SQL text and what the text alone tells about it. Two ways lead here: {@link
 * #parse} has SQLite check the grammar, {@link #scan} only reads the text, at no cost worth
 * mentioning for one that was read before.
 *
 * <p>The text is read by SQLite's lexical rules (<a
 * href="https://www.sqlite.org/src/file/src/tokenize.c">tokenize.c</a>). What a statement does
 * through triggers, views and cascades no text tells; that is asked of SQLite elsewhere.
 *
 * <p>Immutable. Two statements are equal if their texts are.
 */
public final class SqlStatement {

  /** What a statement is, by its verb. */
  public enum Type {
    /** SELECT, or VALUES. */
    SELECT,
    /** INSERT, or REPLACE. */
    INSERT,
    /** UPDATE. */
    UPDATE,
    /** DELETE. */
    DELETE,
    /** CREATE [TEMP] TABLE. */
    CREATE_TABLE,
    /** CREATE VIRTUAL TABLE. */
    CREATE_VIRTUAL_TABLE,
    /** CREATE [UNIQUE] INDEX. */
    CREATE_INDEX,
    /** CREATE [TEMP] VIEW. */
    CREATE_VIEW,
    /** CREATE [TEMP] TRIGGER. */
    CREATE_TRIGGER,
    /** DROP TABLE, also of a virtual table. */
    DROP_TABLE,
    /** DROP INDEX. */
    DROP_INDEX,
    /** DROP VIEW. */
    DROP_VIEW,
    /** DROP TRIGGER. */
    DROP_TRIGGER,
    /** ALTER TABLE. */
    ALTER_TABLE,
    /** BEGIN. */
    BEGIN,
    /** COMMIT, or END. */
    COMMIT,
    /** ROLLBACK of the whole transaction. */
    ROLLBACK,
    /** ROLLBACK TO a savepoint. */
    ROLLBACK_TO,
    /** SAVEPOINT. */
    SAVEPOINT,
    /** RELEASE. */
    RELEASE,
    /** PRAGMA. */
    PRAGMA,
    /** ATTACH. */
    ATTACH,
    /** DETACH. */
    DETACH,
    /** VACUUM. */
    VACUUM,
    /** ANALYZE. */
    ANALYZE,
    /** REINDEX. */
    REINDEX,
    /** EXPLAIN, or EXPLAIN QUERY PLAN, of any statement. */
    EXPLAIN,
    /** Nothing that SQLite knows. */
    OTHER;

    boolean isCreate() {
      return name().startsWith("CREATE_");
    }

    boolean isDrop() {
      return name().startsWith("DROP_");
    }
  }

  /** The lock that BEGIN asks for. */
  public enum BeginMode {
    /** None until it is needed: the default. */
    DEFERRED,
    /** The write lock. */
    IMMEDIATE,
    /** The write lock, and in some journal modes no readers. */
    EXCLUSIVE
  }

  private static final StatementCache SCANNED = new StatementCache();
  private static final StatementCache PARSED = new StatementCache();

  private final String text;
  private final Type type;
  private final boolean modifiesDatabase;
  private final boolean distinct;
  private final boolean returning;
  private final List<String> parameters;
  private final @Nullable Target target;
  private final @Nullable PragmaCall pragma;
  private final @Nullable BeginMode beginMode;
  private final @Nullable String savepointName;
  private final Set<String> comparedColumns;

  // Tokens are not kept: they take far more memory than the text that they come from.
  private SqlStatement(String text) {
    Tokens tokens = Tokens.of(text);
    Head head = Head.of(tokens);
    this.text = text;
    this.type = head.explain() ? Type.EXPLAIN : head.type();
    this.parameters = Parameters.of(tokens, head);
    this.target = type == Type.EXPLAIN ? null : Target.of(tokens, head);
    this.pragma = PragmaCall.of(tokens, head);
    this.beginMode = type == Type.BEGIN ? beginMode(tokens) : null;
    this.savepointName = savepointName(tokens, type);
    this.modifiesDatabase = modifiesDatabase(type, pragma);
    this.distinct = isDistinct(tokens, head);
    this.comparedColumns = type == Type.EXPLAIN ? Set.of() : ComparedColumns.of(tokens, head);
    this.returning = isRowChange(type) && tokens.find(head.verb(), "RETURNING") < tokens.size();
  }

  /**
   * Returns the only statement of a text.
   *
   * @throws java.sql.SQLSyntaxErrorException with SQLState 42000, if the text is not SQL, or holds
   *     no statement or several
   * @throws SQLException if SQLite cannot be asked
   */
  public static SqlStatement parse(String text) throws SQLException {
    List<SqlStatement> statements = parseAll(text);
    if (statements.size() == 1) {
      return statements.get(0);
    }
    String found = statements.isEmpty() ? "no statement" : statements.size() + " statements";
    throw Validation.invalid("expected one statement but found " + found, text);
  }

  /**
   * Returns the statements of a script; an empty list if there are none. Only the grammar is
   * checked: the names need not exist. Where SQLite finds another error first (a duplicate column,
   * say), what follows it is left for the execution to check.
   *
   * @throws java.sql.SQLSyntaxErrorException with SQLState 42000, if one of them is not SQL
   * @throws SQLException if SQLite cannot be asked
   */
  public static List<SqlStatement> parseAll(String text) throws SQLException {
    List<SqlStatement> parsed = PARSED.get(text);
    if (parsed == null) {
      parsed = scanAll(text);
      Validation.check(parsed);
      PARSED.put(text, parsed);
    }
    return parsed;
  }

  /**
   * Returns the first statement of a text, unchecked: the one that SQLite would prepare. If there
   * is none, returns one with an empty text, of type {@link Type#OTHER}.
   */
  public static SqlStatement scan(String text) {
    List<SqlStatement> statements = scanAll(text);
    return statements.isEmpty() ? new SqlStatement("") : statements.get(0);
  }

  /**
   * Returns the statements of a script, unchecked. It is split at the semicolons that end a
   * statement for SQLite, which are not those in a trigger's body. Never fails: what SQLite would
   * refuse is of type {@link Type#OTHER} or of the type that its beginning tells.
   */
  public static List<SqlStatement> scanAll(String text) {
    List<SqlStatement> scanned = SCANNED.get(text);
    if (scanned == null) {
      // The driver sends UTF-8, in which half a surrogate pair becomes a question mark.
      String sent = new String(text.getBytes(UTF_8), UTF_8);
      scanned = Splitter.split(sent).stream().map(SqlStatement::new).toList();
      SCANNED.put(text, scanned);
    }
    return scanned;
  }

  /**
   * Returns the text from the first token to the last: without white space and comments around it
   * and without the semicolon at its end.
   */
  public String text() {
    return text;
  }

  /** Returns what the statement is. */
  public Type type() {
    return type;
  }

  /** Returns whether it creates, alters or drops an object of a schema. */
  public boolean isDdl() {
    return type.isCreate() || type.isDrop() || type == Type.ALTER_TABLE;
  }

  /**
   * Returns whether the statement belongs to a change of the database: row changes, DDL, control of
   * transactions and savepoints, VACUUM, ANALYZE, REINDEX, and pragmas that are given a value.
   */
  public boolean modifiesDatabase() {
    return modifiesDatabase;
  }

  /** Returns whether INSERT, UPDATE or DELETE has a RETURNING clause. */
  public boolean hasReturning() {
    return returning;
  }

  /** Returns whether its own SELECT, not one in parentheses, is a SELECT DISTINCT. */
  public boolean hasDistinct() {
    return distinct;
  }

  /** Returns whether it begins a transaction. A SAVEPOINT does not count. */
  public boolean isBegin() {
    return type == Type.BEGIN;
  }

  /** Returns whether it commits the transaction. A RELEASE does not count. */
  public boolean isCommit() {
    return type == Type.COMMIT;
  }

  /** Returns whether it rolls back the whole transaction. A ROLLBACK TO does not count. */
  public boolean isRollback() {
    return type == Type.ROLLBACK;
  }

  /** Returns the mode of BEGIN; null for all other statements. */
  public @Nullable BeginMode beginMode() {
    return beginMode;
  }

  /** Returns the name in SAVEPOINT, RELEASE or ROLLBACK TO, unquoted; null for all others. */
  public @Nullable String savepointName() {
    return savepointName;
  }

  /**
   * Returns the name of a pragma in lower case; null for other statements. Also for an EXPLAIN of a
   * pragma: SQLite carries out many of them while it prepares the statement.
   */
  public @Nullable String pragmaName() {
    return pragma == null ? null : pragma.name();
  }

  /** Returns the schema before the name of a pragma, unquoted, or null. */
  public @Nullable String pragmaSchema() {
    return pragma == null ? null : pragma.schema();
  }

  /** Returns what a pragma is given by {@code =} or in parentheses, unquoted, or null. */
  public @Nullable String pragmaValue() {
    return pragma == null ? null : pragma.value();
  }

  /**
   * Returns the object that DDL is about (of a new index or trigger its own name, not the table's)
   * or the table that INSERT, UPDATE or DELETE names, unquoted; null for all others.
   */
  public @Nullable String objectName() {
    return target == null ? null : target.name();
  }

  /**
   * Returns the schema of {@link #objectName}, unquoted; {@code temp} for CREATE TEMP; null where
   * the text names none.
   */
  public @Nullable String objectSchema() {
    return target == null ? null : target.schema();
  }

  /**
   * Returns the names of the parameters with their first character, in the order of SQLite's
   * indices; {@code ?} for an index without a name.
   */
  public List<String> parameters() {
    return parameters;
  }

  /** Returns the largest parameter index, like sqlite3_bind_parameter_count. */
  public int parameterCount() {
    return parameters.size();
  }

  /**
   * Returns the names of the result's columns (of SELECT, VALUES, EXPLAIN, or of RETURNING) as far
   * as the text tells: stars stay stars, and a column is written as in the text.
   */
  public List<String> columns() {
    Tokens tokens = Tokens.of(text);
    return ResultColumns.of(tokens, Head.of(tokens));
  }

  /**
   * Returns the text with IF NOT EXISTS (of CREATE) or IF EXISTS (of DROP) put in where it is
   * missing; the text itself for all other statements.
   */
  public String withIfExists() {
    if (!type.isCreate() && !type.isDrop()) {
      return text;
    }
    Tokens tokens = Tokens.of(text);
    int word = Target.objectWord(tokens, Head.of(tokens));
    if (tokens.isWord(word + 1, "IF")) {
      return text;
    }
    int end = tokens.get(word).end();
    String condition = type.isCreate() ? " IF NOT EXISTS" : " IF EXISTS";
    return text.substring(0, end) + condition + text.substring(end);
  }

  /**
   * Returns the texts of the terms of a CREATE INDEX without ASC, DESC and the collation of the
   * whole term; an empty list for all other statements.
   */
  public List<String> indexedExpressions() {
    Tokens tokens = Tokens.of(text);
    return IndexTerms.of(tokens, Head.of(tokens));
  }

  /**
   * Returns what an UPDATE or DELETE compares, in lower case: the names in the WHERE clause, of an
   * UPDATE only those of columns that it also assigns. So {@code version} is one of {@code UPDATE t
   * SET version = 2 WHERE id = 1 AND version = 1}. Empty for all other statements.
   */
  public Set<String> comparedColumns() {
    return comparedColumns;
  }

  /** Returns the tokens, with their places in {@link #text}. Reads the text again. */
  public List<Token> tokens() {
    return Tokens.of(text).list();
  }

  private static boolean isRowChange(Type type) {
    return type == Type.INSERT || type == Type.UPDATE || type == Type.DELETE;
  }

  private static boolean modifiesDatabase(Type type, @Nullable PragmaCall pragma) {
    return switch (type) {
      case SELECT, EXPLAIN, ATTACH, DETACH, OTHER -> false;
      case PRAGMA -> pragma != null && pragma.modifiesDatabase();
      default -> true;
    };
  }

  private static boolean isDistinct(Tokens tokens, Head head) {
    boolean selects = head.type() == Type.SELECT || head.type() == Type.INSERT;
    return selects && tokens.isWord(tokens.find(head.verb(), "SELECT") + 1, "DISTINCT");
  }

  private static BeginMode beginMode(Tokens tokens) {
    for (BeginMode mode : BeginMode.values()) {
      if (tokens.isWord(1, mode.name())) {
        return mode;
      }
    }
    return BeginMode.DEFERRED;
  }

  private static @Nullable String savepointName(Tokens tokens, Type type) {
    int i =
        switch (type) {
          case SAVEPOINT, RELEASE -> 1;
          case ROLLBACK_TO -> tokens.find(0, "TO") + 1;
          default -> tokens.size();
        };
    if (type != Type.SAVEPOINT && tokens.isWord(i, "SAVEPOINT")) {
      i++;
    }
    return tokens.isName(i) ? tokens.unquoted(i) : null;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SqlStatement statement && text.equals(statement.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** Returns the text. */
  @Override
  public String toString() {
    return text;
  }
}
