package io.hasqlite;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The data path as a rule: which package may know which. */
class ArchitectureTests {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.hasqlite");

  private static final Map<String, List<String>> MAY_KNOW =
      Map.ofEntries(
          Map.entry("sql", List.of()),
          Map.entry("changeset", List.of()),
          Map.entry("server", List.of()),
          Map.entry("sqlite", List.of("sql")),
          Map.entry("stream", List.of()),
          Map.entry("stream.nats", List.of("stream")),
          Map.entry("capture", List.of("changeset", "sql", "sqlite")),
          Map.entry("outbox", List.of("changeset", "sqlite")),
          Map.entry("publish", List.of("changeset", "outbox", "sqlite", "stream")),
          Map.entry("apply", List.of("capture", "changeset", "outbox", "sql", "sqlite")),
          Map.entry(
              "commit",
              List.of("apply", "changeset", "outbox", "publish", "sql", "sqlite", "stream")),
          Map.entry("jdbc", List.of("capture", "changeset", "commit", "sql", "sqlite")),
          Map.entry("snapshot", List.of("apply", "sqlite", "stream")),
          Map.entry("subscribe", List.of("apply", "changeset", "snapshot", "sqlite", "stream")),
          Map.entry("verify", List.of("apply", "capture", "changeset", "sqlite", "stream")));

  @TestFactory
  List<DynamicTest> packagesKnowOnlyTheStepsBeforeThem() {
    return MAY_KNOW.entrySet().stream()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.getKey(), () -> check(entry.getKey(), entry.getValue())))
        .toList();
  }

  private static void check(String name, List<String> known) {
    String[] allowed =
        java.util.stream.Stream.of(
                java.util.stream.Stream.of("io.hasqlite", "io.hasqlite." + name),
                known.stream().map(other -> "io.hasqlite." + other))
            .flatMap(names -> names)
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage("io.hasqlite." + name)
        .should()
        .dependOnClassesThat(
            are(resideInAPackage("io.hasqlite.."))
                .and(
                    com.tngtech.archunit.base.DescribedPredicate.not(
                        com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage(
                            allowed))))
        .check(CLASSES);
  }

  @Test
  void everyPackageHasItsRule() {
    List<String> packages =
        CLASSES.stream()
            .map(type -> type.getPackageName())
            .distinct()
            .filter(name -> !name.equals("io.hasqlite") && !name.equals("io.hasqlite.engine"))
            .map(name -> name.substring("io.hasqlite.".length()))
            .toList();
    org.assertj.core.api.Assertions.assertThat(MAY_KNOW.keySet()).containsAll(packages);
  }

  @Test
  void thereAreNoCycles() {
    slices().matching("io.hasqlite.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void onlyTheAdaptersKnowNatsAndTheDriver() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.hasqlite.stream.nats")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.nats..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "io.hasqlite.sqlite", "io.hasqlite.jdbc", "io.hasqlite.capture", "io.hasqlite.apply")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.sqlite..")
        .check(CLASSES);
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.springframework..")
        .check(CLASSES);
  }

  @Test
  void nothingSleeps() {
    noClasses().should().callMethod(Thread.class, "sleep", long.class).check(CLASSES);
    noClasses().should().callMethod(System.class, "currentTimeMillis").check(CLASSES);
  }

  @Test
  void exceptionsOfTheApiHaveOneRoot() {
    classes()
        .that()
        .areAssignableTo(RuntimeException.class)
        .should()
        .beAssignableTo(HaSqliteException.class)
        .check(CLASSES);
  }
}
