package io.hasqlite.engine;

import io.hasqlite.sqlite.SqliteFile;
import io.hasqlite.stream.nats.NatsConnectionOptions;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * A JDBC URL, {@code jdbc:ha-sqlite:app.db?name=node1&replicationURL=nats://host:4222}, and the
 * properties given with it. Its text names options without their values: some are secret.
 *
 * @param path the database file, absolute
 * @param options what is set
 */
record DriverUrl(Path path, Map<DriverOption, String> options) {

  static final String PREFIX = "jdbc:ha-sqlite:";

  private static final List<String> NO_PATHS = List.of("file:", ":memory:");

  /**
   * Reads a URL.
   *
   * @param info options, too; one that is there and in the URL counts as in the URL
   * @throws IllegalArgumentException if it is not readable or has an option that is not known
   */
  static DriverUrl parse(String url, Properties info) {
    String rest = url.substring(PREFIX.length());
    int question = rest.indexOf('?');
    String file = question < 0 ? rest : rest.substring(0, question);
    Map<DriverOption, String> options = new EnumMap<>(DriverOption.class);
    for (String name : info.stringPropertyNames()) {
      options.put(option(name), info.getProperty(name));
    }
    if (question >= 0) {
      for (String pair : rest.substring(question + 1).split("&")) {
        if (!pair.isEmpty()) {
          int equals = pair.indexOf('=');
          String name = decode(equals < 0 ? pair : pair.substring(0, equals));
          options.put(option(name), equals < 0 ? "" : decode(pair.substring(equals + 1)));
        }
      }
    }
    return new DriverUrl(path(file), options);
  }

  private static Path path(String file) {
    if (file.isBlank() || NO_PATHS.stream().anyMatch(file::startsWith)) {
      throw new IllegalArgumentException(
          "After "
              + PREFIX
              + " comes the plain path of a file, such as "
              + PREFIX
              + "data/app.db, but it is \""
              + file
              + "\"");
    }
    try {
      return SqliteFile.realPath(Path.of(file));
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("\"" + file + "\" is no path of a file", e);
    }
  }

  private static DriverOption option(String name) {
    return DriverOption.named(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "The option \""
                        + name
                        + "\" is not known; those that are: "
                        + DriverOption.known()));
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // Its message would repeat a part of the URL.
      throw new IllegalArgumentException(
          "A % in the URL is not followed by two hexadecimal digits; write %25 for the character");
    }
  }

  /**
   * Returns the engine's options.
   *
   * @throws IllegalArgumentException if an option has a value that cannot work
   */
  HaSqliteOptions engineOptions() {
    DriverOption.Target target = new DriverOption.Target(path);
    options.forEach(
        (option, value) -> {
          try {
            option.set(target, value);
          } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(option.optionName() + ": " + e.getMessage(), e);
          }
        });
    target.options.stream(target.stream);
    if (target.server != null) {
      if (target.url != null) {
        throw new IllegalArgumentException(
            "replicationURL says where NATS is, so no option of an embedded server can be set"
                + " (natsName, natsPort, natsStoreDir, natsConfigFile)");
      }
      target.options.embeddedServer(target.server.build());
    }
    target.options.nats(nats(target));
    return target.options.build();
  }

  private static @Nullable NatsConnectionOptions nats(DriverOption.Target target) {
    if (target.url == null) {
      return null;
    }
    NatsConnectionOptions.Builder nats = NatsConnectionOptions.servers(target.url);
    if ((target.user == null) != (target.password == null)) {
      throw new IllegalArgumentException("user and password must be set together");
    }
    if (target.user != null && target.password != null) {
      nats.user(target.user, target.password);
    }
    return nats.build();
  }

  /** Returns the file and the names of the options. */
  @Override
  public String toString() {
    return PREFIX
        + path
        + " with "
        + options.keySet().stream().map(DriverOption::optionName).toList();
  }
}
