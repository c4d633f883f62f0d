package io.hasqlite.integration.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.engine.HaSqlite;
import io.hasqlite.integration.Node;
import io.hasqlite.integration.TwoNodes;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.batch.autoconfigure.BatchAutoConfiguration;
import org.springframework.boot.batch.jdbc.autoconfigure.BatchJdbcAutoConfiguration;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Sort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.orm.ObjectOptimisticLockingFailureException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** JPA with Hibernate on two nodes; Hibernate makes the schema. */
@ExtendWith(OutputCaptureExtension.class)
class JpaIntegrationTests {

  @RegisterExtension
  static final TwoNodes nodes =
      new TwoNodes(
          Application.class,
          "spring.jpa.hibernate.ddl-auto=update",
          "spring.jpa.properties.hibernate.jdbc.batch_size=20");

  private final Node one = nodes.one();
  private final Node two = nodes.two();
  private final Accounts here = one.bean(Accounts.class);
  private final Accounts there = two.bean(Accounts.class);

  @BeforeEach
  void clear() {
    here.deleteAllInBatch();
    two.awaitAllOf(one);
  }

  @Test
  void anEntityWithAllTypesIsReadOnTheOtherNode() throws Exception {
    Account saved = here.save(new Account("ann", 100).withAllTypes());
    two.awaitAllOf(one);

    assertThat(there.findById(saved.id()))
        .get()
        .usingRecursiveComparison()
        .ignoringFields("id")
        .isEqualTo(new Account("ann", 100).withAllTypes());
    one.assertSameAs(two);
  }

  @Test
  void queriesOfAllKindsWorkOnBothNodes() throws Exception {
    here.saveAll(
        IntStream.range(0, 25).mapToObj(i -> new Account("p%02d".formatted(i), i)).toList());
    two.awaitAllOf(one);
    assertThat(there.findByOwnerContainingOrderByOwnerDesc("2"))
        .extracting(Account::owner)
        .containsExactly("p24", "p23", "p22", "p21", "p20", "p12", "p02");
    assertThat(there.findAll(PageRequest.of(2, 10, Sort.by("owner").descending())))
        .extracting(Account::owner)
        .containsExactly("p04", "p03", "p02", "p01", "p00");
    int raised = read(two, em -> there.raise("p0%", 100));
    assertThat(raised).isEqualTo(10);
    one.awaitAllOf(two);
    assertThat(here.findByOwner("p03")).get().extracting(Account::cents).isEqualTo(103L);
    one.assertSameAs(two);
  }

  @Test
  void oneTransactionOfManyInsertsIsOneMessage() throws Exception {
    long before = one.bean(HaSqlite.class).status().position();
    in(
        one,
        em -> {
          for (int i = 0; i < 100; i++) {
            em.persist(new Note("note " + i));
          }
        });
    assertThat(one.bean(HaSqlite.class).status().position()).isEqualTo(before + 1);
    two.awaitAllOf(one);
    long seen =
        read(
            two, em -> em.createQuery("select count(n) from Note n", Long.class).getSingleResult());
    assertThat(seen).isEqualTo(100);
    one.assertSameAs(two);
  }

  @Test
  void aStaleEntityIsRefused() {
    Account old = here.save(new Account("ann", 100));
    two.awaitAllOf(one);
    in(two, em -> em.find(Account.class, old.id()).add(5));
    one.awaitAllOf(two);

    old.add(7);
    assertThatThrownBy(() -> here.save(old))
        .isInstanceOf(ObjectOptimisticLockingFailureException.class);
    assertThatThrownBy(() -> here.delete(old))
        .isInstanceOf(ObjectOptimisticLockingFailureException.class);
  }

  @Test
  void ofTwoNodesThatUpdateAtTheSameMomentOneIsTold() throws Exception {
    Account saved = here.save(new Account("ann", 100));
    two.awaitAllOf(one);

    assertThatThrownBy(
            () ->
                in(
                    one,
                    em -> {
                      em.find(Account.class, saved.id()).add(5);
                      em.flush();
                      in(two, other -> other.find(Account.class, saved.id()).add(7));
                    }))
        .isInstanceOf(ConcurrencyFailureException.class);
    assertThatThrownBy(
            () ->
                in(
                    one,
                    em -> {
                      em.remove(em.find(Account.class, saved.id()));
                      em.flush();
                      in(two, other -> other.find(Account.class, saved.id()).add(10));
                    }))
        .isInstanceOf(ConcurrencyFailureException.class);

    in(one, em -> em.find(Account.class, saved.id()).add(1000));
    one.assertSameAs(two);
    assertThat(there.findById(saved.id()))
        .get()
        .satisfies(
            account -> {
              assertThat(account.cents()).isEqualTo(1117);
              assertThat(account.version()).isEqualTo(3);
            });
  }

