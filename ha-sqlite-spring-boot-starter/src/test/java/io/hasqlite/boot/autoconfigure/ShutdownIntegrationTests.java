package io.hasqlite.boot.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** An application in a JVM of its own, with an embedded server, that is ended in two ways. */
@Timeout(120)
class ShutdownIntegrationTests {

  private static final int SIGTERM_EXIT = 128 + 15;
  private static final int ROWS = 20;

  @TempDir Path directory;

  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endAll() throws Exception {
    started.forEach(Process::destroyForcibly);
    Path pidFile = directory.resolve("nats/nats-server.pid");
    if (Files.exists(pidFile)) {
      long pid = Long.parseLong(Files.readString(pidFile).trim());
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  @Test
  @DisplayName("Shutdown: kill -9 in the middle of writes, the next start, then SIGTERM")
  void nothingIsLostAndNothingIsLeft() throws Exception {
    List<String> acknowledged = new ArrayList<>();
    Process killed = application();
    read(killed, ROWS, acknowledged);
    killed.toHandle().destroyForcibly(); // the process would close what it has printed
    readRest(killed, acknowledged);
    assertThat(beside()).contains("app.db-wal");
    String server = Files.readString(directory.resolve("nats/nats-server.pid"));

    Process terminated = application();
    read(terminated, 2 * ROWS, acknowledged);
    assertThat(directory.resolve("nats/nats-server.pid")).hasContent(server);
    terminated.toHandle().destroy();
    readRest(terminated, acknowledged);
    assertThat(terminated.waitFor(60, TimeUnit.SECONDS)).isTrue();

    assertThat(terminated.exitValue()).isEqualTo(SIGTERM_EXIT);
    assertThat(beside()).isEmpty();
    assertThat(ids()).containsAll(acknowledged);
    assertThat(directory.resolve("nats/nats-server.pid")).doesNotExist();
    // A process that nobody collects counts as alive, but has no program any more.
    assertThat(
            ProcessHandle.of(Long.parseLong(server.trim()))
                .filter(process -> process.isAlive() && process.info().command().isPresent()))
        .isEmpty();
  }

  private Process application() throws IOException {
    Process application =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", // starts sooner
                "-cp",
                System.getProperty("java.class.path"),
                Application.class.getName(),
                "--ha.sqlite.path=" + directory.resolve("app.db"),
                "--ha.sqlite.node-name=n1",
                "--ha.sqlite.nats.embedded.enabled=true",
                "--ha.sqlite.nats.embedded.port=0",
                "--ha.sqlite.nats.embedded.store-dir=" + directory.resolve("nats"),
                "--spring.main.banner-mode=off",
                "--logging.level.root=off")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    started.add(application);
    return application;
  }

  private static void read(Process application, int rows, List<String> acknowledged)
      throws IOException {
    BufferedReader out = application.inputReader();
    for (int i = 0; i < rows; i++) {
      String line = out.readLine();
      assertThat(line).as("row number %s of the application", i).isNotNull();
      acknowledged.add(line);
    }
  }

  /** The last line may be half of one, where the application was killed. */
  private static void readRest(Process application, List<String> acknowledged) throws IOException {
    application
        .inputReader()
        .lines()
        .filter(line -> line.length() == 36)
        .forEach(acknowledged::add);
  }

  private List<String> beside() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.startsWith("app.db-") && !file.endsWith("-ha-lock"))
          .toList();
    }
  }

  private List<String> ids() throws Exception {
    List<String> ids = new ArrayList<>();
    Path copy = Files.copy(directory.resolve("app.db"), directory.resolve("copy.db"));
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + copy);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT id FROM t")) {
      while (rows.next()) {
        ids.add(rows.getString(1));
      }
    }
    return ids;
  }

  /** Writes rows until it is ended, and prints the id of each that is committed. */
  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration(exclude = FlywayAutoConfiguration.class)
  static class Application {

    public static void main(String[] arguments) {
      JdbcClient jdbc =
          SpringApplication.run(Application.class, arguments).getBean(JdbcClient.class);
      jdbc.sql("CREATE TABLE IF NOT EXISTS t(id TEXT NOT NULL PRIMARY KEY)").update();
      try {
        while (true) {
          String id = UUID.randomUUID().toString();
          jdbc.sql("INSERT INTO t VALUES(?)").param(id).update();
          System.out.println(id);
        }
      } catch (DataAccessException e) {
        System.err.println("Ended while the application closes: " + e.getMessage());
      }
    }
  }
}
