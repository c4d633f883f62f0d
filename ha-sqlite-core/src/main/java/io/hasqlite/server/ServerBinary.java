package io.hasqlite.server;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A nats-server program that was found and ran.
 *
 * @param path where it is
 * @param version what it said about itself
 */
record ServerBinary(Path path, ServerVersion version) {

  static final String HOW_TO_INSTALL =
      "Install nats-server "
          + ServerVersion.OLDEST
          + " or later (apt-get install nats-server; brew install nats-server;"
          + " choco install nats-server) or name the program in "
          + EmbeddedServerOptions.PREFIX
          + "binary or the environment variable NATS_SERVER.";

  private static final Logger LOG = LoggerFactory.getLogger(ServerBinary.class);

  private static final long VERSION_TIMEOUT_SECONDS = 20;

  /**
   * Where to look, apart from what is configured.
   *
   * @param environment the process's environment variables
   * @param folders the usual folders that are not on everybody's PATH
   * @param cache where downloaded programs are kept
   * @param release the release to download; null where there is none for this machine
   */
  record Places(
      Map<String, String> environment, List<Path> folders, Path cache, @Nullable Release release) {

    static Places ofThisMachine() {
      return new Places(
          System.getenv(),
          List.of(
              Path.of("/usr/sbin"),
              Path.of("/usr/local/bin"),
              Path.of("/usr/local/sbin"),
              Path.of("/usr/bin"),
              Path.of("/opt/homebrew/bin"),
              Path.of("/home/linuxbrew/.linuxbrew/bin")),
          Path.of(System.getProperty("user.home"), ".cache", "ha-sqlite"),
          Release.forMachine(System.getProperty("os.name"), System.getProperty("os.arch"))
              .orElse(null));
    }
  }

  /**
   * Finds the program: as configured, {@code NATS_SERVER}, the PATH, the usual folders, the cache,
   * a download. What is named explicitly must work; elsewhere a program that is too old is passed
   * over.
   *
   * @throws EmbeddedServerException if there is none
   */
  static ServerBinary find(@Nullable Path configured, @Nullable URI downloadUrl, Places places) {
    if (configured != null) {
      return required(configured, EmbeddedServerOptions.PREFIX + "binary");
    }
    String named = places.environment().get("NATS_SERVER");
    if (named != null && !named.isBlank()) {
      return required(Path.of(named), "The environment variable NATS_SERVER");
    }
    List<String> passedOver = new ArrayList<>();
    for (Path candidate : installed(places)) {
      try {
        ServerBinary binary = new ServerBinary(candidate, version(candidate));
        if (binary.version().isSupported()) {
          return binary;
        }
        passedOver.add(candidate + " is version " + binary.version());
      } catch (IOException e) {
        passedOver.add(e.getMessage());
      }
    }
    return cached(downloadUrl, places, passedOver);
  }

  private static ServerBinary required(Path path, String source) {
    if (!Files.isExecutable(path) || Files.isDirectory(path)) {
      throw new EmbeddedServerException(
          source + " is \"" + path + "\", which is no program that can be run");
    }
    try {
      ServerVersion version = version(path);
      if (!version.isSupported()) {
        throw new EmbeddedServerException(
            source
                + " is \""
                + path
                + "\", nats-server "
                + version
                + "; needed is "
                + ServerVersion.OLDEST
                + " or later");
      }
      return new ServerBinary(path, version);
    } catch (IOException e) {
      throw new EmbeddedServerException(
          source + " is \"" + path + "\", which does not work: " + e.getMessage(), e);
    }
  }

  private static List<Path> installed(Places places) {
    List<Path> candidates = new ArrayList<>();
    String path = places.environment().getOrDefault("PATH", "");
    for (String folder : path.split(File.pathSeparator)) {
      if (!folder.isBlank()) {
        addFrom(folder, candidates);
      }
    }
    places.folders().forEach(folder -> addFrom(folder.toString(), candidates));
    return candidates;
  }

  private static void addFrom(String folder, List<Path> candidates) {
    for (String name : List.of("nats-server", "nats-server.exe")) {
      try {
        Path candidate = Path.of(folder, name);
        if (Files.isRegularFile(candidate)
            && Files.isExecutable(candidate)
            && !candidates.contains(candidate)) {
          candidates.add(candidate);
        }
      } catch (InvalidPathException e) {
        LOG.debug("The PATH holds {}, which is no path", folder);
      }
    }
  }

  private static ServerBinary cached(
      @Nullable URI downloadUrl, Places places, List<String> passedOver) {
    String found =
        passedOver.isEmpty()
            ? "No nats-server is installed. "
            : "No nats-server that works is installed (" + String.join("; ", passedOver) + "). ";
    Release release = places.release();
    if (release == null) {
      throw new EmbeddedServerException(found + HOW_TO_INSTALL);
    }
    Path program = places.cache().resolve("nats-server-" + release.version());
    if (!Files.isExecutable(program)) {
      if (downloadUrl == null) {
        throw new EmbeddedServerException(found + "Downloads are turned off. " + HOW_TO_INSTALL);
      }
      ReleaseDownload.fetch(release, downloadUrl, program);
    }
    return required(program, "The downloaded nats-server");
  }

  private static ServerVersion version(Path program) throws IOException {
    Process process =
        new ProcessBuilder(program.toString(), "-v").redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(VERSION_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(program + " -v did not end");
      }
      byte[] printed = process.getInputStream().readNBytes(4096);
      Optional<ServerVersion> version =
          ServerVersion.find(new String(printed, StandardCharsets.UTF_8));
      return version.orElseThrow(
          () -> new IOException(program + " -v does not print the version of a nats-server"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + program + " -v ran", e);
    } finally {
      process.destroyForcibly();
    }
  }
}
