package io.hasqlite.integration.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.integration.Node;
import io.hasqlite.integration.TwoNodes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.JobInstance;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Spring Batch's tables on two nodes. */
class SpringBatchIntegrationTests {

  @RegisterExtension static final TwoNodes nodes = JdbcApplication.nodes();

  private final Node one = nodes.one();
  private final Node two = nodes.two();

  private static JobExecution run(Node node, String date) throws Exception {
    return node.bean(JobOperator.class)
        .start(
            node.bean(Job.class),
            new JobParametersBuilder().addString("date", date).toJobParameters());
  }

  @Test
  void aJobOfOneNodeIsKnownToTheOther() throws Exception {
    two.bean(JdbcClient.class).sql("DELETE FROM product WHERE name LIKE 'imported %'").update();
    one.awaitAllOf(two);

    JobExecution execution = run(one, "2026-11-24");
    assertThat(execution.getStatus())
        .as("%s", execution.getAllFailureExceptions())
        .isEqualTo(BatchStatus.COMPLETED);
    two.awaitAllOf(one);

    JobRepository there = two.bean(JobRepository.class);
    JobInstance instance = there.getLastJobInstance("import");
    assertThat(instance).isNotNull();
    JobExecution seen = there.getLastJobExecution(instance);
    assertThat(seen.getId()).isEqualTo(execution.getId());
    assertThat(seen.getStatus()).isEqualTo(BatchStatus.COMPLETED);
    assertThat(seen.getStepExecutions())
        .singleElement()
        .satisfies(step -> assertThat(step.getWriteCount()).isEqualTo(35));
    assertThat(two.texts("SELECT count(*) FROM product WHERE name LIKE 'imported %'"))
        .containsExactly("35");
    one.assertSameAs(two);
  }

  @Test
  void ofTwoNodesThatStartTheSameJobOneRunsIt() throws Exception {
    one.bean(JdbcClient.class).sql("DELETE FROM product WHERE name LIKE 'imported %'").update();
    two.awaitAllOf(one);
    ExecutorService starters = Executors.newFixedThreadPool(2);
    try {
      List<Callable<JobExecution>> both =
          List.of(() -> run(one, "2026-11-25"), () -> run(two, "2026-11-25"));
      List<BatchStatus> ended = new ArrayList<>();
      for (Future<JobExecution> started : starters.invokeAll(both)) {
        try {
          ended.add(started.get().getStatus());
        } catch (java.util.concurrent.ExecutionException e) {
          assertThat(e.getCause()).hasMessageNotContaining("Exception in");
          ended.add(null);
        }
      }
      assertThat(ended).containsOnlyOnce(BatchStatus.COMPLETED);
    } finally {
      starters.shutdown();
    }
    one.assertSameAs(two);
    assertThat(one.texts("SELECT count(*) FROM product WHERE name LIKE 'imported %'"))
        .containsExactly("35");
  }
}