  @Test
  void otherEntitiesAreNoConflict() throws Exception {
    Account ann = here.save(new Account("ann", 100));
    Account bob = here.save(new Account("bob", 100));
    two.awaitAllOf(one);
    in(
        one,
        em -> {
          em.find(Account.class, ann.id()).add(5);
          em.flush();
          in(two, other -> other.find(Account.class, bob.id()).add(7));
        });
    one.assertSameAs(two);
    assertThat(two.texts("SELECT cents FROM account ORDER BY owner")).containsExactly("105", "107");
  }

  @Test
  void twoNodesThatInsertTheSameAutomaticKeyCanBeTold() throws Exception {
    TransactionTemplate strict =
        new TransactionTemplate(one.bean(TransactionTemplate.class).getTransactionManager());
    strict.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
    assertThatThrownBy(
            () ->
                strict.executeWithoutResult(
                    status -> {
                      here.saveAndFlush(new Account("ann", 1));
                      there.saveAndFlush(new Account("bob", 2));
                    }))
        .isInstanceOf(ConcurrencyFailureException.class);
    strict.executeWithoutResult(status -> here.saveAndFlush(new Account("ann", 1)));
    one.assertSameAs(two);
    assertThat(two.texts("SELECT owner FROM account ORDER BY owner")).containsExactly("ann", "bob");
  }

  @Test
  void keysOfASequenceAreNeverGivenTwice() throws Exception {
    int each = 150;
    ExecutorService writers = Executors.newFixedThreadPool(2);
    List<Future<?>> written = new ArrayList<>();
    for (Node node : List.of(one, two)) {
      written.add(
          writers.submit(
              () -> {
                for (int i = 0; i < each; i++) {
                  persistTicket(node);
                }
              }));
    }
    for (Future<?> all : written) {
      all.get();
    }
    writers.shutdown();
    one.assertSameAs(two);
    assertThat(one.texts("SELECT count(*) FROM ticket")).containsExactly("" + 2 * each);
  }

  private static void persistTicket(Node node) {
    for (int attempt = 0; ; attempt++) {
      try {
        node.bean(Tickets.class).save(new Ticket("a seat"));
        return;
      } catch (ConcurrencyFailureException e) {
        assertThat(attempt).isLessThan(20);
      }
    }
  }

  @Test
  void aSequenceInsideOfATransactionThatHasBegunSaysWhatToDo() {
    in(one, em -> em.persist(new Ticket("first of a block")));
    assertThatThrownBy(
            () ->
                in(
                    one,
                    em -> {
                      em.createQuery("from Ticket", Ticket.class).getResultList();
                      for (int i = 0; i < 101; i++) {
                        em.persist(new Ticket("of the next block"));
                      }
                    }))
        .hasStackTraceContaining("use GenerationType.IDENTITY");
  }

  @Test
  void aPessimisticLockIsIgnoredWithAWarning(CapturedOutput output) {
    Account saved = here.save(new Account("ann", 100));
    in(
        one,
        em ->
            assertThat(em.find(Account.class, saved.id(), LockModeType.PESSIMISTIC_WRITE))
                .isNotNull());
    in(one, em -> em.lock(em.find(Account.class, saved.id()), LockModeType.PESSIMISTIC_READ));
    in(one, em -> assertThat(here.findLockedByOwner("ann")).isPresent());
    assertThat(output.getOut().split("has no effect: SQLite locks no rows", -1)).hasSize(2);
  }

  @Test
  void violatedConstraintsAreTranslated() {
    here.save(new Account("ann", 100));
    assertThatThrownBy(() -> here.save(new Account("ann", 100)))
        .isInstanceOf(DataIntegrityViolationException.class);
    assertThatThrownBy(() -> here.save(new Account(null, 100)))
        .isInstanceOf(DataIntegrityViolationException.class);
    Account bob = here.save(new Account("bob", 100));
    assertThatThrownBy(() -> in(one, em -> em.find(Account.class, bob.id()).rename("ann")))
        .as("at the flush of the commit")
        .isInstanceOf(DataIntegrityViolationException.class);
  }

  @Test
  void theSchemaIsMadeOnceAndWhatIsTemporaryStaysHere() throws Exception {
    assertThat(
            one.texts(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'ha\\_%' ESCAPE '\\' ORDER BY 1"))
        .containsExactly("account", "note", "ticket", "ticket_seq");
    in(
        one,
        em ->
            em.createQuery("insert into Ticket(title) select n.text from Note n").executeUpdate());
    one.assertSameAs(two);
    assertThat(
            two.bean(JdbcClient.class).sql("SELECT count(*) FROM ticket_seq").query().listOfRows())
        .hasSize(1);
  }

  private static <T> T read(Node node, Function<EntityManager, T> work) {
    return node.bean(TransactionTemplate.class)
        .execute(status -> work.apply(node.bean(EntityManager.class)));
  }

  private static void in(Node node, Consumer<EntityManager> work) {
    node.bean(TransactionTemplate.class)
        .executeWithoutResult(status -> work.accept(node.bean(EntityManager.class)));
  }

  @SpringBootApplication(
      exclude = {
        DataJdbcRepositoriesAutoConfiguration.class,
        BatchAutoConfiguration.class,
        BatchJdbcAutoConfiguration.class
      })
  static class Application {}
}
