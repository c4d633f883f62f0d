package io.hasqlite.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The snippets of docs/persistence.md are taken from the tests here. */
class DocumentationTests {

  private static final Pattern SNIPPET =
      Pattern.compile("<!-- snippet: (\\S+) -->\n```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern SOURCE =
      Pattern.compile("^ *// docs: (\\S+)\n(.*?)^ *// end\n", Pattern.DOTALL | Pattern.MULTILINE);

  @Test
  void everySnippetIsRunByATest() throws IOException {
    Map<String, String> documented =
        found(SNIPPET, Files.readString(Path.of("../docs/persistence.md")));
    Map<String, String> run = new TreeMap<>();
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        run.putAll(found(SOURCE, Files.readString(file)));
      }
    }
    assertThat(documented).isEqualTo(run).isNotEmpty();
  }

  private static Map<String, String> found(Pattern pattern, String text) {
    Map<String, String> snippets = new TreeMap<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      snippets.put(matcher.group(1), matcher.group(2).stripTrailing().stripIndent());
    }
    return snippets;
  }
}
