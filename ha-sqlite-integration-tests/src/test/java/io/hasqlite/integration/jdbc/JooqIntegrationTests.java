package io.hasqlite.integration.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.table;

import io.hasqlite.integration.Node;
import io.hasqlite.integration.TwoNodes;
import java.util.List;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.transaction.support.TransactionTemplate;

/** jOOQ on two nodes. */
class JooqIntegrationTests {

  private static final Table<?> PRODUCT = table(name("product"));
  private static final Field<Long> ID = field(name("id"), Long.class);
  private static final Field<Long> VERSION = field(name("version"), Long.class);
  private static final Field<String> NAME = field(name("name"), String.class);
  private static final Field<Long> CENTS = field(name("cents"), Long.class);

  @RegisterExtension static final TwoNodes nodes = JdbcApplication.nodes();

  private final Node one = nodes.one();
  private final Node two = nodes.two();
  private final DSLContext here = one.bean(DSLContext.class);
  private final DSLContext there = two.bean(DSLContext.class);

  @BeforeEach
  void clear() {
    here.deleteFrom(table(name("tag"))).execute();
    here.deleteFrom(PRODUCT).execute();
    two.awaitAllOf(one);
  }

  @Test
  void theDialectIsFoundAndRowsTravel() throws Exception {
    assertThat(here.dialect()).isEqualTo(SQLDialect.SQLITE);
    Long id =
        here.insertInto(PRODUCT, VERSION, NAME).values(1L, "pear").returningResult(ID).fetchOne(ID);
    here.batch(
            here.insertInto(PRODUCT, VERSION, NAME).values(1L, "fig"),
            here.insertInto(PRODUCT, VERSION, NAME).values(1L, "plum"))
        .execute();
    here.insertInto(PRODUCT, VERSION, NAME, CENTS)
        .values(1L, "fig", 7L)
        .onConflict(NAME)
        .doUpdate()
        .set(CENTS, 7L)
        .execute();
    two.awaitAllOf(one);

    assertThat(there.select(NAME).from(PRODUCT).where(ID.eq(id)).fetchOne(NAME)).isEqualTo("pear");
    assertThat(there.select(CENTS).from(PRODUCT).where(NAME.eq("fig")).fetchOne(CENTS))
        .isEqualTo(7L);
    assertThat(
            there.select(count()).from(PRODUCT).where(NAME.like("p%")).fetchOne(count()).intValue())
        .isEqualTo(2);
    one.assertSameAs(two);
  }

  @Test
  void transactionsOfSpringAndOfJooqAreOne() throws Exception {
    TransactionTemplate transaction = one.bean(TransactionTemplate.class);
    assertThatThrownBy(
            () ->
                transaction.executeWithoutResult(
                    status -> {
                      here.insertInto(PRODUCT, VERSION, NAME).values(1L, "pear").execute();
                      throw new IllegalStateException("on purpose");
                    }))
        .hasMessage("on purpose");
    here.transaction(
        outer -> {
          outer.dsl().insertInto(PRODUCT, VERSION, NAME).values(1L, "fig").execute();
          assertThatThrownBy(
                  () ->
                      outer
                          .dsl()
                          .transaction(
                              nested -> {
                                nested
                                    .dsl()
                                    .insertInto(PRODUCT, VERSION, NAME)
                                    .values(1L, "plum")
                                    .execute();
                                throw new IllegalStateException("on purpose");
                              }))
              .hasMessage("on purpose");
        });
    two.awaitAllOf(one);
    assertThat(there.select(NAME).from(PRODUCT).fetch(NAME)).isEqualTo(List.of("fig"));
    one.assertSameAs(two);
  }

  @Test
  void exceptionsAreTranslated() {
    here.insertInto(PRODUCT, VERSION, NAME).values(1L, "pear").execute();
    assertThatThrownBy(() -> here.insertInto(PRODUCT, VERSION, NAME).values(1L, "pear").execute())
        .isInstanceOf(DuplicateKeyException.class);
    assertThatThrownBy(() -> here.update(PRODUCT).set(CENTS, -1L).execute())
        .isInstanceOf(DataIntegrityViolationException.class);
  }

  @Test
  void aVersionThatIsComparedHoldsAgainstTheOtherNode() throws Exception {
    here.insertInto(PRODUCT, ID, VERSION, NAME).values(5L, 1L, "pear").execute();
    two.awaitAllOf(one);
    TransactionTemplate transaction = one.bean(TransactionTemplate.class);
    assertThatThrownBy(
            () ->
                transaction.executeWithoutResult(
                    status -> {
                      assertThat(setCents(here, 1)).isEqualTo(1);
                      assertThat(setCents(there, 2)).isEqualTo(1);
                    }))
        .isInstanceOf(ConcurrencyFailureException.class);
    assertThat(setCents(here, 1)).as("the version is another one now").isZero();
    one.assertSameAs(two);
  }

  private static int setCents(DSLContext dsl, long cents) {
    return dsl.update(PRODUCT)
        .set(CENTS, cents)
        .set(VERSION, 2L)
        .where(ID.eq(5L))
        .and(VERSION.eq(1L))
        .execute();
  }
}
