package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.testing.NatsServerExtension;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class JdbcUrlIntegrationTests {

  private static final Pattern PROGRAM =
      Pattern.compile("```java\\R(import java\\.sql.*?public class Notes .*?)```", Pattern.DOTALL);

  @RegisterExtension static final NatsServerExtension NATS = new NatsServerExtension();

  @TempDir Path folder;

  @Test
  @DisplayName("The program in the documentation runs, on two nodes")
  void theProgramInTheDocumentationRuns() throws Exception {
    Matcher program = PROGRAM.matcher(Files.readString(Path.of("..", "docs", "jdbc.md")));
    assertThat(program.find()).isTrue();
    Path source = folder.resolve("Notes.java");
    Files.writeString(source, program.group(1));
    assertThat(
            ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-proc:none", "-d", folder.toString(), source.toString()))
        .isZero();

    assertThat(run("node1")).containsExactly("from node1");
    assertThat(run("node2")).containsExactly("from node1", "from node2");
    assertThat(run("node1")).containsExactly("from node1", "from node1", "from node2");
    assertThat(Databases.all()).isEmpty();
  }

  private String[] run(String node) throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream console = System.out;
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      loader
          .loadClass("Notes")
          .getMethod("main", String[].class)
          .invoke(
              null,
              (Object) new String[] {folder.resolve(node + ".db").toString(), node, NATS.url()});
    } finally {
      System.setOut(console);
    }
    return printed
        .toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("from "))
        .toArray(String[]::new);
  }
}
