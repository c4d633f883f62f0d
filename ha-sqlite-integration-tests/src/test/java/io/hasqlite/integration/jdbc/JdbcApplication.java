package io.hasqlite.integration.jdbc;

import io.hasqlite.integration.TwoNodes;
import jakarta.servlet.http.HttpSession;
import java.util.stream.IntStream;
import org.springframework.batch.core.configuration.annotation.StepScope;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.support.ListItemReader;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** An application with everything of Spring that speaks JDBC. */
@SpringBootApplication(
    exclude = {HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class})
class JdbcApplication {

  /** The nodes that all test classes here share. */
  static TwoNodes nodes() {
    return TwoNodes.shared(
        WebApplicationType.SERVLET,
        JdbcApplication.class,
        "spring.sql.init.mode=always",
        "spring.sql.init.schema-locations=classpath:io/hasqlite/integration/jdbc/schema.sql",
        "spring.batch.jdbc.initialize-schema=always",
        "spring.batch.job.enabled=false",
        "spring.session.jdbc.initialize-schema=always");
  }

  @Configuration
  @EnableResilientMethods
  static class Resilience {}

  @Configuration
  static class Jobs {

    /** For each run of the job its own: a reader remembers what it has read. */
    @Bean
    @StepScope
    ListItemReader<String> rows() {
      return new ListItemReader<>(IntStream.range(0, 35).mapToObj(i -> "imported " + i).toList());
    }

    @Bean
    Job importJob(
        JobRepository jobs,
        PlatformTransactionManager transactions,
        JdbcClient jdbc,
        ListItemReader<String> rows) {
      return new JobBuilder("import", jobs)
          .start(
              new StepBuilder("rows", jobs)
                  .<String, String>chunk(10)
                  .transactionManager(transactions)
                  .reader(rows)
                  .writer(
                      names ->
                          names.forEach(
                              name ->
                                  jdbc.sql(
                                          "INSERT INTO product(version, name, kind) VALUES (1, ?,"
                                              + " 'FRUIT')")
                                      .param(name)
                                      .update()))
                  .build())
          .build();
    }
  }

  @RestController
  static class Visits {

    @GetMapping("/visits")
    int visits(HttpSession session) {
      Integer before = (Integer) session.getAttribute("visits");
      int now = before == null ? 1 : before + 1;
      session.setAttribute("visits", now);
      return now;
    }
  }
}
