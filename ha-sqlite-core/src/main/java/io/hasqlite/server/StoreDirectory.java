package io.hasqlite.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The directory of one server: its streams, its files, and the lock that keeps a second process
 * from running a server on the same streams. nats-server itself does not lock them.
 */
final class StoreDirectory implements AutoCloseable {

  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private static final Pattern CLIENT_URL = Pattern.compile("\"nats\":\\[\"([^\"]+)\"");

  /**
   * What this process holds. The lock file must not be opened a second time: closing it again would
   * give up this process's lock.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final FileChannel lockChannel;

  private StoreDirectory(Path directory, FileChannel lockChannel) {
    this.directory = directory;
    this.lockChannel = lockChannel;
  }

  /**
   * Creates the directory if needed and locks it.
   *
   * @throws EmbeddedServerException if somebody else holds it or it cannot be written
   */
  static StoreDirectory open(Path path) {
    try {
      if (!Files.isDirectory(path)) {
        Files.createDirectories(path, ownerOnly(true));
      }
      Path directory = path.toRealPath();
      if (!HELD.add(directory)) {
        throw inUse(directory);
      }
      FileChannel channel = null;
      try {
        channel = lock(directory);
      } finally {
        if (channel == null) {
          HELD.remove(directory);
        }
      }
      return new StoreDirectory(directory, channel);
    } catch (IOException e) {
      throw new EmbeddedServerException(
          EmbeddedServerOptions.PREFIX
              + "store-dir is "
              + path
              + ", which cannot be created or written: "
              + e,
          e);
    }
  }

  private static FileChannel lock(Path directory) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve("owner.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean locked = false;
    try {
      locked = channel.tryLock() != null;
    } finally {
      if (!locked) {
        channel.close();
      }
    }
    if (!locked) {
      throw inUse(directory);
    }
    return channel;
  }

  private static EmbeddedServerException inUse(Path directory) {
    return new EmbeddedServerException(
        "Another running application has its embedded nats-server in "
            + directory
            + ": give this one a "
            + EmbeddedServerOptions.PREFIX
            + "store-dir of its own, or connect it to the other's server with ha.sqlite.nats.url");
  }

  Path configFile() {
    return directory.resolve("nats-server.conf");
  }

  Path logFile() {
    return directory.resolve("nats-server.log");
  }

  Path pidFile() {
    return directory.resolve("nats-server.pid");
  }

  Path path() {
    return directory;
  }

  /** Whether the configuration file has exactly this text. */
  boolean hasConfig(String text) throws IOException {
    try {
      return Files.readString(configFile()).equals(text);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** Writes the configuration file, readable by its owner only: it may hold a password. */
  void writeConfig(String text) throws IOException {
    Path temporary = directory.resolve("nats-server.conf.tmp");
    Files.deleteIfExists(temporary);
    Files.createFile(temporary, ownerOnly(false));
    Files.writeString(temporary, text);
    Files.move(temporary, configFile(), StandardCopyOption.REPLACE_EXISTING);
  }

  /** Finds the server that still runs here because its parent was killed. */
  Optional<ProcessHandle> findServer() throws IOException {
    String pid;
    try {
      pid = Files.readString(pidFile()).trim();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    return pid.matches("\\d{1,10}")
        ? ProcessHandle.of(Long.parseLong(pid)).filter(this::isServer)
        : Optional.empty();
  }

  /**
   * Whether a process is a server of this directory and not another one that got its number later.
   */
  boolean isServer(ProcessHandle process) {
    String pidFile = pidFile().toString();
    return !hasEnded(process)
        && process
            .info()
            .arguments()
            .map(arguments -> Set.of(arguments.clone()).contains(pidFile))
            .orElse(false);
  }

  /**
   * Whether a process has ended. On Linux one whose parent does not collect it counts as alive; it
   * has no program any more.
   */
  static boolean hasEnded(ProcessHandle process) {
    return !process.isAlive()
        || (Files.isDirectory(Path.of("/proc/self")) && process.info().command().isEmpty());
  }

  /**
   * Returns the first address for clients that the server has written down; it does so when it
   * listens on all its ports.
   */
  Optional<String> clientUrl(long pid) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*_" + pid + ".ports")) {
      for (Path file : files) {
        Matcher matcher = CLIENT_URL.matcher(Files.readString(file, StandardCharsets.UTF_8));
        if (matcher.find()) {
          return Optional.of(matcher.group(1));
        }
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  /** Removes what a server that has ended may have left. */
  void removeTraces() throws IOException {
    Files.deleteIfExists(pidFile());
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.ports")) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      lockChannel.close();
    } finally {
      HELD.remove(directory);
    }
  }

  private static FileAttribute<?>[] ownerOnly(boolean isDirectory) {
    if (!FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
      return new FileAttribute<?>[0];
    }
    Set<PosixFilePermission> permissions = EnumSet.copyOf(OWNER_ONLY);
    if (isDirectory) {
      permissions.add(PosixFilePermission.OWNER_EXECUTE);
    }
    return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)};
  }
}
