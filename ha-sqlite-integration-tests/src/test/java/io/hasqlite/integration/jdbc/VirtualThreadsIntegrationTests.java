package io.hasqlite.integration.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hasqlite.engine.HaSqlite;
import io.hasqlite.integration.NewerJdk;
import io.hasqlite.integration.Node;
import io.hasqlite.integration.TwoNodes;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A hundred writers on virtual threads, in a process of a JDK that has them. */
class VirtualThreadsIntegrationTests {

  private static final int STALL_MILLIS = 1_000;

  @RegisterExtension static final TwoNodes nodes = JdbcApplication.nodes();

  @TempDir Path folder;

  private final Node one = nodes.one();

  @Test
  void aHundredWritersEndAndNothingPinsACarrierForLong() throws Exception {
    Optional<Path> newer = NewerJdk.find(21);
    assumeTrue(
        newer.isPresent(),
        "No JDK 21 or later was found (java.home, JAVA_HOME*, /usr/lib/jvm): virtual threads were"
            + " not tested");
    one.bean(JdbcClient.class).sql("DELETE FROM tag").update();
    one.bean(JdbcClient.class).sql("DELETE FROM product").update();
    Map<String, String> result = runWriters(newer.get());

    assertThat(result)
        .containsEntry("virtual", "true")
        .containsEntry("failures", "0")
        .containsEntry("committed", "200");
    assertThat(Long.parseLong(result.get("longestPinMillis")))
        .as("%s", result)
        .isLessThan(STALL_MILLIS);
    long position = Long.parseLong(result.get("position"));
    assertThat(one.bean(HaSqlite.class).await(position, Duration.ofSeconds(20))).isTrue();
    assertThat(one.texts("SELECT count(*) FROM product")).containsExactly("200");
  }

  private Map<String, String> runWriters(Path java) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Xmx512m");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(VirtualThreadWriters.class.getName());
    command.addAll(
        nodes.arguments(
            "virtual",
            "spring.threads.virtual.enabled=true",
            "ha.sqlite.pragmas.busy_timeout=60000",
            "ha.sqlite.hikari.connection-timeout=60000"));
    File output = folder.resolve("output.txt").toFile();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("%s", read(output)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String said = read(output);
    Map<String, String> result = new TreeMap<>();
    said.lines()
        .filter(line -> line.startsWith("result "))
        .map(line -> line.substring("result ".length()).split("=", 2))
        .forEach(pair -> result.put(pair[0], pair[1]));
    assertThat(result).as(said).isNotEmpty();
    return result;
  }

  private static String read(File file) throws java.io.IOException {
    return Files.readString(file.toPath());
  }
}
