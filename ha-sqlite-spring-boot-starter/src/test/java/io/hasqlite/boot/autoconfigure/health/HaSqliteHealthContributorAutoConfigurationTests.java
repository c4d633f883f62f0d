package io.hasqlite.boot.autoconfigure.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.boot.autoconfigure.HaSqliteAutoConfiguration;
import io.hasqlite.boot.health.HaSqliteHealthIndicator;
import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.HaSqliteOptions;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.health.actuate.endpoint.CompositeHealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.IndicatedHealthDescriptor;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.AvailabilityProbesAutoConfiguration;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.application.AvailabilityHealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthContributors;
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
  void readinessIsAMemberOfBootsGroup() {
    withEndpoint()
        .withPropertyValues("ha.sqlite.health.max-lag=7s")
        .run(
            context -> {
              HealthDescriptor readiness =
                  context.getBean(HealthEndpoint.class).healthForPath("readiness");
              assertThat(readiness).isInstanceOf(CompositeHealthDescriptor.class);
              Map<String, HealthDescriptor> members =
                  ((CompositeHealthDescriptor) readiness).getComponents();
              assertThat(members).containsOnlyKeys("readinessState", "haSqliteReadiness");
              assertThat(
                      ((IndicatedHealthDescriptor) members.get("haSqliteReadiness")).getDetails())
                  .containsEntry("maxLagSeconds", 7.0);
              assertThat(
                      ((CompositeHealthDescriptor)
                              context.getBean(HealthEndpoint.class).healthForPath("liveness"))
                          .getComponents())
                  .containsOnlyKeys("livenessState");
            });
  }

  @Test
  void readinessGroupOfTheUserStaysAsItIs() {
    withEndpoint()
        .withPropertyValues("management.endpoint.health.group.readiness.include=readinessState")
        .run(
            context ->
                assertThat(
                        ((CompositeHealthDescriptor)
                                context.getBean(HealthEndpoint.class).healthForPath("readiness"))
                            .getComponents())
                    .containsOnlyKeys("readinessState"));
  }

  @Test
  void negativeLagIsRefused() {
    withEndpoint()
        .withPropertyValues("ha.sqlite.health.max-lag=-1s")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasStackTraceContaining("ha.sqlite.health.max-lag is PT-1S"));
  }

  private ApplicationContextRunner withEndpoint() {
    return runner
        .withConfiguration(
            AutoConfigurations.of(
                ApplicationAvailabilityAutoConfiguration.class,
                AvailabilityHealthContributorAutoConfiguration.class,
                HealthContributorRegistryAutoConfiguration.class,
                EndpointAutoConfiguration.class,
                HealthEndpointAutoConfiguration.class,
                AvailabilityProbesAutoConfiguration.class))
        .withPropertyValues(
            "management.endpoint.health.show-details=always",
            "management.endpoint.health.probes.enabled=true",
            "management.endpoints.web.exposure.include=health",
            "management.endpoints.jmx.exposure.include=health");
  }

  @Test
  void severalDatabasesAreComponents() {
    runner
        .withBean(
            "first",
            HaSqlite.class,
            () -> HaSqlite.open(HaSqliteOptions.builder(directory.resolve("app.db")).build()))
        .withBean(
            "second",
            HaSqlite.class,
            () -> HaSqlite.open(HaSqliteOptions.builder(directory.resolve("second.db")).build()),
            definition -> ((AbstractBeanDefinition) definition).setDefaultCandidate(false))
        .run(
            context -> {
              for (String bean :
                  new String[] {
                    "haSqliteHealthContributor", "haSqliteReadinessHealthContributor"
                  }) {
                CompositeHealthContributor all =
                    context.getBean(bean, CompositeHealthContributor.class);
                assertThat(all.stream().map(HealthContributors.Entry::name))
                    .containsExactlyInAnyOrder("app.db", "second.db");
              }
            });
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
