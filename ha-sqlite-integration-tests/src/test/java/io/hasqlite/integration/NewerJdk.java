package io.hasqlite.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/** Looks for a JDK that is newer than the one that runs the tests. */
public final class NewerJdk {

  private NewerJdk() {}

  /** Returns the {@code java} of the newest JDK that has at least a version. */
  public static Optional<Path> find(int version) throws IOException {
    List<Path> homes = new ArrayList<>();
    homes.add(Path.of(System.getProperty("java.home")));
    for (Map.Entry<String, String> variable : System.getenv().entrySet()) {
      if (variable.getKey().startsWith("JAVA_HOME")) {
        homes.add(Path.of(variable.getValue()));
      }
    }
    homes.addAll(childrenOf(Path.of("/usr/lib/jvm")));
    homes.addAll(childrenOf(Path.of(System.getProperty("user.home"), ".sdkman/candidates/java")));
    for (Path each : childrenOf(Path.of("/Library/Java/JavaVirtualMachines"))) {
      homes.add(each.resolve("Contents/Home"));
    }
    return homes.stream()
        .filter(home -> Files.isExecutable(home.resolve("bin/java")))
        .filter(home -> versionOf(home) >= version)
        .max(Comparator.comparingInt(NewerJdk::versionOf))
        .map(home -> home.resolve("bin/java"));
  }

  private static List<Path> childrenOf(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(folder)) {
      return children.toList();
    }
  }

  /** Returns what the JDK's own file says; 0 if it says nothing. */
  private static int versionOf(Path home) {
    Path file = home.resolve("release");
    Properties release = new Properties();
    try (java.io.Reader reader = Files.newBufferedReader(file)) {
      release.load(reader);
    } catch (IOException e) {
      return 0;
    }
    String version = release.getProperty("JAVA_VERSION", "0").replace("\"", "");
    return Integer.parseInt(version.split("[.+-]")[0]);
  }
}
