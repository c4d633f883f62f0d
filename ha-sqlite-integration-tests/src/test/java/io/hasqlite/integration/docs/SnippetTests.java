package io.hasqlite.integration.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.boot.autoconfigure.HaSqliteProperties;
import io.hasqlite.docs.Snippet;
import io.hasqlite.stream.DeliverPolicy;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.core.convert.converter.Converter;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** Tries what the pages show, block by block, as far as a block stands for itself. */
class SnippetTests {

  private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)\\s]+)\\)");

  private static final Map<String, Object> VARIABLES =
      Map.of("NODE", "node1", "NATS_PASSWORD", "secret");

  @TempDir Path folder;

  /** All pages of the repository. */
  static List<String> pages() throws IOException {
    List<String> pages = new ArrayList<>(List.of("README.md"));
    try (Stream<Path> files = Files.list(Snippet.root().resolve("docs"))) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".md"))
          .sorted()
          .forEach(name -> pages.add("docs/" + name));
    }
    return pages;
  }

  private static List<Snippet> snippets(String language) throws IOException {
    List<Snippet> snippets = new ArrayList<>();
    for (String page : pages()) {
      Snippet.of(page).stream().filter(snippet -> snippet.is(language)).forEach(snippets::add);
    }
    assertThat(snippets).isNotEmpty();
    return snippets;
  }

  static List<Snippet> yaml() throws IOException {
    return snippets("yaml");
  }

  static List<Snippet> xml() throws IOException {
    return snippets("xml");
  }

  @ParameterizedTest
  @MethodSource
  @DisplayName("What is configured below ha.sqlite exists")
  void yaml(Snippet snippet) throws IOException {
    MutablePropertySources shown = new MutablePropertySources();
    for (PropertySource<?> source :
        new YamlPropertySourceLoader()
            .load(
                snippet.page(),
                new ByteArrayResource(snippet.text().getBytes(StandardCharsets.UTF_8)))) {
      shown.addFirst(source);
    }
    shown.addLast(new MapPropertySource("variables", VARIABLES));
    new ApplicationContextRunner()
        .withUserConfiguration(Properties.class)
        .withInitializer(
            context -> shown.forEach(context.getEnvironment().getPropertySources()::addLast))
        .run(context -> assertThat(context).hasNotFailed());
  }

  @EnableConfigurationProperties(HaSqliteProperties.class)
  static class Properties {

    @Bean
    @ConfigurationPropertiesBinding
    static Converter<String, DeliverPolicy> deliverPolicy() {
      return new Converter<>() {
        @Override
        public DeliverPolicy convert(String text) {
          return DeliverPolicy.parse(text);
        }
      };
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  @DisplayName(
      "Whole classes are compiled, and other lines of Java are some that are run elsewhere")
  void java(String page) throws IOException {
    List<Snippet> whole = new ArrayList<>();
    for (Snippet snippet : Snippet.of(page)) {
      if (snippet.is("java") && Sources.isWhole(snippet)) {
        whole.add(snippet);
      } else if (snippet.is("java")) {
        assertThat(Sources.isRun(snippet)).as("%s is run:\n%s", page, snippet.text()).isTrue();
      }
    }
    assertThat(whole.isEmpty() ? "" : Sources.compile(whole, folder)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("pages")
  @DisplayName("Links within the project lead somewhere")
  void links(String page) throws IOException {
    Path file = Snippet.root().resolve(page);
    List<String> links =
        LINK.matcher(Files.readString(file)).results().map(link -> link.group(1)).toList();
    for (String link : links) {
      String[] parts = link.split("#", 2);
      Path target = parts[0].isEmpty() ? file : file.resolveSibling(parts[0]).normalize();
      assertThat(target).as("%s in %s", link, page).exists();
      if (parts.length > 1) {
        assertThat(anchors(target)).as("%s in %s", link, page).contains(parts[1]);
      }
    }
  }

  private static List<String> anchors(Path page) throws IOException {
    return Files.readAllLines(page).stream()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceAll("^#+ ", "").toLowerCase(Locale.ROOT))
        .map(title -> title.replaceAll("[^a-z0-9 _-]", "").replace(' ', '-'))
        .toList();
  }

  @ParameterizedTest
  @MethodSource
  @DisplayName("A dependency is one that this project knows")
  void xml(Snippet snippet) throws Exception {
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader("<x>" + snippet.text() + "</x>")));
    NodeList dependencies = document.getElementsByTagName("dependency");
    assertThat(dependencies.getLength()).isPositive();
    String known = System.getProperty("java.class.path");
    for (int i = 0; i < dependencies.getLength(); i++) {
      String artifact =
          ((Element) dependencies.item(i))
              .getElementsByTagName("artifactId")
              .item(0)
              .getTextContent();
      assertThat(known).contains(artifact);
    }
  }
}
