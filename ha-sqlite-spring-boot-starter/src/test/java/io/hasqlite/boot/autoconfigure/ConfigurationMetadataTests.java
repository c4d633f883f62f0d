package io.hasqlite.boot.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.util.StringUtils;

/** What an IDE shows, and what the README says about properties. */
class ConfigurationMetadataTests {

  private static final String HIKARI = "ha.sqlite.hikari";

  /** Stands in the README before the table of properties. */
  private static final String TABLE_MARKER = "<!-- properties -->";

  @Test
  void everyPropertyHasMetadata() throws IOException {
    assertThat(names(properties(HaSqliteProperties.class, "ha.sqlite")))
        .containsExactlyInAnyOrderElementsOf(names(ownProperties()));
  }

  @Test
  void everyPropertyIsDescribedInTheWordsOfBoot() throws IOException {
    for (Map<String, Object> property : ownProperties()) {
      String description = (String) property.get("description");
      assertThat(description)
          .as("%s", property.get("name"))
          .isNotBlank()
          .endsWith(".")
          .doesNotStartWith("The ")
          .doesNotStartWith("A ");
      if (Objects.equals(property.get("type"), Boolean.class.getName())) {
        assertThat(description).as("%s", property.get("name")).startsWith("Whether ");
      }
    }
  }

  @Test
  void everyDefaultIsVisible() throws IOException {
    Map<String, Object> defaults =
        ownProperties().stream()
            .filter(property -> property.containsKey("defaultValue"))
            .collect(
                Collectors.toMap(
                    property -> (String) property.get("name"),
                    property -> property.get("defaultValue")));

    for (Map<String, Object> property : properties(HaSqliteProperties.class, "ha.sqlite")) {
      if (property.containsKey("defaultValue")) {
        String name = (String) property.get("name");
        assertThat(defaults.get(name)).as(name).hasToString((String) property.get("defaultValue"));
      }
    }
  }

  @Test
  void choicesHaveHints() throws IOException {
    Set<String> hints = names(list(metadata(), "hints"));

    assertThat(hints)
        .contains(
            "ha.sqlite.row-identity",
            "ha.sqlite.bootstrap",
            "ha.sqlite.subscriber.deliver-policy",
            "ha.sqlite.subscriber.on-error",
            "ha.sqlite.pragmas.keys");
  }

  @Test
  void settingsOfThePoolAreThereButNotItsConnection() throws IOException {
    assertThat(names(list(metadata(), "properties")))
        .contains(HIKARI + ".maximum-pool-size", HIKARI + ".pool-name")
        .doesNotContain(HIKARI + ".jdbc-url", HIKARI + ".password");
  }

  @Test
  void readmeListsEveryProperty() throws IOException {
    Path readme = Path.of("..", "README.md");
    Assumptions.assumeTrue(Files.exists(readme), "There is no README.md");
    String text = Files.readString(readme);
    Assumptions.assumeTrue(text.contains(TABLE_MARKER), "README.md has no " + TABLE_MARKER);
    String table = text.substring(text.indexOf(TABLE_MARKER));
    List<String> missing = new ArrayList<>();
    for (String name : names(ownProperties())) {
      if (!isListed(table, name)) {
        missing.add(name);
      }
    }
    if (!missing.isEmpty()) {
      fail("README.md does not list " + missing);
    }
  }

  /** A row may hold several: {@code ha.sqlite.stream.name}, then {@code .replicas}. */
  private static boolean isListed(String table, String name) {
    if (table.contains("`" + name + "`") || table.contains("`" + name + ".*`")) {
      return true;
    }
    int dot = name.lastIndexOf('.');
    String parent = name.substring(0, dot);
    String last = name.substring(dot);
    return table
        .lines()
        .anyMatch(
            line ->
                line.contains("`" + parent + ".*`")
                    || line.contains("`" + parent + ".") && line.contains("`" + last + "`"));
  }

  private static List<Map<String, Object>> ownProperties() throws IOException {
    return list(metadata(), "properties").stream()
        .filter(property -> ((String) property.get("name")).startsWith("ha.sqlite."))
        .filter(property -> !((String) property.get("name")).startsWith(HIKARI))
        .toList();
  }

  /** Finds the properties of a record without the help of the metadata. */
  private static List<Map<String, Object>> properties(Class<?> type, String prefix) {
    List<Map<String, Object>> found = new ArrayList<>();
    RecordComponent[] components = type.getRecordComponents();
    Parameter[] parameters = type.getDeclaredConstructors()[0].getParameters();
    for (int i = 0; i < components.length; i++) {
      RecordComponent component = components[i];
      String name = prefix + "." + dashed(component.getName());
      if (component.getType().isRecord()) {
        found.addAll(properties(component.getType(), name));
      } else if (!name.startsWith(HIKARI)) {
        found.add(property(name, parameters[i].getAnnotation(DefaultValue.class)));
      }
    }
    return found;
  }

  private static Map<String, Object> property(String name, DefaultValue value) {
    return value == null || value.value().length == 0
        ? Map.of("name", name)
        : Map.of("name", name, "defaultValue", value.value()[0]);
  }

  private static String dashed(String name) {
    String dashed = name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    assertThat(ConfigurationPropertyName.isValid(dashed)).isTrue();
    return dashed;
  }

  private static Set<String> names(List<Map<String, Object>> entries) {
    return entries.stream()
        .map(entry -> (String) entry.get("name"))
        .filter(StringUtils::hasText)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> list(Map<String, Object> metadata, String name) {
    return (List<Map<String, Object>>) metadata.get(name);
  }

  private static Map<String, Object> metadata() throws IOException {
    URL classes = HaSqliteProperties.class.getProtectionDomain().getCodeSource().getLocation();
    URL metadata = new URL(classes, "META-INF/spring-configuration-metadata.json");
    try (InputStream in = metadata.openStream()) {
      return JsonParserFactory.getJsonParser()
          .parseMap(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
