package io.hasqlite.stream.nats;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A nats-server process of one test, on a port that the system gives. */
final class PrivateNatsServer implements AutoCloseable {

  private static final Pattern LISTENING =
      Pattern.compile("Listening for client connections on 127\\.0\\.0\\.1:(\\d+)");
  private static final String ANY_PORT = "-1";

  private final Path directory;
  private final List<String> arguments;
  private String port = ANY_PORT;

  @SuppressWarnings("NullAway.Init")
  private Process process;

  private PrivateNatsServer(Path directory, List<String> arguments) {
    this.directory = directory;
    this.arguments = arguments;
  }

  static PrivateNatsServer withJetStream(Path directory, String... more) {
    List<String> arguments = new ArrayList<>(List.of("-js", "-sd", directory + "/store"));
    arguments.addAll(List.of(more));
    return new PrivateNatsServer(directory, arguments).start();
  }

  static PrivateNatsServer withoutJetStream(Path directory, String... more) {
    return new PrivateNatsServer(directory, List.of(more)).start();
  }

  /** Starts it on the port that it had before. */
  PrivateNatsServer start() {
    List<String> command = new ArrayList<>(List.of(binary(), "-a", "127.0.0.1", "-p", port));
    command.addAll(arguments);
    try {
      process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .start();
      BufferedReader log = process.inputReader();
      StringBuilder seen = new StringBuilder();
      for (String line; (line = log.readLine()) != null; ) {
        seen.append(line).append('\n');
        Matcher listening = LISTENING.matcher(line);
        if (listening.find()) {
          port = listening.group(1);
        }
        if (line.contains("Server is ready")) {
          drain(log);
          return this;
        }
      }
      throw new IllegalStateException("nats-server did not start:\n" + seen);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String binary() {
    String given = System.getenv("NATS_SERVER");
    if (given != null) {
      return given;
    }
    Path debian = Path.of("/usr/sbin/nats-server");
    return Files.isExecutable(debian) ? debian.toString() : "nats-server";
  }

  private static void drain(BufferedReader log) {
    Thread reader = new Thread(() -> log.lines().forEach(line -> {}), "nats-server-log");
    reader.setDaemon(true);
    reader.start();
  }

  String url() {
    return "nats://127.0.0.1:" + port;
  }

  /** Ends it as a power failure of its process would. */
  void kill() {
    process.destroyForcibly();
    await();
  }

  /** Stops its clock: it keeps its connections and does not say a word. */
  void freeze() {
    signal("-STOP");
    while (!isFrozen()) {
      Thread.onSpinWait();
    }
  }

  /** A signal is on its way for a moment, and to each thread on its own. */
  private boolean isFrozen() {
    Path threads = Path.of("/proc", Long.toString(process.pid()), "task");
    if (!Files.isDirectory(threads)) {
      return true;
    }
    try (Stream<Path> all = Files.list(threads)) {
      return all.allMatch(thread -> isStopped(thread.resolve("stat")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isStopped(Path stat) {
    try {
      return Files.readString(stat).contains(") T ");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void thaw() {
    signal("-CONT");
  }

  private void signal(String signal) {
    try {
      new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void await() {
    boolean interrupted = Thread.interrupted();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("nats-server does not end");
      }
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    kill();
  }
}
