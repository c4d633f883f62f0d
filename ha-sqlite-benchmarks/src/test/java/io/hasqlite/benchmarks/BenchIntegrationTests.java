package io.hasqlite.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchIntegrationTests {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir Path folder;

  @Test
  void measuresTheRowsThatAreWantedAndWritesThemAsJson() throws Exception {
    Path json = folder.resolve("result.json");

    int status = run("--short", "--only", "2,5,13", "--json", json.toString());

    assertThat(status).isZero();
    assertThat(text(out))
        .contains("auto-commit INSERT, async", "auto-commit INSERT, sync, one writer")
        .contains("bytes per message of a one-row INSERT")
        .contains("of 3 met");
    assertThat(Files.readString(json))
        .startsWith("[\n{\"id\":2,")
        .contains("\"floor\":", "{\"id\":5,")
        .contains("{\"id\":13,")
        .contains("\"target\":\"<= 6.00\",\"met\":true")
        .endsWith("}\n]\n");
  }

  @Test
  void refusesWhatItDoesNotKnow() throws Exception {
    assertThat(run("--long")).isEqualTo(2);
    assertThat(run("--only", "99")).isEqualTo(2);
    assertThat(run("--json")).isEqualTo(2);
    assertThat(text(err)).contains("Not an option: --long", "No such row: 99", "usage: ./bench");
  }

  private int run(String... args) throws Exception {
    return Bench.run(args, new PrintStream(out, true), new PrintStream(err, true));
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
