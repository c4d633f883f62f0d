package io.hasqlite.integration.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.integration.Node;
import io.hasqlite.integration.TwoNodes;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.SimpleJdbcInsert;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.jdbc.support.KeyHolder;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** JdbcClient and JdbcTemplate on two nodes. */
class JdbcClientIntegrationTests {

  @RegisterExtension static final TwoNodes nodes = JdbcApplication.nodes();

  private final Node one = nodes.one();
  private final Node two = nodes.two();
  private final JdbcClient jdbc = one.bean(JdbcClient.class);

  @BeforeEach
  void clear() {
    jdbc.sql("DELETE FROM tag").update();
    jdbc.sql("DELETE FROM product").update();
    jdbc.sql("INSERT INTO product(id, version, name) VALUES (1, 1, 'pear'), (2, 1, 'fig')")
        .update();
    two.awaitAllOf(one);
  }

  @Test
  void generatedKeysOfOneRowAndOfABatch() throws Exception {
    KeyHolder key = new GeneratedKeyHolder();
    jdbc.sql("INSERT INTO product(version, name) VALUES (1, :name)")
        .param("name", "plum")
        .update(key, "id");
    Number inserted =
        new SimpleJdbcInsert(one.bean(JdbcTemplate.class))
            .withTableName("product")
            .usingColumns("version", "name")
            .usingGeneratedKeyColumns("id")
            .executeAndReturnKey(Map.of("version", 1, "name", "kiwi"));
    KeyHolder keys = new GeneratedKeyHolder();
    one.bean(JdbcTemplate.class)
        .batchUpdate(
            connection ->
                connection.prepareStatement(
                    "INSERT INTO product(version, name) VALUES (1, ?)", new String[] {"id"}),
            new org.springframework.jdbc.core.BatchPreparedStatementSetter() {
              @Override
              public void setValues(java.sql.PreparedStatement statement, int i)
                  throws java.sql.SQLException {
                statement.setString(1, "batch " + i);
              }

              @Override
              public int getBatchSize() {
                return 3;
              }
            },
            keys);
    two.awaitAllOf(one);

    String nameOf = "SELECT name FROM product WHERE id = ?";
    assertThat(two.texts(nameOf, key.getKeyAs(Number.class))).containsExactly("plum");
    assertThat(two.texts(nameOf, inserted)).containsExactly("kiwi");
    assertThat(keys.getKeyList()).hasSize(3);
    for (int i = 0; i < 3; i++) {
      assertThat(two.texts(nameOf, keys.getKeyList().get(i).get("id")))
          .containsExactly("batch " + i);
    }
    one.assertSameAs(two);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DuplicateKeyException           | INSERT INTO product(version, name) VALUES (1, 'fig')",
        "DuplicateKeyException           | INSERT INTO product(id, version, name) VALUES (1, 1, 'x')",
        "DataIntegrityViolationException | INSERT INTO product(version, name) VALUES (1, NULL)",
        "DataIntegrityViolationException | UPDATE product SET cents = -1",
        "DataIntegrityViolationException | INSERT INTO tag VALUES (99, 'x')",
        "DataIntegrityViolationException | UPDATE product SET id = 'x' WHERE id = 1",
        "BadSqlGrammarException          | SELECT * FROM nothing",
        "BadSqlGrammarException          | SELECT nothing FROM product",
        "BadSqlGrammarException          | SELEC",
      })
  void exceptionsOfStatementsAreTranslated(String expected, String sql) {
    assertThatThrownBy(() -> one.bean(JdbcTemplate.class).execute(sql))
        .extracting(e -> e.getClass().getSimpleName())
        .isEqualTo(expected);
  }

  @Test
  void aForeignKeyThatIsCheckedAtTheCommitIsTranslatedToo() {
    TransactionTemplate transaction = one.bean(TransactionTemplate.class);
    assertThatThrownBy(
            () ->
                transaction.executeWithoutResult(
                    status -> {
                      jdbc.sql("PRAGMA defer_foreign_keys = ON").update();
                      jdbc.sql("INSERT INTO tag VALUES (99, 'x')").update();
                    }))
        .isInstanceOf(DataIntegrityViolationException.class);
    assertThat(one.texts("SELECT label FROM tag")).isEmpty();
  }

  @Test
  void anOvertakenTransactionIsRetryable() throws Exception {
    TransactionTemplate transaction = new TransactionTemplate(transactionManager());
    transaction.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
    assertThatThrownBy(
            () ->
                transaction.executeWithoutResult(
                    status -> {
                      jdbc.sql("UPDATE product SET cents = 1 WHERE id = 1").update();
                      two.bean(JdbcClient.class)
                          .sql("UPDATE product SET cents = 2 WHERE id = 1")
                          .update();
                    }))
        .isInstanceOf(CannotAcquireLockException.class);
    transaction.executeWithoutResult(
        status -> jdbc.sql("UPDATE product SET cents = cents + 10 WHERE id = 1").update());
    one.assertSameAs(two);
    assertThat(two.texts("SELECT cents FROM product WHERE id = 1")).isEqualTo(List.of("12"));

    // The pool gives the level back.
    transaction.setIsolationLevel(TransactionDefinition.ISOLATION_DEFAULT);
    transaction.executeWithoutResult(
        status -> {
          jdbc.sql("UPDATE product SET cents = 3 WHERE id = 1").update();
          two.bean(JdbcClient.class).sql("UPDATE product SET cents = 4 WHERE id = 1").update();
        });
    one.assertSameAs(two);
    assertThat(two.texts("SELECT cents FROM product WHERE id = 1")).isEqualTo(List.of("3"));
  }

  private org.springframework.transaction.PlatformTransactionManager transactionManager() {
    return one.bean(org.springframework.transaction.PlatformTransactionManager.class);
  }
}
