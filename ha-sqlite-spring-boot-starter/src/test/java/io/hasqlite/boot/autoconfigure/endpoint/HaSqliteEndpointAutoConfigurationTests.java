package io.hasqlite.boot.autoconfigure.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.boot.autoconfigure.HaSqliteAutoConfiguration;
import io.hasqlite.boot.endpoint.HaSqliteEndpoint;
import io.hasqlite.engine.HaSqlite;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.jmx.JmxEndpointAutoConfiguration;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.OperationType;
import org.springframework.boot.actuate.endpoint.jmx.JmxEndpointsSupplier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.jmx.JmxAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

class HaSqliteEndpointAutoConfigurationTests {

  @TempDir Path directory;

  private ApplicationContextRunner runner;

  @BeforeEach
  void prepare() {
    runner =
        new ApplicationContextRunner()
            .withConfiguration(
                AutoConfigurations.of(
                    HaSqliteAutoConfiguration.class,
                    EndpointAutoConfiguration.class,
                    JmxAutoConfiguration.class,
                    JmxEndpointAutoConfiguration.class,
                    HaSqliteEndpointAutoConfiguration.class))
            .withPropertyValues(
                "ha.sqlite.path=" + directory.resolve("app.db"),
                "ha.sqlite.node-name=n1",
                "spring.jmx.enabled=true",
                "management.endpoints.jmx.exposure.include=hasqlite");
  }

  private static Set<OperationType> operations(ApplicationContext context) {
    Set<OperationType> types = EnumSet.noneOf(OperationType.class);
    context.getBean(JmxEndpointsSupplier.class).getEndpoints().stream()
        .filter(endpoint -> endpoint.getEndpointId().equals(EndpointId.of("hasqlite")))
        .flatMap(endpoint -> endpoint.getOperations().stream())
        .forEach(operation -> types.add(operation.getType()));
    return types;
  }

  @Test
  void onlyReadingIsAllowedByDefault() {
    runner.run(
        context -> {
          assertThat(operations(context)).containsExactly(OperationType.READ);
          assertThat(context.getBean(HaSqliteEndpoint.class).databases().get("app.db"))
              .containsEntry("state", "standalone");
        });
  }

  @Test
  void writingIsAllowedOnRequest() {
    runner
        .withPropertyValues("management.endpoint.hasqlite.access=UNRESTRICTED")
        .run(
            context ->
                assertThat(operations(context))
                    .containsExactlyInAnyOrder(
                        OperationType.READ, OperationType.WRITE, OperationType.DELETE));
  }

  @Test
  void isAbsentWhereItIsNotExposed() {
    runner
        .withPropertyValues("management.endpoints.jmx.exposure.include=health")
        .run(context -> assertThat(context).doesNotHaveBean(HaSqliteEndpoint.class));
  }

  @Test
  void endpointOfTheUserWins() {
    HaSqliteEndpoint mine = new HaSqliteEndpoint(Set.of());
    runner
        .withBean("mine", HaSqliteEndpoint.class, () -> mine)
        .run(context -> assertThat(context.getBean(HaSqliteEndpoint.class)).isSameAs(mine));
  }

  @Test
  void isAbsentWithoutADatabase() {
    runner
        .withPropertyValues("ha.sqlite.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(HaSqliteEndpoint.class));
  }

  @Test
  void isAbsentWithoutActuator() {
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(HaSqliteAutoConfiguration.class))
        .withPropertyValues("ha.sqlite.path=" + directory.resolve("app.db"))
        .withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
        .run(context -> assertThat(context).hasNotFailed().hasSingleBean(HaSqlite.class));
  }
}
