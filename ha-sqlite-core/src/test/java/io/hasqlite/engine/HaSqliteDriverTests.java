package io.hasqlite.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.engine.ReplicationStatus.State;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Properties;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HaSqliteDriverTests {

  @TempDir Path folder;

  private String url(String options) {
    return "jdbc:ha-sqlite:" + folder.resolve("app.db") + options;
  }

  private HaSqlite engine() {
    return Databases.find(folder.resolve("app.db")).orElseThrow();
  }

  @Test
  @DisplayName("All connections to a file share one engine, from the first to the last")
  void connectionsShareAnEngine() throws Exception {
    HaSqlite first;
    try (Connection a = DriverManager.getConnection(url("?name=n1"));
        Statement statement = a.createStatement()) {
      first = engine();
      statement.execute("CREATE TABLE t(v)");
      Connection b = DriverManager.getConnection(url("?name=n1"));
      assertThat(engine()).isSameAs(first);
      b.close();
      b.close();
      assertThat(first.status().state()).isEqualTo(State.STANDALONE);
      statement.execute("INSERT INTO t VALUES('kept')");
    }
    assertThat(first.status().state()).isEqualTo(State.CLOSED);
    assertThat(folder.resolve("app.db-wal")).doesNotExist();

    try (Connection again = DriverManager.getConnection(url("?name=n1"));
        Statement statement = again.createStatement();
        ResultSet rows = statement.executeQuery("SELECT v FROM t")) {
      assertThat(engine()).isNotSameAs(first);
      assertThat(rows.getString(1)).isEqualTo("kept");
    }
  }

  @Test
  void anEngineThatTheApplicationClosedIsStartedAnew() throws Exception {
    try (Connection lost = DriverManager.getConnection(url("?name=n1"))) {
      engine().close();
      assertThat(lost.isClosed()).isTrue();
    }
    try (Connection again = DriverManager.getConnection(url("?name=n1"))) {
      assertThat(again.isValid(1)).isTrue();
    }
  }

  @Test
  void optionsReachTheEngine() throws Exception {
    String time = URLEncoder.encode("by_start_time=2026-01-31 10:00:00", StandardCharsets.UTF_8);
    HaSqliteOptions options =
        DriverUrl.parse(
                url(
                    "?name=n1&cdcID=orders&rowIdentify=full&disableDDLSync=true"
                        + "&replicationStream=s&replicas=3&streamMaxAge=1h30m"
                        + "&disableCDCPublisher=true&asyncPublisher=true"
                        + "&asyncPublisherOutboxDir=out&publisherTimeout=2.5s"
                        + "&disableSubscriber=1&disableDBSnapshotter=true"
                        + "&snapshotInterval=500ms&deliverPolicy="
                        + time
                        + "&replicationURL=nats://one:4222,nats://two:4222"),
                new Properties())
            .engineOptions();

    assertThat(options)
        .usingRecursiveComparison()
        .ignoringFields("clock", "listener", "streamWrapper")
        .isEqualTo(
            HaSqliteOptions.builder(folder.toRealPath().resolve("app.db"))
                .nodeName("n1")
                .databaseName("orders")
                .rowIdentity(io.hasqlite.RowIdentity.FULL)
                .ddlSync(false)
                .stream(
                    io.hasqlite.stream.StreamOptions.defaults()
                        .withName("s")
                        .withReplicas(3)
                        .withMaxAge(Duration.ofMinutes(90)))
                .publisherEnabled(false)
                .publisherAsync(true)
                .outboxFolder(Path.of("out"))
                .publisherTimeout(Duration.ofMillis(2500))
                .subscriberEnabled(false)
                .snapshotterEnabled(false)
                .snapshotInterval(Duration.ofMillis(500))
                .deliverPolicy(
                    io.hasqlite.stream.DeliverPolicy.parse("by_start_time=2026-01-31 10:00:00"))
                .nats(
                    io.hasqlite.stream.nats.NatsConnectionOptions.servers(
                            "nats://one:4222", "nats://two:4222")
                        .build())
                .build());
  }

  @Test
  void anOptionOfTheEmbeddedServerSwitchesItOn() {
    HaSqliteOptions options =
        DriverUrl.parse(
                url("?natsName=n&natsPort=0&natsStoreDir=data&natsConfigFile=nats.conf"),
                new Properties())
            .engineOptions();
    assertThat(options.embeddedServer)
        .isEqualTo(
            io.hasqlite.server.EmbeddedServerOptions.builder()
                .name("n")
                .port(0)
                .storeDir(Path.of("data"))
                .configFile(Path.of("nats.conf"))
                .build());
  }

  @Test
  void everyOptionIsToldToTools() throws Exception {
    DriverPropertyInfo[] shown =
        DriverManager.getDriver("jdbc:ha-sqlite:x.db")
            .getPropertyInfo("jdbc:ha-sqlite:x.db", new Properties());
    assertThat(Arrays.stream(shown).map(option -> option.name))
        .contains("name", "cdcID", "replicationURL", "publisherTimeout", "user")
        .hasSize(DriverOption.values().length);
  }

  @Test
  void unknownOptionsAreRefusedWithTheKnownOnes() {
    assertThatThrownBy(() -> DriverManager.getConnection(url("?nmae=n1")))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("\"nmae\"")
        .hasMessageContaining("replicationURL")
        .hasMessageContaining("disableCDCSubscriber")
        .extracting(e -> ((SQLException) e).getSQLState())
        .isEqualTo("08001");
    Properties info = new Properties();
    info.setProperty("nmae", "n1");
    assertThatThrownBy(() -> DriverManager.getConnection(url(""), info))
        .hasMessageContaining("\"nmae\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "asyncPublisher=yes",
        "publisherTimeout=5",
        "publisherTimeout=5s3",
        "publisherTimeout=-1s",
        "publisherTimeout=",
        "replicas=many",
        "rowIdentify=key",
        "deliverPolicy=some",
        "name="
      })
  void badValuesNameTheirOption(String option) {
    assertThatThrownBy(() -> DriverManager.getConnection(url("?" + option)))
        .isInstanceOf(SQLException.class)
        .hasMessageStartingWith(option.substring(0, option.indexOf('=')) + ":");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":memory:", "file:app.db"})
  void onlyThePathOfAFileIsTaken(String file) {
    assertThatThrownBy(() -> DriverManager.getConnection("jdbc:ha-sqlite:" + file))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("plain path");
  }

  @Test
  void otherOptionsForAnOpenFileAreRefused() throws Exception {
    try (Connection open = DriverManager.getConnection(url("?name=n1"), "u", "s3cret")) {
      assertThatThrownBy(
              () -> DriverManager.getConnection(url("?name=n1&asyncPublisher=true"), "u", "s3cret"))
          .hasMessageContaining("open in this process with other options")
          .hasMessageContaining("asyncPublisher");
      assertThat(open.isValid(1)).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name=n1&replicationURL=nats://me:s3cret@ho st",
        "name=n1&replicationURL=me:s3cret@ho st:x",
        "name=n1&replicationURL=nats://me:s3cret/s3cret@host",
        "name=n1&replicationURL=nats://me:s3cret%",
        "name=n1&replicationURL=nats://me:s3cret@host&natsPort=1",
        "name=n1&replicationURL=nats://me:s3cret@host&unknown=1",
        "name=n1&user=me&password=s3cret&replicas=x",
        "name=n1&password=s3cret&replicationURL=nats://host"
      })
  void noPasswordIsInATrace(String options) {
    assertThatThrownBy(() -> DriverManager.getConnection(url("?" + options)))
        .isInstanceOf(SQLException.class)
        .satisfies(
            failure -> {
              StringWriter trace = new StringWriter();
              failure.printStackTrace(new PrintWriter(trace));
              assertThat(trace.toString()).doesNotContain("s3cret");
            });
  }

  @Test
  void otherUrlsAreNotOurs() throws Exception {
    HaSqliteDriver driver = new HaSqliteDriver();
    assertThat(driver.acceptsURL("jdbc:sqlite:app.db")).isFalse();
    assertThat(driver.connect("jdbc:sqlite:app.db", new Properties())).isNull();
  }
}
