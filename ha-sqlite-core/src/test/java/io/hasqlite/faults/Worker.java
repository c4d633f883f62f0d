package io.hasqlite.faults;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import io.hasqlite.FaultHooks;
import io.hasqlite.FaultPoint;
import io.hasqlite.engine.BootstrapPolicy;
import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.HaSqliteOptions;
import io.hasqlite.engine.ReplicationStatus;
import io.hasqlite.stream.StreamOptions;
import io.hasqlite.stream.nats.NatsConnectionOptions;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A node in a process of its own. It does what it reads from its standard input, a line for each
 * request: {@code <number> <what> <arguments>}. It answers on its standard output, not in order:
 * {@code <number> OK|REFUSED|IN_DOUBT <SQLState> <text>}. It logs to its standard error.
 *
 * <p>Its arguments are {@code name=value}: see {@link NodeSettings}.
 */
final class Worker {

  /** How a process ends that came to the fault point where it was told to die. */
  static final int DIED_AT_FAULT_POINT = 86;

  /** How a process ends whose engine did not start. */
  static final int NOT_STARTED = 87;

  static final String READY = "READY";
  static final String UNCAUGHT = "UNCAUGHT";

  private static final String IN_DOUBT = "08007";
  private static final int THREADS = 6;
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);

  private final PrintStream out = System.out;
  private final ShiftedClock clock = new ShiftedClock();
  private final ExecutorService executor = Executors.newFixedThreadPool(THREADS);
  private final ThreadLocal<@Nullable Connection> connections = new ThreadLocal<>();
  private final HaSqlite engine;
  private final List<Thread> engineThreads;
  private volatile @Nullable FaultPoint dieAt;

  private Worker(Map<String, String> settings) {
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) -> {
          failure.printStackTrace();
          say(UNCAUGHT + " " + thread.getName() + " " + failure);
        });
    FaultHooks.install(this::reached);
    dieAt(settings.get("dieAt"));
    clock.shift(Duration.parse(settings.getOrDefault("clock", "PT0S")));
    engine = HaSqlite.open(options(settings));
    engineThreads = engineThreads();
  }

  private HaSqliteOptions options(Map<String, String> settings) {
    return HaSqliteOptions.builder(Path.of(settings.get("file")))
        .nodeName(settings.get("node"))
        .databaseName("test")
        .clock(clock)
        .pragmas(
            settings.containsKey("pages")
                ? Map.of("max_page_count", settings.get("pages"))
                : Map.of())
        .bootstrap(BootstrapPolicy.valueOf(settings.get("bootstrap")))
        .startupTimeout(Duration.ofSeconds(20))
        .publisherAsync(Boolean.parseBoolean(settings.get("async")))
        .publisherTimeout(Duration.ofSeconds(2))
        .snapshotInterval(Duration.ofSeconds(5))
        .stream(
            StreamOptions.defaults()
                .withReplicas(Integer.parseInt(settings.get("replicas")))
                .withRequestTimeout(Duration.ofSeconds(2)))
        .nats(
            NatsConnectionOptions.servers(settings.get("servers"))
                .customizer(
                    nats ->
                        nats.pingInterval(Duration.ofSeconds(1))
                            .maxPingsOut(3)
                            .ignoreDiscoveredServers())
                .build())
        .build();
  }

  public static void main(String[] arguments) throws Exception {
    logToStandardError();
    Map<String, String> settings =
        Arrays.stream(arguments)
            .map(argument -> argument.split("=", 2))
            .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    Worker worker;
    try {
      worker = new Worker(settings);
    } catch (RuntimeException e) {
      e.printStackTrace();
      System.out.println(String.valueOf(e.getMessage()).replace('\n', ' '));
      System.out.flush();
      Runtime.getRuntime().halt(NOT_STARTED);
      throw e;
    }
    worker.say(READY);
    worker.serve();
  }

  private static void logToStandardError() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%d{HH:mm:ss.SSS} %-5level [%thread] %logger{0} - %msg%n");
    encoder.start();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    root.addAppender(appender);
  }

  private void reached(FaultPoint point) {
    if (point == dieAt) {
      Runtime.getRuntime().halt(DIED_AT_FAULT_POINT);
    }
  }

  private void dieAt(@Nullable String point) {
    dieAt = point == null || point.equals("-") ? null : FaultPoint.valueOf(point);
  }

  private synchronized void say(String line) {
    out.println(line);
    out.flush();
  }

  private void serve() throws Exception {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = in.readLine()) != null; ) {
      String[] request = line.split(" ");
      String[] arguments = Arrays.copyOfRange(request, 2, request.length);
      switch (request[1]) {
        case "status" -> say(request[0] + " OK - " + status());
        case "dieAt" -> {
          dieAt(arguments[0]);
          say(request[0] + " OK - " + arguments[0]);
        }
        case "clock" -> {
          clock.shift(Duration.parse(arguments[0]));
          say(request[0] + " OK - " + clock.instant());
        }
        case "stop" -> {
          executor.shutdown();
          executor.awaitTermination(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
          engine.close();
          say(request[0] + " OK - closed");
          System.exit(0);
        }
        default -> executor.execute(() -> answer(request[0], request[1], arguments));
      }
    }
    // Whoever started this process is gone.
    Runtime.getRuntime().halt(1);
  }

  private void answer(String number, String what, String[] arguments) {
    try {
      String done = perform(what, arguments);
      say(number + " OK " + warning() + " " + done);
    } catch (SQLException e) {
      boolean inDoubt = IN_DOUBT.equals(e.getSQLState());
      say(number + (inDoubt ? " IN_DOUBT " : " REFUSED ") + e.getSQLState() + " " + text(e));
    } catch (RuntimeException e) {
      say(number + " REFUSED - " + text(e));
    }
  }

  /** Returns what a commit says that is acknowledged and not to be seen here yet. */
  private String warning() throws SQLException {
    Connection connection = connections.get();
    SQLWarning warning = connection == null ? null : connection.getWarnings();
    if (warning == null) {
      return "-";
    }
    connection.clearWarnings();
    return warning.getSQLState();
  }

  private static String text(Exception e) {
    return e.toString().replace('\n', ' ').replace('\r', ' ');
  }

  private String perform(String what, String[] arguments) throws SQLException {
    if (what.equals("snapshot")) {
      return String.valueOf(engine.snapshotter().take());
    }
    if (what.equals("latest")) {
      return String.valueOf(engine.snapshotter().latest());
    }
    Connection connection = connections.get();
    if (connection == null) {
      connection = engine.dataSource().getConnection();
      connections.set(connection);
    }
    try {
      return Workload.perform(connection, what, arguments);
    } catch (SQLException e) {
      connections.remove();
      connection.close(); // rolls back
      throw e;
    }
  }

  private String status() {
    ReplicationStatus status = engine.status();
    List<String> dead =
        engineThreads.stream().filter(thread -> !thread.isAlive()).map(Thread::getName).toList();
    return new NodeStatus(
            status.state().name(),
            status.position(),
            status.lagMessages(),
            status.backlog().transactions(),
            dead.isEmpty() ? "-" : String.join(",", dead),
            status.problem() == null ? "-" : status.problem())
        .text();
  }

  private static List<Thread> engineThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("ha-sqlite-"))
        .toList();
  }

  /** The system's time, and some hours more or less. */
  private static final class ShiftedClock extends Clock {

    private final Clock system = Clock.systemUTC();
    private volatile Duration shift = Duration.ZERO;

    void shift(Duration value) {
      shift = value;
    }

    @Override
    public Instant instant() {
      return system.instant().plus(shift);
    }

    @Override
    public ZoneId getZone() {
      return system.getZone();
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }
  }
}
