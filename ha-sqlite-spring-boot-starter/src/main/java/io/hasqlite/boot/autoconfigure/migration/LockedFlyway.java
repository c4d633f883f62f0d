package io.hasqlite.boot.autoconfigure.migration;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfoService;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;

/** Migrates while no other node commits. */
final class LockedFlyway implements FlywayMigrationStrategy {

  private final MigrationLock lock;
  private final FlywayMigrationStrategy migration;

  LockedFlyway(MigrationLock lock, FlywayMigrationStrategy migration) {
    this.lock = lock;
    this.migration = migration;
  }

  @Override
  public void migrate(Flyway flyway) {
    try {
      lock.run(
          "Flyway", flyway.getConfiguration().getDataSource(), () -> migration.migrate(flyway));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("Flyway failed: " + e.getMessage(), e);
    }
  }

  /** Runs Flyway as it is run without a strategy, and holds nobody up if it has nothing to do. */
  static FlywayMigrationStrategy ofDefault(MigrationLock lock) {
    FlywayMigrationStrategy locked = new LockedFlyway(lock, Flyway::migrate);
    return new FlywayMigrationStrategy() {
      @Override
      public void migrate(Flyway flyway) {
        if (!hasNothingToDo(flyway.info()) || !isValidated(flyway)) {
          locked.migrate(flyway);
        }
      }
    };
  }

  /**
   * Returns false if another node has the database for itself for so long that it must be awaited.
   */
  private static boolean isValidated(Flyway flyway) {
    try {
      flyway.migrate();
      return true;
    } catch (FlywayException e) {
      if (MigrationLock.isRetryable(e)) {
        return false;
      }
      throw e;
    }
  }

  private static boolean hasNothingToDo(MigrationInfoService info) {
    return info.current() != null && info.pending().length == 0;
  }
}
