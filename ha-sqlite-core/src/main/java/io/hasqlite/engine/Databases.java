package io.hasqlite.engine;

import io.hasqlite.sqlite.SqliteFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The databases that are open in this process, by file. Safe for use by several threads. */
public final class Databases {

  private static final Map<Path, HaSqlite> OPEN = new ConcurrentHashMap<>();

  private Databases() {}

  static void add(HaSqlite engine) {
    OPEN.put(engine.path(), engine);
  }

  static void remove(HaSqlite engine) {
    OPEN.remove(engine.path(), engine);
  }

  /** Returns the open database of a file, under whatever path that is named. */
  public static Optional<HaSqlite> find(Path path) {
    return Optional.ofNullable(OPEN.get(SqliteFile.realPath(path)));
  }

  /** Returns all open databases. */
  public static List<HaSqlite> all() {
    return List.copyOf(OPEN.values());
  }

  /** Closes all open databases; each is closed even if another one fails to. */
  public static void shutdown() {
    RuntimeException failure = null;
    for (HaSqlite engine : all()) {
      try {
        engine.close();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
