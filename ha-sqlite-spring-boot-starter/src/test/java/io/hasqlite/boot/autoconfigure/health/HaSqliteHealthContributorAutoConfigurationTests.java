package io.hasqlite.boot.autoconfigure.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.boot.autoconfigure.HaSqliteAutoConfiguration;
import io.hasqlite.boot.health.HaSqliteHealthIndicator;
import io.hasqlite.engine.HaSqlite;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class HaSqliteHealthContributorAutoConfigurationTests {

  @TempDir Path directory;

  private ApplicationContextRunner runner;

  @BeforeEach
  void prepare() {
    runner =
        new ApplicationContextRunner()
            .withConfiguration(
                AutoConfigurations.of(
                    HaSqliteAutoConfiguration.class,
                    HaSqliteHealthContributorAutoConfiguration.class))
            .withPropertyValues(
                "ha.sqlite.path=" + directory.resolve("app.db"), "ha.sqlite.node-name=n1");
  }

  @Test
  void healthOfTheDatabaseIsShown() {
    runner.run(
        context -> {
          HealthIndicator indicator =
              context.getBean("haSqliteHealthContributor", HealthIndicator.class);
          assertThat(indicator).isInstanceOf(HaSqliteHealthIndicator.class);
          Health health = indicator.health();
          assertThat(health.getStatus().getCode()).isEqualTo("UP");
          assertThat(health.getDetails())
              .containsEntry("node", "n1")
              .containsEntry("state", "standalone");
          assertThat(health.getDetails().get("notices").toString()).contains("Standalone");
        });
  }

  @Test
  void indicatorOfTheUserWins() {
    runner
        .withBean(
            "haSqliteHealthIndicator", HealthIndicator.class, () -> () -> Health.unknown().build())
        .run(context -> assertThat(context).doesNotHaveBean("haSqliteHealthContributor"));
  }

  @Test
  void canBeSwitchedOff() {
    runner
        .withPropertyValues("management.health.ha-sqlite.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(HealthContributor.class));
  }

  @Test
  void isAbsentWithoutADatabase() {
    runner
        .withPropertyValues("ha.sqlite.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(HealthContributor.class));
  }

  @Test
  void isAbsentWithoutBootsHealth() {
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(HaSqliteAutoConfiguration.class))
        .withPropertyValues("ha.sqlite.path=" + directory.resolve("app.db"))
        .withClassLoader(
            new FilteredClassLoader("org.springframework.boot.health", "io.micrometer"))
        .run(context -> assertThat(context).hasNotFailed().hasSingleBean(HaSqlite.class));
  }
}
