package io.hasqlite.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.hasqlite.sql.SqlStatement.BeginMode;
import io.hasqlite.sql.SqlStatement.Type;
import io.hasqlite.sql.Token.Kind;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlStatementTests {

  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      quoteCharacter = '§',
      textBlock =
          """
          SELECT 1                                           | SELECT               | false | false
          select * from t                                    | SELECT               | false | false
          VALUES (1), (2)                                    | SELECT               | false | false
          WITH c AS (SELECT 1) SELECT * FROM c               | SELECT               | false | false
          WITH a AS (SELECT 1), b(x) AS MATERIALIZED (SELECT 2) SELECT 1 | SELECT   | false | false
          WITH RECURSIVE c(x) AS (VALUES (1)) SELECT x FROM c | SELECT              | false | false
          WITH "insert" AS (SELECT 1) SELECT 1               | SELECT               | false | false
          WITH replace AS (SELECT 1), delete(x) AS (SELECT 1) UPDATE t SET a = 1 | UPDATE | true | false
          WITH c AS (SELECT 1) INSERT INTO t SELECT * FROM c | INSERT               | true  | false
          WITH c AS (SELECT 1) REPLACE INTO t SELECT * FROM c | INSERT              | true  | false
          WITH c AS (SELECT 1) DELETE FROM t                 | DELETE               | true  | false
          INSERT INTO t VALUES (1)                           | INSERT               | true  | false
          REPLACE INTO t VALUES (1)                          | INSERT               | true  | false
          UPDATE OR IGNORE t SET a = 1                       | UPDATE               | true  | false
          DELETE FROM t                                      | DELETE               | true  | false
          CREATE TABLE t(a)                                  | CREATE_TABLE         | true  | true
          CREATE TEMP TABLE t(a)                             | CREATE_TABLE         | true  | true
          CREATE TABLE t AS SELECT 1                         | CREATE_TABLE         | true  | true
          CREATE VIRTUAL TABLE t USING fts5(a)               | CREATE_VIRTUAL_TABLE | true  | true
          CREATE INDEX i ON t(a)                             | CREATE_INDEX         | true  | true
          CREATE UNIQUE INDEX i ON t(a)                      | CREATE_INDEX         | true  | true
          CREATE TEMPORARY VIEW v AS SELECT 1                | CREATE_VIEW          | true  | true
          CREATE TRIGGER r DELETE ON t BEGIN SELECT 1; END   | CREATE_TRIGGER       | true  | true
          DROP TABLE t                                       | DROP_TABLE           | true  | true
          DROP INDEX i                                       | DROP_INDEX           | true  | true
          DROP VIEW v                                        | DROP_VIEW            | true  | true
          DROP TRIGGER r                                     | DROP_TRIGGER         | true  | true
          ALTER TABLE t ADD COLUMN b                         | ALTER_TABLE          | true  | true
          BEGIN                                              | BEGIN                | true  | false
          COMMIT TRANSACTION                                 | COMMIT               | true  | false
          END                                                | COMMIT               | true  | false
          ROLLBACK                                           | ROLLBACK             | true  | false
          ROLLBACK TRANSACTION                               | ROLLBACK             | true  | false
          ROLLBACK TRANSACTION TO SAVEPOINT s                | ROLLBACK_TO          | true  | false
          SAVEPOINT s                                        | SAVEPOINT            | true  | false
          RELEASE s                                          | RELEASE              | true  | false
          PRAGMA user_version                                | PRAGMA               | false | false
          PRAGMA foreign_keys = 'ON'                         | PRAGMA               | true  | false
          PRAGMA table_info(t)                               | PRAGMA               | false | false
          PRAGMA optimize                                    | PRAGMA               | true  | false
          ATTACH DATABASE 'test.db' AS testdb                | ATTACH               | false | false
          DETACH DATABASE testdb                             | DETACH               | false | false
          VACUUM                                             | VACUUM               | true  | false
          ANALYZE                                            | ANALYZE              | true  | false
          REINDEX                                            | REINDEX              | true  | false
          EXPLAIN DELETE FROM t                              | EXPLAIN              | false | false
          EXPLAIN QUERY PLAN SELECT * FROM t                 | EXPLAIN              | false | false
          SELEC 1                                            | OTHER                | false | false
          SET TRANSACTION READ ONLY                          | OTHER                | false | false
          """)
  void typeFollowsFromTheVerb(String sql, Type type, boolean modifies, boolean ddl) {
    SqlStatement statement = SqlStatement.scan(sql);
    assertThat(statement.type()).isEqualTo(type);
    assertThat(statement.modifiesDatabase()).isEqualTo(modifies);
    assertThat(statement.isDdl()).isEqualTo(ddl);
    assertThat(statement.isBegin()).isEqualTo(type == Type.BEGIN);
    assertThat(statement.isCommit()).isEqualTo(type == Type.COMMIT);
    assertThat(statement.isRollback()).isEqualTo(type == Type.ROLLBACK);
  }

  @Test
  void onlyAsciiLettersHaveACase() {
    assertThat(SqlStatement.scan("\u017Felect 1").type()).isEqualTo(Type.OTHER);
    assertThat(SqlStatement.scan("SAVEPO\u0130NT a").type()).isEqualTo(Type.OTHER);
  }

  @Test
  void verticalTabIsWhiteSpaceOnlyAfterOther() {
    assertThat(kinds("a \u000Bb")).isEqualTo("WORD WORD");
    assertThat(kinds("a\u000B b")).isEqualTo("WORD ILLEGAL WORD");
  }

  @Test
  void halfASurrogatePairIsTheQuestionMarkThatTheDriverSends() {
    assertThat(parameters("SELECT \uD83D, '\uD83D'")).containsExactly("?");
    assertThat(texts("SELECT a\uDE00")).containsExactly("SELECT a?");
    assertThat(texts("SELECT '\uD83D\uDE00'")).containsExactly("SELECT '\uD83D\uDE00'");
  }

  @Test
  void textBeginsWithTheFirstTokenAndEndsWithTheLast() {
    assertThat(texts("\uFEFF \n-- note\n/* a;b */ SELECT /* in */ 1 /* after */ ; -- end"))
        .containsExactly("SELECT /* in */ 1");
    assertThat(texts("SELECT 1 /* not closed ; SELECT 2")).containsExactly("SELECT 1");
    assertThat(texts("SELECT 1 -- ; \n; SELECT 2")).containsExactly("SELECT 1", "SELECT 2");
    assertThat(texts("SELECT 1\0; SELECT 2")).containsExactly("SELECT 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", ";", ";;\n;", "-- x", "/* x", "\uFEFF", "\0SELECT 1"})
  void textWithoutStatementHasNone(String sql) throws SQLException {
    assertThat(SqlStatement.scanAll(sql)).isEmpty();
    assertThat(SqlStatement.parseAll(sql)).isEmpty();
    assertThat(SqlStatement.scan(sql).type()).isEqualTo(Type.OTHER);
    assertThat(SqlStatement.scan(sql).text()).isEmpty();
    assertThatExceptionOfType(SQLSyntaxErrorException.class)
        .isThrownBy(() -> SqlStatement.parse(sql))
        .withMessageContaining("no statement");
  }

  @Test
  void semicolonInQuotesDoesNotSplit() {
    assertThat(texts("SELECT ';', \"a;b\", [c;d], `e;f`, 'it''s;' ; SELECT \"x\"\";\""))
        .containsExactly("SELECT ';', \"a;b\", [c;d], `e;f`, 'it''s;'", "SELECT \"x\"\";\"");
  }

  @Test
  void semicolonInTheArgumentsOfAModuleDoesNotSplit() {
    assertThat(texts("CREATE VIRTUAL TABLE v USING m(a; (b;c)); SELECT 1"))
        .containsExactly("CREATE VIRTUAL TABLE v USING m(a; (b;c))", "SELECT 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE TEMP TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END",
        "create temporary trigger if not exists r after insert on t begin select 1; end",
        "EXPLAIN CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END",
        "EXPLAIN QUERY PLAN CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE TRIGGER r UPDATE OF a ON t WHEN CASE WHEN new.a THEN 1 ELSE 0 END BEGIN"
            + " UPDATE t SET a = CASE a WHEN 1 THEN CASE 2 WHEN 2 THEN 3 END ELSE 4 END;"
            + " /* ; END; */ DELETE FROM t WHERE b = '; END;' -- ; END;\n; END",
        "CREATE TRIGGER begin AFTER INSERT ON begin BEGIN SELECT end FROM begin; END",
        "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1 AS end; SELECT 1; /**/ END",
      })
  void bodyOfATriggerIsNotSplit(String trigger) throws SQLException {
    assertThat(texts("SELECT 0; " + trigger + "; SELECT 2; END;"))
        .containsExactly("SELECT 0", trigger, "SELECT 2", "END");
    assertThat(SqlStatement.parse(trigger + ";").text()).isEqualTo(trigger);
  }

  @Test
  void triggerWithoutABodyEndsAtItsSemicolon() {
    assertThat(texts("CREATE TRIGGER r; SELECT 1")).containsExactly("CREATE TRIGGER r", "SELECT 1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      quoteCharacter = '§',
      textBlock =
          """
          a1 _b $c é x      | WORD WORD PARAMETER WORD WORD
          a$b               | WORD
          "a""b" [c"d] `e`  | QUOTED QUOTED QUOTED
          'it''s'           | STRING
          x'' X'0aFF' x'0'  | BLOB BLOB ILLEGAL
          x'0g' 1           | ILLEGAL NUMBER
          1 1.5 .5 1. 1e3 1.5E-3 1e+3 | NUMBER NUMBER NUMBER NUMBER NUMBER NUMBER NUMBER
          0x1F 0X_1         | NUMBER ILLEGAL
          1_000 1_0.0_1e1_0 0x1_f | NUMBER NUMBER NUMBER
          1__0 1_ 1_.0 12a  | ILLEGAL ILLEGAL ILLEGAL ILLEGAL
          1e                | ILLEGAL
          ? ?12 :a @a $a #a $a::b $a::b(c.d) :a(b) | PARAMETER PARAMETER PARAMETER PARAMETER PARAMETER PARAMETER PARAMETER PARAMETER PARAMETER
          : $ @( $a(b c     | ILLEGAL ILLEGAL ILLEGAL SYMBOL ILLEGAL WORD
          -> ->> - -1       | SYMBOL SYMBOL SYMBOL SYMBOL NUMBER
          < <= <> << > >= >> = == != ! | SYMBOL SYMBOL SYMBOL SYMBOL SYMBOL SYMBOL SYMBOL SYMBOL SYMBOL SYMBOL ILLEGAL
          || & ~ % ^ { \\    | SYMBOL SYMBOL SYMBOL SYMBOL ILLEGAL ILLEGAL ILLEGAL
          a.b.c             | WORD SYMBOL WORD SYMBOL WORD
          a/**/b/*          | WORD WORD SYMBOL SYMBOL
          """)
  void tokensAreThoseOfSqlite(String sql, String kinds) {
    assertThat(kinds(sql)).isEqualTo(kinds.trim());
  }

  @ParameterizedTest
  @ValueSource(strings = {"'abc", "\"abc", "`abc", "[abc", "x'ab", "'abc''", "$a(b"})
  void quotesThatDoNotEndReachToTheEnd(String sql) {
    SqlStatement statement = SqlStatement.scan("SELECT " + sql);
    assertThat(statement.tokens()).hasSize(2);
    assertThat(statement.tokens().get(1).kind()).isEqualTo(Kind.ILLEGAL);
    assertThat(statement.text()).isEqualTo("SELECT " + sql);
  }

  @Test
  void tokensTellTheirPlaceInTheText() {
    SqlStatement statement = SqlStatement.scan("  SELECT  :a ;");
    assertThat(statement.tokens())
        .containsExactly(new Token(Kind.WORD, 0, 6), new Token(Kind.PARAMETER, 8, 10));
  }

  @Test
  void parametersComeInTheOrderOfTheirIndices() {
    assertThat(parameters("SELECT * FROM u WHERE id = :id")).containsExactly(":id");
    assertThat(parameters("SELECT ?, ?")).containsExactly("?", "?");
    assertThat(parameters("SELECT ?2, ?1")).containsExactly("?1", "?2");
    assertThat(parameters("SELECT ?3, ?, :a, :a, :A"))
        .containsExactly("?", "?", "?3", "?", ":a", ":A");
    assertThat(parameters("SELECT ?, ?1")).containsExactly("?1");
    assertThat(parameters("SELECT $a::b(c), @a, '?', \"?\", [?], `?` -- ?"))
        .containsExactly("$a::b(c)", "@a");
    assertThat(parameters("SELECT ?0, ?99999999999999999999, ?")).containsExactly("?");
    assertThat(parameters("CREATE VIRTUAL TABLE v USING m(?)")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      quoteCharacter = '§',
      textBlock =
          """
          UPDATE u SET a = 1 RETURNING id                   | true
          INSERT INTO u VALUES (1) ON CONFLICT DO NOTHING returning * | true
          WITH c AS (SELECT 1) DELETE FROM u RETURNING 1    | true
          UPDATE u SET a = 'RETURNING', "returning" = 1     | false
          UPDATE u SET a = 1 -- RETURNING a                 | false
          SELECT 1                                          | false
          EXPLAIN DELETE FROM u RETURNING 1                 | false
          """)
  void returningIsAClauseOfTheStatementItself(String sql, boolean returning) {
    assertThat(SqlStatement.scan(sql).hasReturning()).isEqualTo(returning);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      quoteCharacter = '§',
      textBlock =
          """
          SELECT DISTINCT a FROM u                                      | true
          WITH c AS (SELECT 1) SELECT DISTINCT a FROM u                 | true
          INSERT INTO u SELECT DISTINCT a FROM v                        | true
          EXPLAIN SELECT DISTINCT a FROM u                              | true
          WITH c AS (SELECT DISTINCT 1) SELECT a FROM u                 | false
          SELECT a FROM u WHERE id IN (SELECT DISTINCT u FROM o)        | false
          SELECT count(DISTINCT a) FROM u                               | false
          SELECT a IS NOT DISTINCT FROM b FROM u                        | false
          """)
  void distinctIsThatOfItsOwnSelect(String sql, boolean distinct) {
    assertThat(SqlStatement.scan(sql).hasDistinct()).isEqualTo(distinct);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      quoteCharacter = '§',
      nullValues = "-",
      textBlock =
          """
          BEGIN                        | DEFERRED  | -
          BEGIN TRANSACTION            | DEFERRED  | -
          begin deferred               | DEFERRED  | -
          BEGIN IMMEDIATE TRANSACTION  | IMMEDIATE | -
          BEGIN /* x */ EXCLUSIVE      | EXCLUSIVE | -
          COMMIT                       | -         | -
          SAVEPOINT a                  | -         | a
          SAVEPOINT "a""b"             | -         | a"b
          SAVEPOINT 'x y'              | -         | x y
          SAVEPOINT savepoint          | -         | savepoint
          RELEASE [a]                  | -         | a
          RELEASE SAVEPOINT a          | -         | a
          ROLLBACK TO a                | -         | a
          ROLLBACK TRANSACTION TO SAVEPOINT `a` | - | a
          ROLLBACK                     | -         | -
          """)
  void transactionControlTellsModeAndName(String sql, BeginMode mode, String name) {
    assertThat(SqlStatement.scan(sql).beginMode()).isEqualTo(mode);
    assertThat(SqlStatement.scan(sql).savepointName()).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      quoteCharacter = '§',
      nullValues = "-",
      textBlock =
          """
          PRAGMA Foreign_Keys              | foreign_keys | -    | -
          PRAGMA foreign_keys = ON         | foreign_keys | -    | ON
          PRAGMA foreign_keys=1;           | foreign_keys | -    | 1
          PRAGMA main.user_version = -5    | user_version | main | -5
          PRAGMA main.user_version(+5)     | user_version | main | 5
          PRAGMA "aux"."journal_mode"('wal') | journal_mode | aux  | wal
          PRAGMA table_info("a""b")        | table_info   | -    | a"b
          EXPLAIN PRAGMA temp_store = 2    | temp_store   | -    | 2
          PRAGMA                           | -            | -    | -
          PRAGMA x =                       | x            | -    | -
          SELECT 1                         | -            | -    | -
          """)
  void pragmaTellsSchemaNameAndValue(String sql, String name, String schema, String value) {
    SqlStatement statement = SqlStatement.scan(sql);
    assertThat(statement.pragmaName()).isEqualTo(name);
    assertThat(statement.pragmaSchema()).isEqualTo(schema);
    assertThat(statement.pragmaValue()).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      quoteCharacter = '§',
      nullValues = "-",
      textBlock =
          """
          CREATE TABLE t(a)                                | -    | t
          CREATE TABLE IF NOT EXISTS main . "t t"(a)       | main | t t
          CREATE TEMP TABLE t(a)                           | temp | t
          CREATE VIRTUAL TABLE IF NOT EXISTS v USING m     | -    | v
          CREATE UNIQUE INDEX [i] ON t(a)                  | -    | i
          CREATE TEMPORARY VIEW v AS SELECT 1              | temp | v
          CREATE TRIGGER aux.r DELETE ON t BEGIN SELECT 1; END | aux | r
          DROP TABLE IF EXISTS main.t                      | main | t
          DROP VIEW v                                      | -    | v
          DROP INDEX 'i'                                   | -    | i
          DROP TRIGGER r                                   | -    | r
          ALTER TABLE main.t RENAME TO u                   | main | t
          INSERT INTO t VALUES (1)                         | -    | t
          INSERT OR REPLACE INTO main.t(a) VALUES (1)      | main | t
          REPLACE INTO `t` VALUES (1)                      | -    | t
          WITH c AS (SELECT 1) INSERT INTO t SELECT 1      | -    | t
          UPDATE t SET a = 1                               | -    | t
          UPDATE OR ROLLBACK main.t AS x SET a = 1         | main | t
          DELETE FROM temp.t WHERE a                       | temp | t
          SELECT * FROM t                                  | -    | -
          EXPLAIN DELETE FROM t                            | -    | -
          INSERT                                           | -    | -
          CREATE TABLE                                     | -    | -
          DROP                                             | -    | -
          """)
  void objectIsNamedUnquoted(String sql, String schema, String name) {
    assertThat(SqlStatement.scan(sql).objectSchema()).isEqualTo(schema);
    assertThat(SqlStatement.scan(sql).objectName()).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      quoteCharacter = '§',
      textBlock =
          """
          SELECT *, u.*, name as n  FROM user u              | *,u.*,n
          SELECT DISTINCT name test FROM user                | test
          SELECT ALL "na""me", [x], u.`id` FROM user u       | na"me,x,id
          SELECT (id), count( * ), a||b, 'x', 1 + 2 three    | id,count( * ),a||b,'x',three
          SELECT a IS NOT NULL, a NOTNULL, NOT b, b IS DISTINCT FROM c FROM t | a IS NOT NULL,a NOTNULL,NOT b,b IS DISTINCT FROM c
          SELECT CASE a WHEN 1 THEN 2 END, CASE WHEN a THEN b END c, match m | CASE a WHEN 1 THEN 2 END,c,m
          SELECT a COLLATE nocase, sum(a) OVER w, (SELECT 1, 2) s FROM t WINDOW w AS () | a COLLATE nocase,sum(a) OVER w,s
          VALUES (1, max(2, 3), 'x'), (4, 5, 6)              | column1,column2,column3
          SELECT 1 a UNION SELECT 2 b                        | a
          WITH c(x) AS (SELECT 1) SELECT x FROM c            | x
          UPDATE user SET name = 'WW' WHERE id = $1 RETURNING id, name | id,name
          INSERT INTO user(name) VALUES('name') RETURNING *  | *
          INSERT INTO user(name) VALUES('name') RETURNING id as identify, created_at | identify,created_at
          INSERT INTO user(name) VALUES('name') RETURNING id identify | identify
          EXPLAIN QUERY PLAN SELECT name FROM user           | id,parent,notused,detail
          EXPLAIN SELECT name FROM user                      | addr,opcode,p1,p2,p3,p4,p5,comment
          """)
  void columnsAreNamedAsInTheResult(String sql, String columns) {
    assertThat(String.join(",", SqlStatement.scan(sql).columns())).isEqualTo(columns);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO t(a) VALUES (1)",
        "DELETE FROM t",
        "PRAGMA x",
        "BEGIN",
        "SELECT",
        "X"
      })
  void statementWithoutResultHasNoColumns(String sql) {
    assertThat(SqlStatement.scan(sql).columns()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      quoteCharacter = '§',
      textBlock =
          """
          CREATE TABLE t(a)                | CREATE TABLE IF NOT EXISTS t(a)
          CREATE TABLE/**/t(a)             | CREATE TABLE IF NOT EXISTS/**/t(a)
          create temp table t(a)           | create temp table IF NOT EXISTS t(a)
          CREATE UNIQUE INDEX i ON t(a)    | CREATE UNIQUE INDEX IF NOT EXISTS i ON t(a)
          CREATE TEMP VIEW v AS SELECT 1   | CREATE TEMP VIEW IF NOT EXISTS v AS SELECT 1
          CREATE VIRTUAL TABLE v USING m   | CREATE VIRTUAL TABLE IF NOT EXISTS v USING m
          CREATE TRIGGER r DELETE ON t BEGIN SELECT 1; END | CREATE TRIGGER IF NOT EXISTS r DELETE ON t BEGIN SELECT 1; END
          CREATE TABLE if not exists t(a)  | CREATE TABLE if not exists t(a)
          DROP TABLE t                     | DROP TABLE IF EXISTS t
          DROP TRIGGER "if"                | DROP TRIGGER IF EXISTS "if"
          DROP VIEW IF EXISTS v            | DROP VIEW IF EXISTS v
          ALTER TABLE t ADD b              | ALTER TABLE t ADD b
          INSERT INTO t VALUES (1)         | INSERT INTO t VALUES (1)
          EXPLAIN DROP TABLE t             | EXPLAIN DROP TABLE t
          """)
  void conditionIsPutInWhereItIsMissing(String sql, String expected) throws SQLException {
    String with = SqlStatement.scan(sql).withIfExists();
    assertThat(with).isEqualTo(expected);
    assertThat(SqlStatement.parse(with).withIfExists()).isEqualTo(with);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      quoteCharacter = '§',
      textBlock =
          """
          CREATE INDEX i ON t(a)                                    | a
          CREATE UNIQUE INDEX main."i(x" ON "t(1" (a, "b,c" DESC)   | a;"b,c"
          CREATE INDEX i ON t(a COLLATE nocase ASC, b COLLATE "x")  | a;b
          CREATE INDEX i ON t(lower(a), (a || ',' || b) COLLATE nocase DESC) WHERE (a > 1) | lower(a);(a || ',' || b)
          CREATE INDEX i ON t(coalesce(a, 1) COLLATE x COLLATE y, a + b DESC) | coalesce(a, 1);a + b
          CREATE INDEX i ON t(a = b COLLATE nocase DESC)            | a = b COLLATE nocase
          CREATE INDEX i ON t(CASE a WHEN 1 THEN 2 END COLLATE x, (a) || (b) COLLATE x) | CASE a WHEN 1 THEN 2 END;(a) || (b) COLLATE x
          CREATE INDEX i ON t(CASE a WHEN 1 THEN CASE b WHEN 1 THEN 2 END END COLLATE x) | CASE a WHEN 1 THEN CASE b WHEN 1 THEN 2 END END
          """)
  void indexedExpressionsAreBare(String sql, String terms) {
    assertThat(String.join(";", SqlStatement.scan(sql).indexedExpressions())).isEqualTo(terms);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"CREATE INDEX", "CREATE INDEX i ON t", "CREATE INDEX i ON t(", "SELECT 1"})
  void withoutTermsThereAreNoIndexedExpressions(String sql) {
    assertThat(SqlStatement.scan(sql).indexedExpressions()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELEC FROM user",
        "SELECT",
        "SELECT 'abc",
        "SELECT \"abc",
        "SELECT 1__0",
        "SELECT * FROM",
        "INSERT INTO t VALUES (1",
        "UPDATE t SET",
        "CREATE TABLE t(a b c d, )",
        "CREATE TABLE unknown.t(a,)",
        "CREATE TABLE t(a) WITHOUT",
        "CREATE TABLE t(a) FOO",
        "SELECT * FROM a INNER LEFT JOIN b",
        "CREATE TRIGGER r AFTER INSERT ON missing BEGIN garbage; END",
        "CREATE TRIGGER aux.r INSTEAD OF INSERT ON aux.missing BEGIN SELECT; END",
        "CREATE TRIGGER r AFTER INSERT ON missing BEGIN SELECT 1; END x",
        "CREATE TRIGGER r AFTER INSERT ON t BEGIN END",
        "CREATE TRIGGER r AFTER INSERT ON select BEGIN SELECT 1; END",
        "CREATE TABLE select.t(a)",
        "CREATE TABLE if(a)",
        "CREATE VIRTUAL TABLE aux.v USING",
        "ALTER TABLE missing ADD a DEFAULT",
        "PRAGMA x\u000B",
        "PRAGMA",
        "PRAGMA select",
        "PRAGMA foreign_keys =",
        "PRAGMA foreign_keys(1, 2)",
        "EXPLAIN EXPLAIN SELECT 1",
        "BEGIN SOMETIMES",
        "COMMIT NOW",
        "SET TRANSACTION READ ONLY",
        "SELECT 1 ! 2",
        "(SELECT 1)",
        "backup to x.db"
      })
  void wrongTextIsRefused(String sql) {
    assertThatExceptionOfType(SQLSyntaxErrorException.class)
        .isThrownBy(() -> SqlStatement.parseAll("SELECT 1; " + sql))
        .withMessageStartingWith("Invalid SQL: ")
        .withMessageEndingWith(", in: " + sql)
        .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("42000"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT a FROM missing WHERE unknown(b) MATCH 1",
        "select sql from sqlite_schema where lower(name) = lower('Genre')",
        "SELECT * FROM user where name = ';';",
        "INSERT INTO missing(a) VALUES (?) RETURNING *",
        "INSERT INTO ha_table(x, y) VALUES (1, 2)",
        "CREATE TABLE unknown.t(a INTEGER PRIMARY KEY)",
        "CREATE TEMP TABLE main.t(a)",
        "CREATE VIRTUAL TABLE v USING missing(a; b)",
        "CREATE INDEX i ON missing(a)",
        "CREATE TRIGGER r INSTEAD OF INSERT ON missing BEGIN SELECT 1; END",
        "CREATE TRIGGER aux.r BEFORE UPDATE OF a, b ON missing BEGIN DELETE FROM x; END",
        "DROP TABLE missing",
        "ALTER TABLE missing RENAME COLUMN a TO b",
        "ATTACH 'x.db' AS x",
        "DETACH x",
        "VACUUM INTO ?",
        "ANALYZE missing",
        "REINDEX missing",
        "SAVEPOINT a",
        "RELEASE missing",
        "PRAGMA aux.user_version = 3",
        "EXPLAIN PRAGMA user_version = 3",
        "WITH c AS (SELECT 1) UPDATE missing SET a = (SELECT * FROM c) FROM b WHERE b.x = 1"
      })
  void missingNamesAreNoErrorOfTheText(String sql) throws SQLException {
    assertThat(SqlStatement.parse(sql)).isEqualTo(SqlStatement.scan(sql));
  }

  @Test
  void severalStatementsAreNotOne() throws SQLException {
    String sql = "SELECT * FROM user where name = ';'; DELETE FROM user WHERE id = 1;";
    assertThatExceptionOfType(SQLSyntaxErrorException.class)
        .isThrownBy(() -> SqlStatement.parse(sql))
        .withMessageContaining("2 statements");
    assertThat(SqlStatement.parseAll(sql)).hasSize(2);
    assertThat(SqlStatement.scan(sql).type()).isEqualTo(Type.SELECT);
  }

  @Test
  void longTextIsCutInTheMessage() {
    String sql = "SELEC '" + "\uD83D\uDE00".repeat(200) + "'";
    assertThatExceptionOfType(SQLSyntaxErrorException.class)
        .isThrownBy(() -> SqlStatement.parse(sql))
        .satisfies(
            e -> {
              assertThat(e.getMessage()).hasSizeLessThan(250).endsWith("\uD83D\uDE00...");
              assertThat(e.getMessage()).contains("syntax error");
            });
  }

  @Test
  void checkingAPragmaDoesNotRunIt() throws SQLException {
    // This one holds for the whole process.
    try (var connection = DriverManager.getConnection("jdbc:sqlite::memory:");
        var statement = connection.createStatement()) {
      long before = number(statement, "PRAGMA soft_heap_limit");
      SqlStatement.parse("PRAGMA soft_heap_limit = 1234567");
      SqlStatement.parse("EXPLAIN PRAGMA \"soft_heap_limit\"(1234567)");
      assertThat(number(statement, "PRAGMA soft_heap_limit")).isEqualTo(before);
    }
  }

  @Test
  void statementsAreEqualIfTheirTextsAre() {
    SqlStatement one = SqlStatement.scan("SELECT 1;");
    SqlStatement same = SqlStatement.scan(" SELECT 1");
    assertThat(one).isEqualTo(same).hasSameHashCodeAs(same).hasToString("SELECT 1");
    assertThat(one).isNotEqualTo(SqlStatement.scan("select 1"));
  }

  @Test
  void deeplyNestedTextIsRead() {
    String sql = "SELECT " + "(".repeat(50_000) + "1";
    assertThat(SqlStatement.scan(sql).tokens()).hasSize(50_002);
    assertThat(SqlStatement.scan("SELECT " + ")".repeat(50_000)).columns()).hasSize(1);
  }

  private static long number(Statement statement, String sql) throws SQLException {
    try (var rows = statement.executeQuery(sql)) {
      return rows.getLong(1);
    }
  }

  private static List<String> texts(String sql) {
    return SqlStatement.scanAll(sql).stream().map(SqlStatement::text).toList();
  }

  private static List<String> parameters(String sql) {
    SqlStatement statement = SqlStatement.scan(sql);
    assertThat(statement.parameterCount()).isEqualTo(statement.parameters().size());
    return statement.parameters();
  }

  private static String kinds(String sql) {
    return SqlStatement.scan(sql).tokens().stream()
        .map(token -> token.kind().name())
        .collect(Collectors.joining(" "));
  }
}
