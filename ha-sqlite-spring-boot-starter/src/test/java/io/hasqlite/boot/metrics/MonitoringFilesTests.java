package io.hasqlite.boot.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.apply.AppliedChanges;
import io.hasqlite.engine.ReplicationStatus;
import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.outbox.Backlog;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The dashboard and the alerts in the repository, compared with what Prometheus really gets. */
class MonitoringFilesTests {

  private static final Path FOLDER = Path.of("..", "monitoring");
  private static final Pattern METRIC = Pattern.compile("ha_sqlite_\\w+");
  private static final Pattern LABEL = Pattern.compile("(\\w+)\\s*(?:=~|!~|!=|=(?!=))\\s*\"");
  private static final Pattern LABEL_IN_TEXT = Pattern.compile("\\$labels\\.(\\w+)|\\{\\{(\\w+)}}");

  private static final Set<String> METRICS = new TreeSet<>();
  private static final Set<String> LABELS = new TreeSet<>();

  @BeforeAll
  static void scrape() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    DatabaseCounters counters = new DatabaseCounters(new NodeId("n1"), Clock.systemUTC());
    new DatabaseMetrics(
            MonitoringFilesTests::status,
            new DatabaseName("app.db"),
            new NodeId("n1"),
            counters,
            Clock.systemUTC())
        .bindTo(registry);
    counters.visible(
        new AppliedChanges(1, new Origin(new NodeId("n2"), 1), Instant.now(), List.of(), false));
    Pattern sample = Pattern.compile("(?m)^(ha_sqlite_\\w+)\\{(.*)} ");
    Matcher found = sample.matcher(registry.scrape());
    while (found.find()) {
      METRICS.add(found.group(1));
      Matcher label = LABEL.matcher(found.group(2));
      while (label.find()) {
        LABELS.add(label.group(1));
      }
    }
  }

  private static ReplicationStatus status() {
    return new ReplicationStatus(
        new NodeId("n1"),
        new DatabaseName("app.db"),
        Path.of("app.db"),
        State.RUNNING,
        true,
        "nats://127.0.0.1:4222",
        0,
        "s",
        7,
        9,
        2,
        Duration.ZERO,
        Backlog.EMPTY,
        null,
        0,
        null,
        null,
        List.of());
  }

  @Test
  @DisplayName("Every metric and label of the dashboard exists, and every metric is on it")
  void dashboard() throws IOException {
    Object dashboard = parse("grafana-dashboard.json");
    Set<String> expressions = new HashSet<>();
    collect(dashboard, "expr", expressions);
    Set<String> legends = new HashSet<>();
    collect(dashboard, "legendFormat", legends);

    assertThat(expressions).hasSizeGreaterThan(20);
    expressions.forEach(MonitoringFilesTests::assertKnown);
    legends.forEach(MonitoringFilesTests::assertKnownLabelsInText);
    Set<String> variables = new HashSet<>();
    collect(dashboard, "definition", variables);
    assertThat(variables).hasSize(2).allSatisfy(MonitoringFilesTests::assertKnown);
    assertThat(all(METRIC, String.join(" ", expressions)))
        .containsExactlyInAnyOrderElementsOf(METRICS);
  }

  @Test
  @DisplayName("Panels do not overlap and have ids of their own")
  @SuppressWarnings("unchecked")
  void panels() throws IOException {
    List<Map<String, Object>> panels =
        (List<Map<String, Object>>)
            ((Map<String, Object>) parse("grafana-dashboard.json")).get("panels");
    Set<Object> ids = new HashSet<>();
    Set<String> cells = new HashSet<>();
    for (Map<String, Object> panel : panels) {
      assertThat(ids.add(panel.get("id"))).as("id of %s", panel.get("title")).isTrue();
      Map<String, Integer> place = (Map<String, Integer>) panel.get("gridPos");
      assertThat(place.get("x") + place.get("w")).isLessThanOrEqualTo(24);
      for (int x = place.get("x"); x < place.get("x") + place.get("w"); x++) {
        for (int y = place.get("y"); y < place.get("y") + place.get("h"); y++) {
          assertThat(cells.add(x + "," + y)).as("place of %s", panel.get("title")).isTrue();
        }
      }
    }
  }

  @Test
  @DisplayName(
      "Every alert uses metrics and labels that exist, and says what it means and what to do")
  @SuppressWarnings("unchecked")
  void alerts() throws IOException {
    Map<String, Object> file = (Map<String, Object>) parse("prometheus-alerts.yml");
    List<Map<String, Object>> groups = (List<Map<String, Object>>) file.get("groups");
    List<Map<String, Object>> rules = (List<Map<String, Object>>) groups.get(0).get("rules");

    assertThat(groups).hasSize(1);
    assertThat(rules).extracting(rule -> rule.get("alert")).hasSize(13).doesNotHaveDuplicates();
    Set<String> states = new TreeSet<>();
    for (State state : State.values()) {
      states.add(state.name().toLowerCase(java.util.Locale.ROOT));
    }
    for (Map<String, Object> rule : rules) {
      String expression = (String) rule.get("expr");
      assertKnown(expression);
      Matcher state = Pattern.compile("state=\"(\\w+)\"").matcher(expression);
      while (state.find()) {
        assertThat(states).contains(state.group(1));
      }
      assertThat(((Map<String, String>) rule.get("labels")).get("severity"))
          .isIn("critical", "warning", "info");
      Map<String, String> texts = (Map<String, String>) rule.get("annotations");
      assertThat(texts).containsOnlyKeys("summary", "description");
      texts.values().forEach(MonitoringFilesTests::assertKnownLabelsInText);
    }
  }

  @Test
  @DisplayName("The runbook has an entry for every alert, and none for others")
  @SuppressWarnings("unchecked")
  void runbook() throws IOException {
    Map<String, Object> file = (Map<String, Object>) parse("prometheus-alerts.yml");
    List<Map<String, Object>> groups = (List<Map<String, Object>>) file.get("groups");
    List<Map<String, Object>> rules = (List<Map<String, Object>>) groups.get(0).get("rules");
    List<String> entries =
        Files.readAllLines(FOLDER.resolveSibling("docs").resolve("operations.md")).stream()
            .filter(line -> line.startsWith("### "))
            .map(line -> line.substring("### ".length()))
            .toList();

    assertThat(entries)
        .containsExactlyElementsOf(rules.stream().map(rule -> (String) rule.get("alert")).toList());
  }

  private static Object parse(String file) throws IOException {
    return new Yaml().load(Files.readString(FOLDER.resolve(file))); // JSON is YAML
  }

  private static void collect(Object node, String key, Set<String> values) {
    if (node instanceof Map<?, ?> map) {
      if (map.get(key) instanceof String text) {
        values.add(text);
      }
      map.values().forEach(value -> collect(value, key, values));
    } else if (node instanceof Collection<?> list) {
      list.forEach(value -> collect(value, key, values));
    }
  }

  private static void assertKnown(String expression) {
    assertThat(METRICS).as(expression).containsAll(all(METRIC, expression));
    assertThat(all(METRIC, expression)).as(expression).isNotEmpty();
    Matcher label = LABEL.matcher(expression);
    while (label.find()) {
      assertThat(LABELS).as(expression).contains(label.group(1));
    }
    Matcher by = Pattern.compile("by \\(([^)]*)\\)").matcher(expression);
    while (by.find()) {
      assertThat(LABELS).as(expression).containsAll(List.of(by.group(1).split(", ")));
    }
    assertThat(expression.chars().filter(c -> c == '(').count())
        .as(expression)
        .isEqualTo(expression.chars().filter(c -> c == ')').count());
  }

  private static void assertKnownLabelsInText(String text) {
    Matcher label = LABEL_IN_TEXT.matcher(text);
    while (label.find()) {
      assertThat(LABELS)
          .as(text)
          .contains(label.group(1) == null ? label.group(2) : label.group(1));
    }
  }

  private static Set<String> all(Pattern pattern, String text) {
    Set<String> found = new TreeSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group());
    }
    return found;
  }
}
