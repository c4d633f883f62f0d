package io.hasqlite.sqlite;

import io.hasqlite.sqlite.SqliteFile.UnusableFileException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a second process from using the same database. The lock is on a file beside it: opening and
 * closing the database file itself would drop SQLite's own locks of this process (<a
 * href="https://sqlite.org/howtocorrupt.html">How To Corrupt An SQLite Database File</a>, 2.2).
 */
public final class FileLock implements AutoCloseable {

  private final FileChannel channel;

  private FileLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @throws UnusableFileException if another engine has it, in this process or in another one
   */
  public static FileLock acquire(Path database) {
    Path file = database.resolveSibling(database.getFileName() + "-ha-lock");
    FileChannel channel = null;
    boolean locked = false;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      locked = channel.tryLock() != null;
      if (locked) {
        return new FileLock(channel);
      }
      throw inUse(database, file);
    } catch (OverlappingFileLockException e) {
      throw inUse(database, file);
    } catch (IOException e) {
      throw new UnusableFileException(
          "The lock file " + file + " cannot be used: " + e.getMessage(), e);
    } finally {
      if (!locked && channel != null) {
        closeQuietly(channel);
      }
    }
  }

  private static UnusableFileException inUse(Path database, Path file) {
    return new UnusableFileException(
        "The database "
            + database
            + " is in use by another instance of HA SQLite (it holds "
            + file
            + "). Each node needs a file of its own: stop the other one, or set another path",
        null);
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UnusableFileException("A lock file could not be closed", e);
    }
  }

  /** Frees the lock. May be called twice. */
  @Override
  public void close() {
    closeQuietly(channel);
  }
}
