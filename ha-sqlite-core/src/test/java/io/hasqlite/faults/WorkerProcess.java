package io.hasqlite.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** One life of a {@link Worker}, as seen from outside. Safe for use by several threads. */
final class WorkerProcess {

  private final Process process;
  private final PrintStream requests;
  private final AtomicLong lastNumber = new AtomicLong();
  private final Map<String, CompletableFuture<Answer>> waiting = new ConcurrentHashMap<>();
  private final Set<String> statesSeen = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<String> start = new CompletableFuture<>();
  private final CompletableFuture<Void> end = new CompletableFuture<>();

  /**
   * Starts a process.
   *
   * @param log where its log is appended
   * @param uncaught told of exceptions that nobody caught
   */
  WorkerProcess(NodeSettings settings, Path log, Consumer<String> uncaught) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
                "-cp",
                System.getProperty("java.class.path"),
                Worker.class.getName()));
    command.addAll(settings.arguments());
    try {
      process = new ProcessBuilder(command).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    requests = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    start("worker-log-" + settings.name(), () -> copyLog(log));
    start("worker-" + settings.name(), () -> read(uncaught));
  }

  private static void start(String name, Runnable loop) {
    Thread thread = new Thread(loop, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** The process itself may be kept from writing to files. */
  private void copyLog(Path log) {
    try (InputStream from = process.getErrorStream();
        OutputStream to =
            Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      from.transferTo(to);
    } catch (IOException e) {
      // the process was killed
    }
  }

  private void read(Consumer<String> uncaught) {
    String last = "";
    try (BufferedReader answers = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line; (line = answers.readLine()) != null; last = line) {
        if (line.equals(Worker.READY)) {
          start.complete("");
        } else if (line.startsWith(Worker.UNCAUGHT)) {
          uncaught.accept(line);
        } else if (start.isDone()) {
          take(line);
        }
      }
    } catch (IOException e) {
      // the process was killed
    } finally {
      start.complete(last.isEmpty() ? "it ended without a word" : last);
      end.complete(null);
      waiting.values().forEach(answer -> answer.complete(Answer.NONE));
    }
  }

  private void take(String line) {
    int space = line.indexOf(' ');
    CompletableFuture<Answer> asked = waiting.remove(line.substring(0, space));
    Answer answer = Answer.parse(line.substring(space + 1));
    statesSeen.add(answer.state());
    if (asked != null) {
      asked.complete(answer);
    }
  }

  /** Returns what was said instead of READY, once that is known; empty if it is ready. */
  CompletableFuture<String> started() {
    return start;
  }

  /** Asks for something. The answer never fails. */
  CompletableFuture<Answer> ask(String what) {
    String number = Long.toString(lastNumber.incrementAndGet());
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    waiting.put(number, answer);
    synchronized (requests) {
      requests.println(number + " " + what);
    }
    if (end.isDone()) {
      answer.complete(Answer.NONE);
    }
    return answer;
  }

  /** Tells whether a transaction ended with an SQLState. */
  boolean hasSeen(String state) {
    return statesSeen.contains(state);
  }

  boolean isAlive() {
    return !end.isDone();
  }

  /** Kills it (SIGKILL). */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!awaitEnd(Duration.ofSeconds(20))) {
      throw new AssertionError("Process " + process.pid() + " survived SIGKILL");
    }
  }

  /** Waits for its end; false if it did not end in time. */
  boolean awaitEnd(Duration patience) throws InterruptedException {
    return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Returns the process's exit code once it has ended. */
  int exitCode() {
    return process.exitValue();
  }

  /** Stops its clock: it keeps its connections and does not say a word. */
  void freeze() throws InterruptedException {
    run("kill", "-STOP", Long.toString(process.pid()));
  }

  void thaw() throws InterruptedException {
    run("kill", "-CONT", Long.toString(process.pid()));
  }

  /** From now on each write to a file fails (EFBIG), and works again with the next call. */
  void setFilesWritable(boolean writable) throws InterruptedException {
    String limit = writable ? "unlimited" : "0";
    run("prlimit", "--pid", Long.toString(process.pid()), "--fsize=" + limit + ":");
  }

  private static void run(String... command) throws InterruptedException {
    try {
      Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (tool.waitFor() != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<String> lastLines(Path log, int count) {
    if (!Files.exists(log)) {
      return List.of();
    }
    try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
      List<String> all = lines.toList();
      return all.subList(Math.max(0, all.size() - count), all.size());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
