package io.hasqlite.sqlite;

import io.hasqlite.HaSqliteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteOpenMode;

/**
 * A database file: opens sessions with the same pragmas and extensions. Safe for use by threads.
 */
public final class SqliteFile {

  /** The pragmas that a session gets unless the application sets them otherwise. */
  public static final Map<String, String> PRAGMA_DEFAULTS =
      Map.of("synchronous", "NORMAL", "foreign_keys", "ON", "busy_timeout", "5000");

  /** The pragmas that are the engine's: replication rests on them. */
  private static final Set<String> FIXED =
      Set.of(
          "journal_mode",
          "temp_store",
          "recursive_triggers",
          "query_only",
          "writable_schema",
          "schema_version",
          "encoding",
          "locking_mode");

  /** As many as Linux follows. */
  private static final int LINKS_MAX = 40;

  private static final Logger log = LoggerFactory.getLogger(SqliteFile.class);

  /** The file cannot be used as it is. The message says why and what to do. */
  public static final class UnusableFileException extends HaSqliteException {

    private static final long serialVersionUID = 1L;

    UnusableFileException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  private final Path path;
  private final Map<String, String> pragmas;
  private final List<String> extensions;
  private final boolean temporary;

  private SqliteFile(
      Path path, Map<String, String> pragmas, List<String> extensions, boolean temporary) {
    this.path = path;
    this.pragmas = pragmas;
    this.extensions = extensions;
    this.temporary = temporary;
  }

  /**
   * Opens the file, and makes it if it is not there.
   *
   * @param pragmas the application's pragmas, by name
   * @param extensions loadable extensions: a library's path, optionally followed by {@code !} and
   *     the name of its entry point
   * @throws UnusableFileException if it is not a database that can be replicated
   */
  public static SqliteFile open(Path path, Map<String, String> pragmas, List<String> extensions) {
    Path absolute = realPath(path);
    Map<String, String> all = new LinkedHashMap<>(PRAGMA_DEFAULTS);
    pragmas.forEach(
        (name, value) -> {
          String key = name.toLowerCase(Locale.ROOT).replace('-', '_');
          if (FIXED.contains(key)) {
            throw new UnusableFileException(
                "The pragma \"" + name + "\" is set by the engine and cannot be configured", null);
          }
          if (!key.matches("[a-z_]+") || !value.matches("[-+\\w.]+")) {
            throw new UnusableFileException(
                "The pragma \"" + name + "\" has a name or a value that SQLite does not take",
                null);
          }
          all.put(key, value);
        });
    checkPath(absolute);
    boolean created = !Files.exists(absolute);
    SqliteFile file = new SqliteFile(absolute, Map.copyOf(all), List.copyOf(extensions), false);
    file.check();
    if (created) {
      log.info("Created a new database at {}", absolute);
    }
    return file;
  }

  /**
   * Returns the path of the file itself, whatever links lead to it, also if it is not there yet.
   * SQLite follows links, too; what is named after the file, such as its lock, must be the same for
   * all of them.
   *
   * @throws UnusableFileException if links lead nowhere
   */
  public static Path realPath(Path path) {
    Path file = path.toAbsolutePath();
    try {
      for (int links = 0; Files.isSymbolicLink(file); links++) {
        if (links == LINKS_MAX) {
          throw new UnusableFileException("The links of " + path + " lead in a circle", null);
        }
        file = file.resolveSibling(Files.readSymbolicLink(file));
      }
      Path folder = file.getParent();
      return folder == null || !Files.exists(folder)
          ? file.normalize()
          : folder.toRealPath().resolve(file.getFileName()).normalize();
    } catch (IOException e) {
      throw new UnusableFileException(
          "The path " + path + " cannot be followed to its file: " + e.getMessage(), e);
    }
  }

  /**
   * Fails if there can be no database at a path.
   *
   * @throws UnusableFileException if it is a directory, or in none
   */
  public static void checkPath(Path absolute) {
    if (Files.isDirectory(absolute)) {
      throw new UnusableFileException(
          "The database path " + absolute + " is a directory; name a file in it", null);
    }
    Path folder = absolute.getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      throw new UnusableFileException(
          "The folder of the database path "
              + absolute
              + " does not exist; create it, or correct the path",
          null);
    }
  }

