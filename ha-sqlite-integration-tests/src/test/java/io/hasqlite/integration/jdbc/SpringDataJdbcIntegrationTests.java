package io.hasqlite.integration.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.integration.Node;
import io.hasqlite.integration.TwoNodes;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Sort;
import org.springframework.transaction.support.TransactionTemplate;

/** Spring Data JDBC on two nodes. */
class SpringDataJdbcIntegrationTests {

  @RegisterExtension static final TwoNodes nodes = JdbcApplication.nodes();

  private final Node one = nodes.one();
  private final Node two = nodes.two();
  private final Products here = one.bean(Products.class);
  private final Products there = two.bean(Products.class);

  @BeforeEach
  void clear() {
    here.deleteAll();
    two.awaitAllOf(one);
  }

  @Test
  void anAggregateWithAllTypesIsReadOnTheOtherNode() throws Exception {
    Product saved = here.save(Product.withAllTypes("tart"));
    two.awaitAllOf(one);

    assertThat(saved.id()).isPositive();
    assertThat(there.findByName("tart"))
        .get()
        .usingRecursiveComparison()
        .ignoringFields("id", "version")
        .isEqualTo(Product.withAllTypes("tart"));
    assertThat(there.findByCreatedAfterAndActiveTrue(Instant.parse("2026-03-29T01:30:00.122Z")))
        .extracting(Product::id)
        .containsExactly(saved.id());
    assertThat(there.findByCreatedAfterAndActiveTrue(Instant.parse("2026-03-29T01:30:00.123Z")))
        .isEmpty();
    one.assertSameAs(two);
  }

  @Test
  void manyAreSavedAtOnceAndPaged() throws Exception {
    List<Product> saved =
        here.saveAll(
            java.util.stream.IntStream.range(0, 25)
                .mapToObj(i -> Product.named("p%02d".formatted(i)))
                .toList());
    two.awaitAllOf(one);

    assertThat(saved).extracting(Product::id).doesNotContainNull().doesNotHaveDuplicates();
    for (Product each : saved) {
      assertThat(there.findById(each.id())).get().extracting(Product::name).isEqualTo(each.name());
    }
    Page<Product> page =
        there.findByNameStartingWith("p", PageRequest.of(2, 10, Sort.by("name").descending()));
    assertThat(page.getTotalElements()).isEqualTo(25);
    assertThat(page).extracting(Product::name).containsExactly("p04", "p03", "p02", "p01", "p00");
    assertThat(there.findByNameContainingOrderByNameDesc("2"))
        .extracting(Product::name)
        .containsExactly("p24", "p23", "p22", "p21", "p20", "p12", "p02");
    assertThat(there.raise("p0%", 5)).isEqualTo(10);
    one.awaitAllOf(two);
    assertThat(here.findByName("p03")).get().extracting(Product::cents).isEqualTo(5L);
    one.assertSameAs(two);
  }

  @Test
  void aChangeAndADeletionReachTheOtherNode() throws Exception {
    Product saved = here.save(Product.withAllTypes("tart"));
    two.awaitAllOf(one);
    Product changed = there.save(there.findById(saved.id()).orElseThrow().withCents(1));
    one.awaitAllOf(two);
    assertThat(here.findById(saved.id())).get().extracting(Product::cents).isEqualTo(1L);
    here.delete(changed);
    two.awaitAllOf(one);
    assertThat(there.findAll()).isEmpty();
    assertThat(two.texts("SELECT label FROM tag")).isEmpty();
    one.assertSameAs(two);
  }

  @Test
  void aStaleAggregateIsRefused() {
    Product old = here.save(Product.named("tart"));
    two.awaitAllOf(one);
    there.save(there.findById(old.id()).orElseThrow().withCents(7));
    one.awaitAllOf(two);

    assertThatThrownBy(() -> here.save(old.withCents(8)))
        .isInstanceOf(OptimisticLockingFailureException.class);
    assertThatThrownBy(() -> here.delete(old))
        .isInstanceOf(OptimisticLockingFailureException.class);
  }

  @Test
  void ofTwoNodesThatSaveAtTheSameMomentOneIsTold() throws Exception {
    Product read = here.save(Product.named("tart"));
    two.awaitAllOf(one);

    assertThatThrownBy(
            () ->
                one.bean(TransactionTemplate.class)
                    .executeWithoutResult(
                        status -> {
                          here.save(read.withCents(1));
                          there.save(read.withCents(2));
                        }))
        .isInstanceOf(ConcurrencyFailureException.class);

    assertThat(here.findById(read.id())).get().extracting(Product::cents).isEqualTo(2L);
    one.assertSameAs(two);
  }

  @Test
  void violatedConstraintsAreTranslated() {
    here.save(Product.named("tart"));
    assertThatThrownBy(() -> here.save(Product.named("tart")))
        .isInstanceOf(DataIntegrityViolationException.class)
        .satisfiesAnyOf(
            e -> assertThat(e).isInstanceOf(DuplicateKeyException.class),
            e -> assertThat(e).hasCauseInstanceOf(DuplicateKeyException.class));
    assertThatThrownBy(() -> here.save(Product.named(null)))
        .isInstanceOf(DataIntegrityViolationException.class);
  }

  @Test
  void aLockHintIsIgnored() {
    Product saved = here.save(Product.named("tart").withCents(3));
    assertThat(here.findByCents(3)).extracting(Product::id).isEqualTo(List.of(saved.id()));
    assertThat(Set.copyOf(here.findByCents(4))).isEmpty();
  }
}
