package io.hasqlite.engine;

import io.hasqlite.HaSqliteException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The engine that all of a file's connections by URL share. It runs while there are any; starting
 * and stopping it happens under a lock of the file, so the next start waits for the last stop.
 */
final class DriverEngine {

  private static final Map<Path, DriverEngine> BY_FILE = new ConcurrentHashMap<>();

  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable DriverUrl url;
  private @Nullable HaSqlite engine;
  private int users;

  private DriverEngine() {}

  static Connection connect(DriverUrl url) throws SQLException {
    return BY_FILE.computeIfAbsent(url.path(), path -> new DriverEngine()).open(url);
  }

  private Connection open(DriverUrl wanted) throws SQLException {
    lock.lock();
    try {
      HaSqlite running = engine;
      if (running == null) {
        running = HaSqlite.open(wanted.engineOptions());
        engine = running;
        url = wanted;
      } else if (!wanted.equals(url)) {
        throw new IllegalArgumentException(
            "The database "
                + wanted.path()
                + " is open in this process with other options: "
                + url
                + ", now "
                + wanted
                + ". All connections to a file need the same");
      }
      users++;
      AtomicBoolean released = new AtomicBoolean();
      boolean opened = false;
      try {
        Connection connection =
            running.connect(
                () -> {
                  if (released.compareAndSet(false, true)) {
                    release();
                  }
                });
        opened = true;
        return connection;
      } finally {
        if (!opened && released.compareAndSet(false, true)) {
          release();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void release() throws SQLException {
    lock.lock();
    try {
      users--;
      HaSqlite last = engine;
      if (users == 0 && last != null) {
        engine = null;
        url = null;
        last.close();
      }
    } catch (HaSqliteException e) {
      throw new SQLException(e.getMessage(), "08006", e);
    } finally {
      lock.unlock();
    }
  }
}