  private void check() {
    try (SqliteSession session = openSession()) {
      session.number("PRAGMA main.schema_version");
      String encoding = (String) session.one("PRAGMA main.encoding");
      if (!"UTF-8".equals(encoding)) {
        throw new UnusableFileException(
            "The database "
                + path
                + " has the encoding "
                + encoding
                + ", but only UTF-8 can be replicated; copy it with the sqlite3 tool (.dump)",
            null);
      }
    } catch (SQLException e) {
      throw new UnusableFileException(
          "The file " + path + " cannot be opened as a SQLite database: " + e.getMessage(), e);
    }
  }

  /**
   * Returns another database in the same folder, which does not outlive a crash of the machine: it
   * is deleted before it is made, and nothing of it is ever synced to the disk. Otherwise opened in
   * the same way, with the journal mode that it has.
   */
  public SqliteFile temporary(String suffix) {
    Map<String, String> unsynced = new LinkedHashMap<>(pragmas);
    unsynced.put("synchronous", "OFF");
    return new SqliteFile(
        path.resolveSibling(path.getFileName() + suffix), unsynced, extensions, true);
  }

  /** Deletes the file and those that SQLite keeps beside it. Nobody may have it open. */
  public void delete() throws IOException {
    for (String side : List.of("", "-wal", "-shm", "-journal")) {
      Files.deleteIfExists(path.resolveSibling(path.getFileName() + side));
    }
  }

  /**
   * Tells whether sessions get a pragma, because it has a default here or the application set it.
   */
  boolean isSet(String pragma) {
    return pragmas.containsKey(pragma);
  }

  /** Returns the file's absolute path. */
  public Path path() {
    return path;
  }

  /** Opens a session. */
  public SqliteSession openSession() throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.enableLoadExtension(!extensions.isEmpty());
    if (!temporary) { // to set it writes, and with that syncs, the file before the pragmas hold
      config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    }
    config.setTempStore(SQLiteConfig.TempStore.FILE);
    // Of the driver's calls only interrupt() is not synchronized, which SQLite allows while the
    // connection stays open: it need not lock a second time, for each value
    // (https://sqlite.org/threadsafe.html, multi-thread).
    config.setOpenMode(SQLiteOpenMode.NOMUTEX);
    SQLiteConnection connection = (SQLiteConnection) config.createConnection("jdbc:sqlite:" + path);
    SqliteSession session = new SqliteSession(connection);
    boolean ready = false;
    try {
      for (Map.Entry<String, String> pragma : pragmas.entrySet()) {
        session.execute("PRAGMA " + pragma.getKey() + "=" + pragma.getValue());
      }
      loadExtensions(session);
      ready = true;
    } finally {
      if (!ready) {
        session.close();
      }
    }
    return session;
  }

  /**
   * Brings what is in the write-ahead log into the file and removes the log, so that the file can
   * be copied alone. To be called when all sessions are closed. Where that is not possible, nothing
   * is lost: the log says why, and the file goes with its {@code -wal}, as SQLite always has it.
   */
  public void standAlone() {
    if (!Files.exists(path)) {
      return;
    }
    try (SqliteSession session = openSession()) {
      session.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (SQLException e) {
      log.warn("The write-ahead log of {} could not be brought into it: {}", path, e.getMessage());
      return;
    }
    if (Files.exists(path.resolveSibling(path.getFileName() + "-wal"))) {
      log.warn(
          "The file {} keeps its write-ahead log, since another program has it open; copy it with"
              + " its -wal and -shm",
          path);
    }
  }

  private void loadExtensions(SqliteSession session) throws SQLException {
    for (String extension : extensions) {
      int mark = extension.lastIndexOf('!');
      try {
        if (mark < 0) {
          session.one("SELECT load_extension(?)", extension);
        } else {
          session.one(
              "SELECT load_extension(?,?)",
              extension.substring(0, mark),
              extension.substring(mark + 1));
        }
      } catch (SQLException e) {
        throw new SQLException(
            "The extension " + extension + " cannot be loaded: " + e.getMessage(), "58000", e);
      }
    }
    if (!extensions.isEmpty()) {
      session.driver().getDatabase().enable_load_extension(false);
    }
  }
}
